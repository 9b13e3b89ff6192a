// Asks a server for an evaluation and waits for it, or evaluates a stopped store.
#include "cli/evaluate_model.h"

#include <charconv>
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/learn/evaluation_request.h"
#include "app/learn/ledger_evaluation.h"
#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/policy_table.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "client/http_client.h"
#include "domain/clock.h"
#include "server/data_directory.h"
#include "server/offline.h"
#include "server/options.h"
#include "sync/sleep.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::seconds kDeadline{60};
constexpr std::chrono::milliseconds kLook{250};  // between two looks at the task

// The body of POST /evaluations.
Result<boost::json::value> body_of(const EvaluateModelOptions& options, double clip) {
  boost::json::object body;
  std::int64_t number = 0;
  const char* const end = options.model.data() + options.model.size();
  if (const auto [last, fault] = std::from_chars(options.model.data(), end, number);
      fault == std::errc{} && last == end) {
    body["model_id"] = number;
  } else {
    body["policy"] = options.model;
  }
  if (options.explore) body["explore"] = *options.explore;
  if (!options.explore_by.empty()) body["explore_by"] = options.explore_by;
  if (options.temperature) body["temperature"] = *options.temperature;
  if (options.gamma) body["gamma"] = *options.gamma;
  if (options.window) body["window"] = *options.window;
  if (!options.since.empty()) body["since"] = options.since;
  if (!options.until.empty()) body["until"] = options.until;
  if (options.positions) body["positions"] = *options.positions;
  if (options.include_trained) body["include_trained"] = true;
  if (!options.family.empty()) body["family"] = options.family;
  if (options.folds) body["folds"] = *options.folds;
  body["clip"] = clip;
  return boost::json::value(std::move(body));
}

using Answer = Result<boost::json::value>;

// The evaluation task of a server, from its start to its end.
class ServerTask {
 public:
  explicit ServerTask(client::HttpClient server) : server_(std::move(server)) {}

  Answer run(const boost::json::value& body, Progress& bar, const std::stop_token& stop) {
    const Answer started = ask("POST", "/evaluations", boost::json::serialize(body));
    if (!started) return started;
    const std::string path = "/evaluations/" + std::string{started->as_object().at("task_id").as_string()};
    for (;;) {
      Answer now = ask("GET", path, {});
      if (!now) return now;
      const boost::json::object& task = now->as_object();
      const std::string_view status{task.at("status").as_string()};
      if (status == "SUCCESS") return task.at("evaluation");
      if (status == "FAILURE" || status == "REVOKED") {
        const boost::json::value& why = task.at("error");
        return Error(ErrorCode::kFailedPrecondition,
                     why.is_string() ? std::string{why.get_string()} : "the evaluation was revoked");
      }
      bar.update(task.at("progress").to_number<double>(), 1);
      if (sleep_for(kLook, stop)) continue;
      (void)ask("POST", path + "/cancel", {});
      return Error(ErrorCode::kAborted, "the evaluation was cancelled");
    }
  }

 private:
  Answer ask(std::string_view method, const std::string& path, const std::string& body) {
    const std::string_view type = body.empty() ? std::string_view{} : "application/json";
    const auto answer =
        server_.ask({.method = method, .path = path, .content_type = type, .body = body}, kDeadline);
    if (!answer) return answer.error();
    if (answer->status / 100 != 2) return error_of(*answer);
    return boost::json::parse(answer->body);
  }

  client::HttpClient server_;
};

// Lists as `evaluate policy FILE` reads them: those of which the chances at positions are known.
class ListFile {
 public:
  explicit ListFile(const std::string& name) : out_(name, std::ios::binary | std::ios::trunc) {}

  void write(const app::EvaluatedList& list) {
    if (first_) {
      out_
          << "request\tposition\titem\tperson\treward\tpropensity\ttarget\tjoint\tjoint_target\texamination\t"
             "examined\texamined_target\tpredicted\tpredicted_mean\n";
    }
    first_ = false;
    if (!list.placed) return;
    for (std::size_t i = 0; i < list.logged.size(); ++i) {
      const ml::LoggedItem& item = list.logged[i];
      out_ << fmt::format(
          "{}\t{}\t{}\t{}\t{:.17g}\t{:.17g}\t{:.17g}\t{:.17g}\t{:.17g}\t{:.17g}\t{:.17g}\t{:.17g}"
          "\t{:.17g}\t{:.17g}\n",
          list.request.value, i + 1, list.items[i].value, list.person, item.reward, item.propensity,
          item.target, item.joint, item.joint_target, item.examination, item.examined, item.examined_target,
          item.predicted, item.predicted_mean);
    }
  }
  bool finish() { return static_cast<bool>(out_.flush()); }

 private:
  std::ofstream out_;
  bool first_ = true;
};

Answer evaluate_store(const EvaluateModelOptions& options, const config::Settings& settings,
                      const boost::json::value& body, Progress& bar, const std::stop_token& stop) {
  if (Status there = server::check_store_is_there(settings); !there) return there.error();
  const auto training = server::training_options(settings, nullptr);
  if (!training) return training.error();
  const auto request = app::read_evaluation_body(body, training->dataset.window);
  if (!request) return request.error();
  config::Settings as_it_is = settings;
  as_it_is.empty = true;  // what the first start would add is nobody's wish here
  const auto offline = server::open_offline(as_it_is);
  if (!offline) return offline.error();
  server::Workspace& workspace = (*offline)->workspace;
  std::unique_ptr<ListFile> file;
  if (!options.log.empty()) file = std::make_unique<ListFile>(options.log);
  std::function<void(const app::EvaluatedList&)> visit;
  if (file) visit = [&](const app::EvaluatedList& list) { file->write(list); };
  const auto evaluation = app::evaluate_ledger(
      {workspace.store(), workspace.domain, workspace.app().serving.current()->catalog}, *request,
      server::evaluation_options(settings, *training),
      [&](const app::EvaluationProgress& progress) { bar.update(progress.share, 1, progress.phase); }, visit,
      stop);
  if (!evaluation) return evaluation.error();
  if (file && !file->finish()) return Error{ErrorCode::kUnavailable, "cannot write '" + options.log + "'"};
  return boost::json::parse(app::to_json(*evaluation));
}

