// The command experiments with its commands, over a server's API.
#include "cli/experiments.h"

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "cli/experiment_draft.h"
#include "cli/experiment_text.h"
#include "cli/registry.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "client/http_client.h"

namespace rankloop::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kDeadline{60};

struct ExperimentsOptions {
  RegistryPlace place;
  std::string which;  // a number or a name
  std::string reason;
  std::string conclusion;
  std::string arm;
  ExperimentDraft draft;
  double effect = 0;
  std::optional<double> baseline;
  std::optional<double> deviation;
  std::optional<double> power;
  std::optional<double> alpha;
  bool interleaved = false;
  bool json = false;
};

class Experiments {
 public:
  explicit Experiments(client::HttpClient server) : server_(std::move(server)) {}

  Result<json::value> get(const std::string& path) { return ask({.path = path}); }
  Result<json::value> post(const std::string& path, const json::object& body) {
    const std::string text = json::serialize(body);
    return ask({.method = "POST", .path = path, .content_type = "application/json", .body = text});
  }
  // The path of the experiment that a number or a name stands for.
  Result<std::string> path_of(const std::string& which) {
    const auto all = get("/experiments");
    if (!all) return all.error();
    std::string numbers;
    std::size_t named = 0;
    for (const json::value& each : all->as_array()) {
      const std::string number = json::serialize(each.at("experiment_id"));
      if (number == which) return "/experiments/" + number;
      if (std::string_view{each.at("name").as_string()} != which) continue;
      numbers += (named++ == 0 ? "" : ", ") + number;
    }
    if (named == 1) return "/experiments/" + numbers;
    if (named == 0)
      return Error{ErrorCode::kNotFound, "no experiment has the number or the name '" + which + "'"};
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{} experiments are called '{}': say the number, one of {}", named, which, numbers)};
  }

 private:
  Result<json::value> ask(const client::Call& call) {
    const auto answer = server_.ask(call, kDeadline);
    if (!answer) return answer.error();
    if (answer->status / 100 != 2) return error_of(*answer);
    boost::system::error_code fault;
    json::value value = json::parse(answer->body, fault);
    if (fault) return Error{ErrorCode::kInternal, "the server's answer is no JSON"};
    return value;
  }

  client::HttpClient server_;
};

using Command = std::function<Result<json::value>(Experiments&, const ExperimentsOptions&)>;
using Print = std::function<std::string(const json::value&, const ExperimentsOptions&)>;

int run(const ExperimentsOptions& options, const Command& command, const Print& print) {
  const auto settings = read_settings(options.place.config_file, options.place.settings);
  if (!settings) return complain(settings.error());
  auto server = client::HttpClient::of(server_to_ask(options.place, *settings), settings->auth_token);
  if (!server) return complain(server.error());
  Experiments experiments(*std::move(server));
  const auto answer = command(experiments, options);
  if (!answer) return complain(answer.error());
  std::cout << (options.json ? json::serialize(*answer) + "\n" : print(*answer, options)) << std::flush;
  return 0;
}

// The experiment with what it says so far, in one object.
Result<json::value> show(Experiments& experiments, const ExperimentsOptions& options) {
  const auto path = experiments.path_of(options.which);
  if (!path) return path.error();
  auto experiment = experiments.get(*path);
  if (!experiment) return experiment;
  const auto report = experiments.get(*path + "/report");
  if (!report) return report;
  experiment->as_object()["report"] = *report;
  return experiment;
}

Result<json::value> create(Experiments& experiments, const ExperimentsOptions& options) {
  auto body = body_of(options.draft);
  if (!body) return body.error();
  (*body)["actor"] = "cli";
  if (!options.reason.empty()) (*body)["reason"] = options.reason;
  return experiments.post("/experiments", *body);
}

Command change(std::string what) {
  return [what = std::move(what)](Experiments& experiments,
                                  const ExperimentsOptions& options) -> Result<json::value> {
    const auto path = experiments.path_of(options.which);
    if (!path) return path.error();
    json::object body{{"reason", options.reason}, {"actor", "cli"}};
    if (!options.conclusion.empty()) body["conclusion"] = options.conclusion;
    if (!options.arm.empty()) body["arm"] = options.arm;
    return experiments.post(*path + "/" + what, body);
  };
}

Result<json::value> size(Experiments& experiments, const ExperimentsOptions& options) {
  std::string path = "/experiments/size?effect=" + fmt::format("{}", options.effect);
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) path += fmt::format("&{}={}", name, *value);
  };
  add("baseline", options.baseline);
  add("deviation", options.deviation);
  add("power", options.power);
  add("alpha", options.alpha);
  if (options.interleaved) path += "&method=interleaving";
  return experiments.get(path);
}

std::string print_experiment(const json::value& experiment, const ExperimentsOptions&) {
  const json::object& object = experiment.as_object();
  std::string text = experiment_text(object);
  if (const json::value* report = object.if_contains("report");
      report != nullptr && !object.at("started").is_null())
    text += report_text(report->as_object());
  return text;
}

class Commands {
 public:
  Commands(CLI::App& parent, CommandResult& result) : parent_(parent), result_(result) {}

