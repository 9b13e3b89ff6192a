// The commands simulate data and simulate traffic.
#include "cli/simulate.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "cli/serve.h"
#include "domain/domain.h"
#include "simulate/labelled.h"
#include "simulate/traffic.h"

namespace rankloop::cli {
namespace {

struct DataOptions {
  simulate::LabelledOptions labelled;
  std::uint64_t places_seed = simulate::kPlacesSeed;
  std::string profile = "default";
  std::string out;
  std::string train_out;
  std::string test_out;
  double test_share = 0.2;
  bool true_score = false;
  bool quiet = false;
};

Status write_file(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::cout << text << std::flush;
    if (std::cout) return {};
  } else {
    std::ofstream file{path, std::ios::binary};
    file << text;
    file.close();
    if (file) return {};
  }
  return Error{ErrorCode::kUnavailable, "cannot write \"" + path + "\""};
}

int run_data(const DataOptions& options) {
  if (options.out.empty() && options.train_out.empty() && options.test_out.empty()) {
    return complain(
        {ErrorCode::kInvalidArgument, "nothing to write: give --out, or --train-out and --test-out"});
  }
  const auto profile = simulate::find_profile(options.profile);
  if (!profile) return complain(profile.error());
  const auto domain = default_domain();
  const auto places = simulate::make_places(options.places_seed);
  std::vector<double> scores;
  const auto rows = simulate::make_labelled(*domain, places, *profile, options.labelled,
                                            options.true_score ? &scores : nullptr);
  if (!rows) return complain(rows.error());

  const std::size_t first_test = ml::split_row(*rows, options.test_share);
  const auto write = [&](const std::string& path, std::size_t first, std::size_t last) -> Status {
    if (path.empty()) return {};
    if (Status written = write_file(path, simulate::to_tsv(*domain, *rows, first, last, scores)); !written)
      return written;
    if (!options.quiet && path != "-") std::cerr << path << ": " << last - first << " rows\n";
    return {};
  };
  for (const Status& written : {write(options.out, 0, rows->rows()), write(options.train_out, 0, first_test),
                                write(options.test_out, first_test, rows->rows())}) {
    if (!written) return complain(written.error());
  }
  return 0;
}

void add_data(CLI::App& simulate, CommandResult& result) {
  auto options = std::make_shared<DataOptions>();
  CLI::App* command = simulate.add_subcommand("data", "Write a labelled training set as tab-separated text");
  command->add_option("--guests", options->labelled.guests, "How many guests are drawn")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--places-per-guest", options->labelled.places_per_guest, "Places each guest sees")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--seed", options->labelled.seed, "Seed of the guests")->capture_default_str();
  command->add_option("--places-seed", options->places_seed, "Seed of the catalog")->capture_default_str();
  command->add_option("--profile", options->profile, "default, noisy, regulars or a TOML file")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--out", options->out, "File of all rows (-: standard output)")->type_name("FILE");
  command->add_option("--train-out", options->train_out, "File of the first guests' rows")->type_name("FILE");
  command->add_option("--test-out", options->test_out, "File of the last guests' rows")->type_name("FILE");
  command->add_option("--test-share", options->test_share, "The share of guests kept for --test-out")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--true-score", options->true_score,
                    "Append a column score: the guest's own, which decides what it picks");
  command->add_flag("--quiet", options->quiet, "Only say what went wrong");
  command->footer(
      "Examples:\n"
      "  rankloop simulate data --out labelled.tsv\n"
      "  rankloop simulate data --seed 7 --train-out train.tsv --test-out test.tsv\n"
      "  rankloop simulate data --guests 5000 --profile noisy --out -\n"
      "  rankloop simulate data --true-score --out judged.tsv && rankloop evaluate judged.tsv");
  command->callback([options, &result] { result.exit_code = run_data(*options); });
}

struct TrafficCommand {
  RegistryPlace place;
  simulate::TrafficOptions traffic;
  double tmin = 0.1;
  double tmax = 3;
  bool no_wait = false;
  std::string profile = "default";
  bool json = false;
  bool quiet = false;
};