Answer evaluate(const EvaluateModelOptions& options, const boost::json::value& body, Progress& bar,
                const std::stop_token& stop) {
  const auto settings = read_settings(options.place.config_file, options.place.settings);
  if (!settings) return settings.error();
  std::string url = options.place.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  if (url.empty()) return evaluate_store(options, *settings, body, bar, stop);
  if (!options.log.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--log writes lists of a stopped store; a server at " + url + " answers here"};
  }
  auto server = client::HttpClient::of(url, settings->auth_token);
  if (!server) return server.error();
  return ServerTask{*std::move(server)}.run(body, bar, stop);
}

std::string counted(const boost::json::value& value) {
  return std::to_string(value.to_number<std::int64_t>());
}

// What the table rests on.
std::string heading(const boost::json::object& evaluation) {
  const boost::json::object& target = evaluation.at("target").as_object();
  const boost::json::object& requests = evaluation.at("requests").as_object();
  const boost::json::object& report = evaluation.at("report").as_object();
  std::string text{target.at("family").as_string()};
  if (!target.at("model_id").is_null()) text += " " + counted(target.at("model_id"));
  const auto explore = target.at("explore").to_number<double>();
  if (explore > 0 && explore < 1) text += fmt::format(", of which {:.4g} % explores", 100 * explore);
  text += fmt::format(": {} of {} requests, {} lists of {} people, {:.3g} % of them in a random order\n",
                      counted(requests.at("used")), counted(requests.at("read")), counted(report.at("lists")),
                      counted(report.at("people")),
                      100 * evaluation.at("logs").as_object().at("randomised_share").to_number<double>());
  for (const boost::json::value& each : requests.at("left_out").as_array()) {
    const boost::json::object& left_out = each.as_object();
    text += fmt::format("  left out {}: {}\n", counted(left_out.at("requests")),
                        std::string_view{left_out.at("because").as_string()});
  }
  return text + "\n";
}

std::string to_table(const boost::json::object& evaluation) {
  std::string text = heading(evaluation);
  text += policy_table(evaluation.at("report").as_object(), {evaluation.at("confidence").to_number<double>(),
                                                             evaluation.at("clip").to_number<double>()});
  const boost::json::array& steps = evaluation.at("next_steps").as_array();
  if (!steps.empty()) text += "\nwhat would help\n";
  for (const boost::json::value& step : steps) text += "  - " + std::string{step.as_string()} + "\n";
  return text;
}

}  // namespace

void add_evaluate_model_options(CLI::App& command, EvaluateModelOptions& options) {
  command
      .add_option("--model", options.model,
                  "Instead of a file: a model of the registry by its number, champion, or random; the ledger "
                  "is asked")
      ->type_name("MODEL");
  command
      .add_option(
          "--explore", options.explore,
          "The share of the requests that --explore-by answers instead of the model (default: 0; with "
          "softmax and squarecb 1)")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--explore-by", options.explore_by,
                  "How: uniform (default), epsilon_positions, softmax or squarecb")
      ->type_name("WAY");
  command.add_option("--temperature", options.temperature, "Of softmax (default: 0.15)")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--gamma", options.gamma, "Of squarecb (default: 1000)")->check(CLI::NonNegativeNumber);
  command
      .add_option("--window", options.window,
                  "The newest requests with an outcome to look at (default: training.window)")
      ->check(CLI::PositiveNumber);
  command.add_option("--since", options.since, "Only requests that came then or later")->type_name("TIME");
  command.add_option("--until", options.until, "Only requests that came before")->type_name("TIME");
  command
      .add_option("--positions", options.positions, "So much of each list counts, from the top (default: 10)")
      ->check(CLI::Range(1, 30));
  command.add_flag("--include-trained", options.include_trained,
                   "Also requests that the model has learned from");
  command.add_option("--family", options.family, "Of the models of the reward (default: logistic)");
  command
      .add_option("--folds", options.folds,
                  "People are divided into so many parts; each is predicted by a model that has not seen it "
                  "(default: 3)")
      ->check(CLI::Range(2, 10));
  command
      .add_option("--log", options.log,
                  "Write the lists of a stopped store to a file that 'evaluate policy FILE' reads")
      ->type_name("FILE");
  add_server_options(command, options.place);
}

int run_evaluate_model(const EvaluateModelOptions& options, double clip, bool json) {
  const Interruption interruption;
  const SystemClock clock;
  const auto body = body_of(options, clip);
  if (!body) return complain(body.error());
  Progress bar{std::cerr, progress_style(json), "evaluating", "", clock};
  const Answer answer = evaluate(options, *body, bar, interruption.token());
  bar.finish();
  if (!answer) return complain(answer.error());
  const boost::json::object& evaluation = answer->as_object();
  std::cout << (json ? boost::json::serialize(*answer) + "\n" : to_table(evaluation)) << std::flush;
  return evaluation.at("report").as_object().at("refusals").as_array().empty() ? 0 : kFailed;
}

}  // namespace rankloop::cli