  // A subcommand with the options that all of them have.
  CLI::App* add(const std::string& name, const std::string& help, const std::string& examples,
                Command command, Print print = print_experiment) {
    CLI::App* sub = parent_.add_subcommand(name, help);
    sub->footer(examples);
    add_server_options(*sub, options_->place);
    sub->add_flag("--json", options_->json, "The API's answer as JSON");
    sub->callback([options = options_, &result = result_, command = std::move(command),
                   print = std::move(print)] { result.exit_code = run(*options, command, print); });
    return sub;
  }
  void which(CLI::App* sub) {
    sub->add_option("experiment", options_->which, "The experiment's number or name")
        ->type_name("EXPERIMENT")
        ->required();
  }
  void reason(CLI::App* sub) { sub->add_option("--reason", options_->reason, "Why; kept in the history"); }
  ExperimentsOptions& options() { return *options_; }

 private:
  CLI::App& parent_;
  CommandResult& result_;
  std::shared_ptr<ExperimentsOptions> options_ = std::make_shared<ExperimentsOptions>();
};

void add_reads(Commands& commands) {
  commands.add(
      "list", "Every experiment with its state and outcome", "Example:\n  rankloop experiments list --json",
      [](Experiments& experiments, const ExperimentsOptions&) { return experiments.get("/experiments"); },
      [](const json::value& all, const ExperimentsOptions&) { return experiments_text(all.as_array()); });
  commands.which(commands.add(
      "show", "One experiment and what it says so far",
      "Examples:\n  rankloop experiments show 3\n  rankloop experiments show 'new mlp' --json", show));
  CLI::App* sizes = commands.add("size", "How many people it takes to see an effect",
                                 "Examples:\n  rankloop experiments size --baseline 0.3 --effect 0.02\n"
                                 "  rankloop experiments size --baseline 0.3 --effect 0.05 --interleaved",
                                 size, [](const json::value& found, const ExperimentsOptions& options) {
                                   return size_text(found.as_object(), options.interleaved);
                                 });
  ExperimentsOptions& options = commands.options();
  sizes->add_option("--effect", options.effect, "The difference that is to be seen, in the metric's unit")
      ->required();
  sizes->add_option("--baseline", options.baseline, "The control's rate");
  sizes->add_option("--deviation", options.deviation, "Between people, where the metric is a mean");
  sizes->add_option("--power", options.power, "The chance to see an effect that is there (default: 0.8)");
  sizes->add_option("--alpha", options.alpha, "The chance to see one that is not (default: 0.05)");
  sizes->add_flag("--interleaved", options.interleaved, "Everybody sees lists of both arms");
}

void add_changes(Commands& commands) {
  CLI::App* draft = commands.add(
      "create", "Draft an experiment; it answers nobody until it is started",
      "Examples:\n"
      "  rankloop experiments create --name 'new mlp' --arm control=champion --arm mlp=7 --smallest-effect "
      "0.02\n"
      "  rankloop experiments create --name taste --method interleaving --arm old=champion --arm new=7 "
      "--smallest-effect 0.05\n"
      "  rankloop experiments create --file experiment.toml --ramp\n"
      "\n"
      "A file has the members of POST /experiments; docs/experiments.md tells what they mean.",
      create);
  add_draft_options(*draft, commands.options().draft);
  commands.reason(draft);
  const auto changes = [&](const std::string& name, const std::string& help, const std::string& example) {
    CLI::App* sub = commands.add(name, help, "Example:\n  rankloop experiments " + example, change(name));
    commands.which(sub);
    commands.reason(sub);
    return sub;
  };
  changes("start", "Let its arms answer", "start 'new mlp' --reason 'the offline figures are good'");
  changes("stop", "End it; the champion answers again", "stop 3 --reason enough");
  CLI::App* end = changes("conclude", "Say what it came to; it promotes nobody",
                          "conclude 3 winner --arm mlp --reason 'picked more often'");
  end->add_option("conclusion", commands.options().conclusion, "Why it is over")
      ->required()
      ->check(CLI::IsMember({"winner", "no_difference", "harmful", "invalid", "abandoned"}));
  end->add_option("--arm", commands.options().arm, "Which arm won, or is meant");
}

}  // namespace

void add_experiments(CLI::App& app, CommandResult& result) {
  CLI::App* parent =
      app.add_subcommand("experiments", "Compare models on people: draft, start, look, stop, conclude");
  parent->require_subcommand(1);
  parent->footer(
      "Examples:\n"
      "  rankloop experiments list\n"
      "  rankloop experiments create --name 'new mlp' --arm control=champion --arm mlp=7 --smallest-effect "
      "0.02\n"
      "  rankloop experiments start 'new mlp' --reason 'the offline figures are good'\n"
      "  rankloop experiments show 'new mlp'\n"
      "  rankloop experiments conclude 'new mlp' winner --arm mlp\n"
      "All of them ask a running server.");
  Commands commands(*parent, result);
  add_reads(commands);
  add_changes(commands);
}

}  // namespace rankloop::cli
