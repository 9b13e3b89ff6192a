// The command demo: a server, its guests and the steps of the loop, told as they happen.
#include "cli/demo.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdlib.h>
#include <unistd.h>

#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "client/http_client.h"
#include "domain/ledger_words.h"
#include "server/application.h"
#include "simulate/traffic.h"

namespace rankloop::cli {
namespace {

using std::chrono::milliseconds;

struct DemoOptions {
  std::int64_t journeys = 4000;  // a round
  int guests = 32;
  std::uint64_t seed = simulate::kDefaultSeed;
  std::string listen = "127.0.0.1:0";
  bool stay = false;
  bool json = false;
};

// What is trained after each round. Popularity knows no guest, so against a model that does the gate turns it
// away.
constexpr std::array<std::string_view, 5> kFamilies = {"logistic", "popularity", "gbdt", "logistic", ""};

// A folder that goes with the demo.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rankloop-demo-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The demo's own server, on a thread of this process.
class DemoServer {
 public:
  static Result<std::unique_ptr<DemoServer>> start(const std::string& folder, const DemoOptions& options,
                                                   const std::stop_token& stop) {
    // No file and no variable: the demo is the same everywhere.
    config::Sources sources;
    sources.command_line = {{"data_dir", folder},       {"listen", options.listen},
                            {"baseline", "false"},      {"log.level", "error"},
                            {"demo", "true"},           {"exploration.share", "0.05"},
                            {"training.minimum", "250"}};
    sources.environment = [](const std::string&) { return std::nullopt; };
    const auto settings = config::load_settings(sources);
    if (!settings) return settings.error();
    auto application =
        server::Application::build(*settings, [](std::string_view, double, std::string_view) {}, stop);
    if (!application) return application.error();
    return std::make_unique<DemoServer>(*std::move(application));
  }

  explicit DemoServer(std::unique_ptr<server::Application> application)
      : application_(std::move(application)),
        url_(application_->ready_info().url),
        thread_([this] { static_cast<void>(application_->run()); }) {
  }  // whoever asks finds out that it ended
  ~DemoServer() { application_->stop(); }

  const std::string& url() const { return url_; }

