// The command train: rows from a file or a store, a model of one family, its figures and its artefact.
#include "cli/train.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "app/learn/dataset.h"
#include "app/learn/keyed_model.h"
#include "app/learn/labelled_file.h"
#include "app/learn/position_weights.h"
#include "cli/evaluate.h"
#include "cli/fit_model.h"
#include "cli/interruption.h"
#include "cli/serve.h"
#include "cli/trained_model.h"
#include "cli/tuning.h"
#include "domain/item_keys.h"
#include "domain/strict_json.h"
#include "ml/evaluate.h"
#include "ml/families/families.h"
#include "ml/feature_space.h"
#include "ml/train.h"
#include "server/domain_source.h"
#include "server/offline.h"
#include "server/options.h"

namespace rankloop::cli {
namespace {

constexpr double kValidationShare = 0.1;

struct TrainOptions {
  std::string config_file;
  std::map<std::string, std::string> settings;
  ml::TrainingPlan plan;
  std::string recipe = "default";
  std::string objective;  // empty: logistic for files, that of the settings for a store
  std::string data;
  std::string test;
  std::string out;
  std::string scores;
  std::vector<std::string> hyperparameters;  // "gbdt.depth=8"
  std::size_t trials = 0;                    // of a search before the training; 0: none
  bool no_crosses = false;
  bool json = false;

  bool from_store() const { return settings.contains("data_dir"); }
};

struct Parts {
  ml::LabelledRows train;
  ml::LabelledRows validation;
  std::optional<ml::LabelledRows> test;
  bool test_imported = false;  // of a store that has nothing else to judge by
};

Result<ml::LabelledRows> read_file(const std::string& file, const Domain& domain, bool crosses,
                                   ItemKeys& keys) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  return app::read_labelled(text.str(), file, domain, crosses, keys);
}

Result<Parts> parts_of_files(const TrainOptions& options, const Domain& domain, ItemKeys& keys) {
  Result<ml::LabelledRows> rows = read_file(options.data, domain, !options.no_crosses, keys);
  if (!rows) return rows.error();
  Parts parts;
  if (options.plan.recipe == ml::Recipe::kReference) {
    parts.train = *std::move(rows);
  } else {
    const std::size_t split = ml::split_row(*rows, kValidationShare);
    parts.train = ml::slice(*rows, 0, split);
    parts.validation = ml::slice(*rows, split, rows->rows());
  }
  if (!options.test.empty()) {
    Result<ml::LabelledRows> test = read_file(options.test, domain, !options.no_crosses, keys);
    if (!test) return test.error();
    parts.test = *std::move(test);
  }
  return parts;
}

void drop_crosses(ml::LabelledRows& rows, std::size_t width) {
  std::vector<float> values;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto row = rows.row(r).first(width);
    values.insert(values.end(), row.begin(), row.end());
  }
  rows.values = std::move(values);
  rows.width = width;
}

// Whether imported history judges though the settings keep it out.
bool judged_by_imports_alone(const app::Dataset& dataset, const app::DatasetOptions& wanted) {
  return !wanted.judge_imported && !dataset.test_requests.empty() && dataset.test_requests.front().imported;
}