int run_traffic_command(TrafficCommand& command) {
  auto profile = simulate::find_profile(command.profile);
  if (!profile) return complain(profile.error());
  const auto settings = read_settings(command.place.config_file, command.place.settings);
  if (!settings) return complain(settings.error());
  simulate::TrafficOptions& options = command.traffic;
  options.url = server_to_ask(command.place, *settings);
  if (options.token.empty()) options.token = settings->auth_token;
  options.profile = std::move(*profile);
  options.tmin = std::chrono::duration<double>{command.no_wait ? 0 : command.tmin};
  options.tmax = std::chrono::duration<double>{command.no_wait ? 0 : command.tmax};

  const Interruption interruption;
  const SystemClock clock;
  const ProgressStyle style = progress_style(command.quiet || command.json);
  Progress progress{std::cerr, style, "traffic", "journeys", clock};
  simulate::TrafficObserver observer;
  observer.failure = [style](const std::string& reason) {
    if (style == ProgressStyle::kBar) std::cerr << '\n';  // leave the bar's line
    std::cerr << "rankloop: a journey failed: " << reason << '\n';
  };
  observer.progress = [&](const simulate::TrafficProgress& state) {
    const std::string note = state.failed > 0 ? std::to_string(state.failed) + " failed" : std::string{};
    progress.update(static_cast<double>(state.done), static_cast<double>(options.journeys), note);
  };
  const auto report = simulate::run_traffic(options, observer, interruption.token());
  progress.finish();
  if (!report) return complain(report.error());
  std::cout << (command.json ? to_json(*report) + "\n" : to_table(*report)) << std::flush;
  return report->failed > 0 ? kFailed : 0;
}

void add_pace(CLI::App& app, TrafficCommand& command) {
  app.add_option("--guests", command.traffic.guests, "Guests at the same time")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--journeys", command.traffic.journeys, "Journeys in all (0: until interrupted)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--rate", command.traffic.rate,
                 "Journeys that begin in a second (0: whenever a guest is free)")
      ->check(CLI::Range(0.0, 100'000.0))
      ->capture_default_str();
  app.add_option("--tmin", command.tmin, "The least seconds a guest waits before it asks and before it picks")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--tmax", command.tmax, "The most seconds, in the same way")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_flag("--no-wait", command.no_wait, "Nobody waits: as much load as the guests can make");
  const std::map<std::string, simulate::Polling> pollings = {{"wait", simulate::Polling::kWait},
                                                             {"tight", simulate::Polling::kTight},
                                                             {"interval", simulate::Polling::kInterval}};
  app.add_option("--polling", command.traffic.polling,
                 "How a guest waits for SUCCESS: wait (a long poll), tight (polls without a pause) or\n"
                 "interval (a poll every 5 ms)")
      ->transform(CLI::CheckedTransformer(pollings))
      ->default_str("wait");
}

void add_behaviour(CLI::App& app, TrafficCommand& command) {
  app.add_option("--seed", command.traffic.seed, "Seed of the guests")->capture_default_str();
  app.add_option("--first-journey", command.traffic.first_journey,
                 "The number of the first journey: with the same seed a run goes on where another ended")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option(
         "--profile", command.profile,
         "Who comes: default, noisy, regulars (people who come again, and places that rise and fall)\n"
         "or a TOML file")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--decision", command.traffic.choosing.decision,
                 "The probability that a guest decides at all")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--position-bias", command.traffic.choosing.position_bias,
                 "Position k is looked at with probability k^-bias (0: everything is)")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--limit", command.traffic.limit, "Results a guest asks for")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

void add_traffic(CLI::App& simulate, CommandResult& result) {
  auto command = std::make_shared<TrafficCommand>();
  CLI::App* app = simulate.add_subcommand("traffic", "Send simulated guests to a running server");
  add_server_options(*app, command->place);
  app->add_option("--token", command->traffic.token, "What a server with auth.token asks for")
      ->envname("RANKLOOP_AUTH_TOKEN");
  add_pace(*app, *command);
  add_behaviour(*app, *command);
  app->add_flag("--json", command->json, "The summary as one line of JSON");
  app->add_flag("--quiet", command->quiet, "No progress");
  app->footer(
      "Examples:\n"
      "  rankloop simulate traffic --journeys 2000\n"
      "  rankloop simulate traffic --no-wait --guests 32 --journeys 20000 --json\n"
      "  rankloop simulate traffic --profile noisy --journeys 0        until Ctrl-C\n"
      "  rankloop simulate traffic --profile regulars --journeys 4000 --first-journey 4000\n"
      "\n"
      "value share: the true score of the pick over the best in the catalog, mean over all guests.\n"
      "Exit status: 0, 1 when a journey failed or the server cannot be reached, 2 for wrong input.");
  app->callback([command, &result] { result.exit_code = run_traffic_command(*command); });
}

}  // namespace

void add_simulate(CLI::App& app, CommandResult& result) {
  CLI::App* command = app.add_subcommand("simulate", "Simulated guests: training data and traffic");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  rankloop simulate data --out labelled.tsv\n"
      "  rankloop simulate traffic --journeys 1000");
  add_data(*command, result);
  add_traffic(*command, result);
}

}  // namespace rankloop::cli