  Result<boost::json::value> ask(std::string_view method, const std::string& path,
                                 const std::string& body = {}) const {
    auto server = client::HttpClient::of(url());
    if (!server) return server.error();
    const auto answer = server->ask({.method = method,
                                     .path = path,
                                     .content_type = body.empty() ? "" : "application/json",
                                     .body = body},
                                    milliseconds{10'000});
    if (!answer) return answer.error();
    if (answer->status != 200) return Error{ErrorCode::kInternal, path + " answered " + answer->body};
    return boost::json::parse(answer->body);
  }

 private:
  std::unique_ptr<server::Application> application_;
  const std::string url_;
  std::jthread thread_;  // joins before the application goes
};

std::string bar(double share) {
  constexpr int kWidth = 30;
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kWidth));
  std::string text;
  for (int i = 0; i < kWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

class Demo {
 public:
  Demo(const DemoOptions& options, DemoServer& server, const std::stop_token& stop)
      : options_(options), server_(server), stop_(stop) {}

  Status run() {
    if (!options_.json) {
      std::cout
          << "Guests ask for places to stay, look at the best ten, and pick one. What they pick is worth\n"
             "something to them; the bar shows how far that lies between a random order and the best "
             "possible.\n\n";
    }
    for (std::size_t round = 0; round < kFamilies.size() && !stop_.stop_requested(); ++round) {
      if (Status sent = send_guests(round); !sent) return sent;
      if (kFamilies[round].empty()) continue;
      if (Status trained = train(std::string{kFamilies[round]}); !trained) return trained;
    }
    return {};
  }

 private:
  Status send_guests(std::size_t round) {
    const auto models = server_.ask("GET", "/models");
    if (!models) return models.error();
    std::string answers = "random order";
    for (const auto& model : models->as_array()) {
      if (model.at("champion").as_bool()) {
        answers =
            std::string{model.at("family").as_string()} + " " + boost::json::serialize(model.at("model_id"));
      }
    }
    simulate::TrafficOptions traffic;
    traffic.url = server_.url();
    traffic.guests = options_.guests;
    traffic.journeys = options_.journeys;
    traffic.seed = options_.seed + round;
    traffic.tmin = traffic.tmax = {};
    Progress progress{std::cerr, progress_style(options_.json), answers + " answers", "guests", clock_};
    const auto report = simulate::run_traffic(traffic,
                                              {.progress =
                                                   [&](const simulate::TrafficProgress& p) {
                                                     progress.update(static_cast<double>(p.done),
                                                                     static_cast<double>(options_.journeys));
                                                   },
                                               .failure = {}},
                                              stop_);
    progress.finish();
    if (!report) return report.error();
    const double value = report->value.mean();
    const double way =
        (value - report->value_share_random) / (report->value_share_oracle - report->value_share_random);
    if (options_.json) {
      std::cout << boost::json::serialize(
                       boost::json::object{{"round", round + 1},
                                           {"answers", answers},
                                           {"journeys", report->journeys},
                                           {"value_share", value},
                                           {"value_share_random", report->value_share_random},
                                           {"value_share_oracle", report->value_share_oracle},
                                           {"way", way}})
                << std::endl;
    } else {
      std::printf("  %-14s %s %3.0f %%   value %.3f  (random %.3f, best possible %.3f)\n", answers.c_str(),
                  bar(way).c_str(), 100 * way, value, report->value_share_random, report->value_share_oracle);
      std::fflush(stdout);
    }
    return {};
  }

  Status train(const std::string& family) {
    const auto started = server_.ask("POST", "/train/start", R"({"family":")" + family + R"("})");
    if (!started) return started.error();
    const std::string task{started->at("task_id").as_string()};
    while (!stop_.stop_requested()) {
      const auto status = server_.ask("GET", "/train/status/" + task);
      if (!status) return status.error();
      const auto& word = status->at("status").as_string();
      if (word == "SUCCESS") return tell_verdict(family, status->at("model_id"));
      if (word == "FAILURE" || word == "REVOKED") {
        return Error{ErrorCode::kInternal, "the training ended as " + boost::json::serialize(*status)};
      }
      std::this_thread::sleep_for(milliseconds{50});
    }
    return {};
  }

  Status tell_verdict(const std::string& family, const boost::json::value& id) {
    const auto model = server_.ask("GET", "/models/" + boost::json::serialize(id));
    if (!model) return model.error();
    const std::string verdict{model->at("verdict").as_string()};
    const std::string reason{model->at("gate").at("reasons").as_array().front().as_string()};
    if (options_.json) {
      std::cout << boost::json::serialize(boost::json::object{
                       {"model_id", id}, {"family", family}, {"verdict", verdict}, {"reason", reason}})
                << std::endl;
      return {};
    }
    const std::optional<Verdict> said = parse_verdict(verdict);
    const std::string words = said == Verdict::kPromote  ? "promoted"
                              : said == Verdict::kReject ? "rejected"
                                                         : verdict;
    std::printf("      trained %s %s: %s\n      %s\n\n", family.c_str(), boost::json::serialize(id).c_str(),
                words.c_str(), reason.c_str());
    return {};
  }

  const DemoOptions& options_;
  DemoServer& server_;
  const std::stop_token stop_;
  const SystemClock clock_;
};

int run_demo(const DemoOptions& options) {
  const Interruption interruption;
  const ScratchFolder folder;
  if (folder.path().empty()) {
    return complain({ErrorCode::kUnavailable, "there is no temporary folder to write to (TMPDIR)"});
  }
  auto server = DemoServer::start(folder.path(), options, interruption.token());
  if (!server) return complain(server.error());
  if (!options.json) std::cout << "rankloop demo on " << (*server)->url() << "\n\n";
  const Status done = Demo(options, **server, interruption.token()).run();
  if (!done) return complain(done.error());
  if (options.stay && !interruption.token().stop_requested()) {
    if (!options.json)
      std::cout << "Still serving on " << (*server)->url() << ". Ctrl-C ends it." << std::endl;
    while (!interruption.token().stop_requested()) std::this_thread::sleep_for(milliseconds{100});
  } else if (!options.json) {
    std::cout << "That was one loop: shown, picked, learned, proved, promoted. 'rankloop serve' keeps one "
                 "running.\n";
  }
  return 0;
}

}  // namespace

void add_demo(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command =
      app.add_subcommand("demo", "Watch the loop learn from simulated guests, in about a minute");
  command->add_option("--journeys", options->journeys, "Guests a round")
      ->check(CLI::Range(500, 1'000'000))
      ->capture_default_str();
  command->add_option("--guests", options->guests, "Guests at the same time")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Of the guests")->capture_default_str();
  command->add_option("--listen", options->listen, "Address of the demo's server (port 0: any free one)")
      ->capture_default_str();
  command->add_flag("--stay", options->stay, "Go on serving at the end, to look around");
  command->add_flag("--json", options->json, "A JSON object a line");
  command->footer(
      "A real server on a temporary folder, which is removed at the end.\n\n"
      "Examples:\n"
      "  rankloop demo\n"
      "  rankloop demo --stay --listen 127.0.0.1:4789");
  command->callback([options, &result] { result.exit_code = run_demo(*options); });
}

}  // namespace rankloop::cli