Result<Parts> parts_of_store(TrainOptions& options, const config::Settings& settings,
                             const app::TrainingOptions& training, const Domain& domain, ItemKeys& keys,
                             const std::stop_token& stop) {
  std::error_code fault;
  if (settings.store.empty() &&
      !std::filesystem::exists(std::filesystem::path{settings.data_dir} / "rankloop.db", fault)) {
    return Error{ErrorCode::kNotFound, "there is no store in '" + settings.data_dir + "'"};
  }
  config::Settings reading = settings;
  reading.empty = true;  // who learns from a store leaves it as it is: no places, no baseline
  const auto offline = server::open_offline(reading);
  if (!offline) return offline.error();
  app::DatasetOptions wanted = training.dataset;
  wanted.judge_imported_alone = true;  // no champion is replaced by what is found here
  Result<app::Dataset> dataset = app::read_dataset((*offline)->workspace.store(), domain, wanted, stop);
  if (!dataset) return dataset.error();
  Status known;
  const Status read = (*offline)->workspace.store().each_item_key({}, [&](ItemId, std::string_view key) {
    if (const auto added = keys.add(key); !added) known = added.error();
  });
  if (!read || !known) return read ? known.error() : read.error();
  if (training.weigh_by_examination) app::weigh_by_position(*dataset);
  if (options.objective.empty()) {
    options.plan.objective =
        app::is_mostly_lone(dataset->lineage) ? ml::Objective::kLogistic : training.objective;
  }
  Parts parts{std::move(dataset->train.rows), std::move(dataset->validation.rows),
              std::move(dataset->test.rows), judged_by_imports_alone(*dataset, training.dataset)};
  if (options.no_crosses) {
    for (ml::LabelledRows* rows : {&parts.train, &parts.validation, &*parts.test}) {
      drop_crosses(*rows, ml::FeatureSpace(domain).numbers_of_features());
    }
  }
  return parts;
}

// The metrics of the test rows; empty without any.
Result<std::optional<ml::Metrics>> judge(const ml::Model& model, const Parts& parts,
                                         const std::string& scores) {
  if (!parts.test || parts.test->rows() == 0) return std::optional<ml::Metrics>{};
  const auto metrics = ml::measure(model, *parts.test);
  if (!metrics) return metrics.error();
  if (!scores.empty()) {
    if (const Status written = write_scores(scores, model, *parts.test); !written) return written.error();
  }
  return std::optional(*metrics);
}

// Popularity is learned per item, so its rows must say which they are.
Status check_items(const TrainOptions& options, const Domain& domain, const Parts& parts) {
  if (options.data.empty() || options.plan.family != "popularity") return {};
  for (const auto& [file, rows] : {std::pair{&options.data, &parts.train},
                                   std::pair{&options.test, parts.test ? &*parts.test : nullptr}}) {
    if (rows != nullptr && rows->items.size() != rows->rows()) {
      return Error{ErrorCode::kInvalidArgument, *file + ":1: the column '" + domain.item_id_field +
                                                    "' is missing: the popularity family counts the picks "
                                                    "of each item"};
    }
  }
  return {};
}

// What a server with these settings would train with, and what the command line says beside it.
Result<app::TrainingOptions> training_options(const TrainOptions& options, const config::Settings& settings) {
  Result<app::TrainingOptions> training = server::training_options(settings, nullptr);
  if (!training) return training.error();
  for (const std::string& pair : options.hyperparameters) {
    const Result<ml::Hyperparameters> told = ml::parse_hyperparameters(pair);
    if (!told) return Error{told.error().code, "--set: " + told.error().message};
    for (const auto& [name, value] : *told) {
      if (!name.starts_with(options.plan.family + ".")) {
        return Error{ErrorCode::kInvalidArgument,
                     "--set: '" + name + "' is not of the family " + options.plan.family};
      }
      training->hyperparameters[name] = value;
    }
  }
  return training;
}

std::string warnings_json(const ml::TrainingReport& report) {
  std::string json = "[";
  for (const ml::BoundedInput& bounded : report.bounded) {
    if (json.size() > 1) json += ',';
    append_json_string(json, ml::to_sentence(bounded));
  }
  return json + "]";
}

// Whether the options belong together.
Status check(const TrainOptions& options) {
  if (options.from_store() == !options.data.empty()) {
    return Error{ErrorCode::kInvalidArgument, "say either --data FILE or --data-dir DIR: what to learn from"};
  }
  if (options.trials > 0 && options.recipe == "reference") {
    return Error{ErrorCode::kInvalidArgument,
                 "--tune needs a validation part, which --recipe reference has not"};
  }
  if (!options.scores.empty() && !options.from_store() && options.test.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--scores needs rows to judge the model on: give --test"};
  }
  return {};
}

void tell(const TrainOptions& options, const FittedModel& trained, const ml::Metrics& train,
          const std::optional<ml::Metrics>& test, bool test_imported, double seconds) {
  const std::string family{trained.model->family()};
  const std::string hyperparameters = ml::to_json(trained.report.hyperparameters);
  if (options.json) {
    std::cout << R"({"family":")" << family << R"(","train":)" << ml::to_json(train) << R"(,"test":)"
              << (test ? ml::to_json(*test) : "null") << R"(,"test_imported":)"
              << (test_imported ? "true" : "false") << R"(,"objective":")"
              << ml::name_of(options.plan.objective) << R"(","seed":)" << options.plan.seed
              << R"(,"hyperparameters":)" << hyperparameters << R"(,"warnings":)"
              << warnings_json(trained.report) << R"(,"seconds":)" << seconds
              << (trained.tuning ? R"(,"tuning":)" + to_json(*trained.tuning) : "") << "}\n";
    return;
  }
  if (trained.tuning) std::cout << to_table(*trained.tuning, options.plan) << '\n';
  std::cout << to_table(train, "train") << '\n';
  if (test) std::cout << to_table(*test, "test") << '\n';
  if (test_imported) {
    std::cout << "The test rows are of imported history, for no other request has an outcome; the gate of a "
                 "server leaves\nit out unless gate.imported = true.\n\n";
  }
  if (!trained.report.hyperparameters.empty()) {
    std::printf("%s, seed %llu, %s\n", std::string{ml::name_of(options.plan.objective)}.c_str(),
                static_cast<unsigned long long>(options.plan.seed), hyperparameters.c_str());
  }
  std::printf("%s trained in %.2f s: %s/model.rankloop\n", family.c_str(), seconds, options.out.c_str());
}

int run_train(TrainOptions options) {
  options.plan.recipe = options.recipe == "reference" ? ml::Recipe::kReference : ml::Recipe::kDefault;
  if (const Status fits = check(options); !fits) return complain(fits.error());
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto training = training_options(options, *settings);
  if (!training) return complain(training.error());
  options.plan.hyperparameters = training->hyperparameters;
  if (options.plan.threads == 0) options.plan.threads = training->threads;
  options.plan.objective =
      options.objective == "listwise" ? ml::Objective::kListwise : ml::Objective::kLogistic;
  const auto domain = server::load_domain(*settings);
  if (!domain) return complain(domain.error());

  const Interruption interruption;
  const SystemClock clock;
  const auto begin = clock.monotonic();
  ItemKeys keys{(*domain)->item_id_type};
  auto parts = options.from_store()
                   ? parts_of_store(options, *settings, *training, **domain, keys, interruption.token())
                   : parts_of_files(options, **domain, keys);
  if (!parts) return complain(parts.error());
  if (Status known = check_items(options, **domain, *parts); !known) return complain(known.error());
  const auto trained = fit_model(**domain, parts->train, parts->validation, options.plan, options.trials,
                                 options.json, clock, interruption.token());
  if (!trained) return complain(trained.error());
  const ml::Model& model = *trained->model;
  const std::string artefact =
      app::travelling_artefact(model, **domain, [&](ItemId item) { return keys.key_of(item).value_or(""); });
  if (const Status written = write_model(options.out, artefact); !written) return complain(written.error());
  const double seconds = std::chrono::duration<double>(clock.monotonic() - begin).count();

  const auto train = ml::measure(model, parts->train);
  if (!train) return complain(train.error());
  const auto test = judge(model, *parts, options.scores);
  if (!test) return complain(test.error());
  tell(options, *trained, *train, *test, parts->test_imported, seconds);
  return 0;
}

// What to learn from and where it goes.
void add_files(CLI::App* command, const std::shared_ptr<TrainOptions>& options) {
  std::vector<std::string> families;
  for (const ml::Family& family : ml::families()) families.emplace_back(family.name);
  command->add_option("--family", options->plan.family, "Kind of model")
      ->check(CLI::IsMember(families))
      ->required();
  command
      ->add_option(
          "--data", options->data,
          "Labelled rows with a header: a column for each feature, label, and perhaps request, weight, "
          "user_key and the item's id; a derived feature may be left out where its fields are there. A label "
          "is 0 or 1, a "
          "share between, or a grade or a gain above")
      ->type_name("FILE");
  command->add_option("--test", options->test, "Rows to judge the model on, of the same columns")
      ->type_name("FILE");
  command->add_option("--out", options->out, "Folder of the model; an earlier model there is replaced")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--scores", options->scores,
                   "Write the score of every test row to this file: request, label, weight, score")
      ->type_name("FILE");
  const auto setting = [&](const std::string& flag, const std::string& key, const std::string& kind,
                           const std::string& help) {
    command
        ->add_option_function<std::string>(
            flag, [options, key](const std::string& text) { options->settings[key] = text; }, help)
        ->type_name(kind);
  };
  setting("--data-dir", "data_dir", "DIR",
          "Learn from the ledger in this folder instead; no server may be using it");
  setting("--domain", "domain", "FILE", "Domain file (default: the built-in places to stay)");
  command->add_option("--config", options->config_file, "Settings file")->type_name("FILE");
}

// How to learn.
void add_plan(CLI::App* command, const std::shared_ptr<TrainOptions>& options) {
  command->add_flag("--no-crosses", options->no_crosses, "Leave the domain's crosses out");
  command
      ->add_option("--recipe", options->recipe,
                   "default, or reference: the mlp family as it was first published")
      ->check(CLI::IsMember({"default", "reference"}))
      ->capture_default_str();
  command
      ->add_option(
          "--objective", options->objective,
          "logistic: each row by itself; listwise: the rows of a request against each other (logistic: "
          "conditional logit, mlp, gbdt and factorization: softmax); logistic unless told, with --data-dir "
          "what "
          "training.objective says")
      ->check(CLI::IsMember({"logistic", "listwise"}));
  command->add_option("--seed", options->plan.seed, "Of every random draw")->capture_default_str();
  options->plan.threads = 0;
  command->add_option("--threads", options->plan.threads, "Threads to use; unless told training.threads (1)")
      ->check(CLI::Range(1, 64));
  command
      ->add_option("--set", options->hyperparameters,
                   "A hyperparameter of the family, as gbdt.depth=8; they are listed below")
      ->type_name("NAME=NUMBER");
  command
      ->add_option(
          "--tune", options->trials,
          "Search the hyperparameters that are not set, in this many trials judged on the validation "
          "part, and train with the best")
      ->type_name("TRIALS")
      ->check(CLI::Range(1, 10'000));
}

}  // namespace

void add_train(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command =
      app.add_subcommand("train", "Train a model from a labelled file, or from a stopped store");
  add_files(command, options);
  add_plan(command, options);
  command->add_flag("--json", options->json, "No progress, and one JSON object at the end");
  std::string known = "Hyperparameters:\n";
  for (const std::string& line : ml::described_hyperparameters()) known += "  " + line + "\n";
  command->footer(
      known +
      "\n"
      "Examples:\n"
      "  rankloop simulate data --train-out train.tsv --test-out test.tsv\n"
      "  rankloop train --family gbdt --data train.tsv --test test.tsv --out model --scores scores.tsv\n"
      "  rankloop train --family mlp --recipe reference --no-crosses --data train.tsv --out model --json\n"
      "  rankloop train --family logistic --data-dir data --out model\n"
      "  rankloop train --family gbdt --set gbdt.depth=8 --set gbdt.trees=200 --data train.tsv --out model\n"
      "  rankloop train --family gbdt --tune 30 --objective listwise --data train.tsv --test test.tsv --out "
      "model");
  command->callback([options, &result] { result.exit_code = run_train(*options); });
}

}  // namespace rankloop::cli
