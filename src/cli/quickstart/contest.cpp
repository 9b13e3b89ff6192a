// Trains, judges and ranks families, and signs the best one up.
#include "cli/quickstart/contest.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "app/learn/model_record.h"
#include "app/learn/position_weights.h"
#include "cli/fit_model.h"
#include "ml/families/families.h"
#include "server/options.h"
#include "storage/written.h"

namespace rankloop::cli {
namespace {

constexpr std::string_view kSignature = "quickstart";

bool takes_part(std::string_view family, const std::vector<std::string>& wanted) {
  const bool baseline = family == "random" || family == "popularity";
  return wanted.empty() || baseline || std::find(wanted.begin(), wanted.end(), family) != wanted.end();
}

// As many as there are, unless the settings say: models do not depend on it.
int threads_of(const config::Settings& settings) {
  constexpr unsigned kMost = 16;
  if (settings.taken_from.contains("training.threads")) return static_cast<int>(settings.training_threads);
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMost));
}

class Arena {
 public:
  Arena(server::Offline& offline, const ContestOptions& options, std::stop_token stop)
      : workspace_(offline.workspace),
        clock_(offline.process.clock),
        options_(options),
        stop_(std::move(stop)) {}

  Result<Contest> hold() {
    if (Status there = read_history(); !there) return there.error();
    if (!contest_.reason.empty()) return std::move(contest_);
    for (const ml::Family& family : ml::families()) {
      if (!takes_part(family.name, options_.families)) continue;
      if (Status done = let_in(std::string{family.name}); !done) return done.error();
    }
    rank();
    if (Status kept = sign_up(); !kept) return kept.error();
    return std::move(contest_);
  }

 private:
  // Says in `reason` what is missing.
  Status read_history() {
    auto training = server::training_options(workspace_.settings, nullptr);
    if (!training) return training.error();
    training_ = *std::move(training);
    training_.dataset.judge_imported = true;
    // A history does not say how likely its lists were.
    if (training_.gate.metric == ml::MetricName::kValue) training_.gate.metric = ml::GateRules{}.metric;
    auto dataset = app::read_dataset(workspace_.store(), *workspace_.domain, training_.dataset, stop_);
    if (!dataset) return dataset.error();
    dataset_ = *std::move(dataset);
    const app::Lineage& lineage = dataset_.lineage;
    contest_.metric = app::is_mostly_lone(lineage) ? ml::MetricName::kLogloss : training_.gate.metric;
    contest_.learned = static_cast<std::size_t>(lineage.requests - lineage.test_requests);
    contest_.judged = dataset_.test_requests.size();
    if (lineage.requests > 0 && lineage.none_chosen == lineage.requests) {
      return Error{ErrorCode::kInvalidArgument, "in none of the " + std::to_string(lineage.requests) +
                                                    " requests something was picked, so there is nothing to "
                                                    "learn from"};
    }
    if (lineage.requests < training_.minimum) {
      contest_.reason = "too little to learn from: " + std::to_string(lineage.requests) + " of " +
                        std::to_string(training_.minimum) + " requests with an outcome (training.minimum)";
      return {};
    }
    if (training_.weigh_by_examination) positions_ = app::weigh_by_position(dataset_).source;
    find_people();
    return {};
  }

  // Who asked each request of the test rows, in their order.
  void find_people() {
    std::unordered_map<std::int64_t, std::uint64_t> asked_by;
    for (const app::TestRequest& request : dataset_.test_requests)
      asked_by[request.id.value] = request.person;
    const std::vector<std::int64_t>& requests = dataset_.test.rows.requests;
    for (std::size_t r = 0; r < requests.size(); ++r) {
      if (r == 0 || requests[r] != requests[r - 1])
        people_.push_back(static_cast<std::int64_t>(asked_by[requests[r]] >> 1));
    }
    contest_.people = std::set<std::int64_t>(people_.begin(), people_.end()).size();
  }

  ml::TrainingPlan plan_of(const std::string& family) const {
    return {
        .family = family,
        .objective = app::is_mostly_lone(dataset_.lineage) ? ml::Objective::kLogistic : training_.objective,
        .threads = threads_of(workspace_.settings),
        .hyperparameters = training_.hyperparameters};
  }

  // Trains and judges a family. One that does not fit these rows is told of and harms no other.
  Status let_in(const std::string& family) {
    const Monotonic begin = clock_.monotonic();
    Contestant contestant{.family = family};
    ml::TrainingPlan plan = plan_of(family);
    const std::size_t trials = family == "random" ? 0 : options_.trials;
    const auto fitted = fit_model(*workspace_.domain, dataset_.train.rows, dataset_.validation.rows, plan,
                                  trials, options_.quiet, clock_, stop_);
    if (stop_.stop_requested()) return Error{ErrorCode::kAborted, "the training was interrupted"};
    contestant.seconds = std::chrono::duration<double>(clock_.monotonic() - begin).count();
    const Status judged = fitted ? judge(contestant, *fitted, plan) : Status{fitted.error()};
    if (!judged) contestant = {.family = family, .fault = judged.error().message};
    contest_.ranks.push_back(std::move(contestant));
    return {};
  }

  Status judge(Contestant& contestant, const FittedModel& fitted, const ml::TrainingPlan& plan) {
    auto standing = ml::standing_of(*fitted.model, dataset_.test.rows, people_, contest_.metric);
    if (!standing) return standing.error();
    contestant.standing = *std::move(standing);
    return keep(contestant, fitted, plan);
  }

  // Its record, which is signed when all are judged.
  Status keep(const Contestant& contestant, const FittedModel& fitted, const ml::TrainingPlan& plan) {
    auto record = app::model_record(*fitted.model, dataset_, training_.max_artefact);
    if (!record) return record.error();
    std::vector<std::string> warnings;
    for (const ml::BoundedInput& bounded : fitted.report.bounded)
      warnings.push_back(ml::to_sentence(bounded));
    app::ModelLineage lineage = app::lineage_of(*workspace_.domain, dataset_, plan, fitted.report,
                                                {.window = training_.dataset.window,
                                                 .positions_weighed = training_.weigh_by_examination,
                                                 .position_evidence = std::string(name_of(positions_)),
                                                 .cause = std::string{kSignature},
                                                 .warnings = std::move(warnings),
                                                 .seconds = contestant.seconds});
    lineage.curve = "[]";
    record->lineage = app::to_json(lineage);
    records_.emplace(contestant.family, *std::move(record));
    return {};
  }

  void rank() {
    const bool greater = ml::greater_is_better(contest_.metric);
    const auto worth = [&](const Contestant& each) {
      const auto& metric = each.standing.metric;
      if (!metric) return -std::numeric_limits<double>::infinity();
      return greater ? metric->mean : -metric->mean;
    };
    std::stable_sort(contest_.ranks.begin(), contest_.ranks.end(),
                     [&](const Contestant& a, const Contestant& b) { return worth(a) > worth(b); });
  }

  // All in the order of the table, so that the best one has the smallest number.
  Status sign_up() {
    const auto stored = workspace_.store().domain();
    if (!stored) return stored.error();
    const bool order_is_best = contest_.ranks.front().family == "random";
    for (Contestant& each : contest_.ranks) {
      const auto found = records_.find(each.family);
      if (found == records_.end() || each.family == "random") continue;
      storage::NewModel record = std::move(found->second);
      record.domain_version = stored->version;
      record.at = clock_.wall();
      record.promote = !order_is_best && &each == &contest_.ranks.front();
      record.actor = kSignature;
      record.reason = reason_for(each, contest_);
      if (record.promote) contest_.reason = record.reason;
      const bool promoted = record.promote;
      const auto id = storage::written<ModelId>(
          [&](auto done) { workspace_.store().add_model(std::move(record), std::move(done)); });
      if (!id) return id.error();
      each.id = *id;
      if (promoted) contest_.champion = *id;
    }
    if (order_is_best) contest_.reason = "no model is better than a random order";
    return {};
  }

  server::Workspace& workspace_;
  const Clock& clock_;
  const ContestOptions& options_;
  const std::stop_token stop_;

  app::TrainingOptions training_;
  app::Dataset dataset_;
  app::PositionSource positions_ = app::PositionSource::kNothing;  // how it is known what they draw
  std::vector<std::int64_t> people_;                               // of the test requests
  std::map<std::string, storage::NewModel> records_;               // by family
  Contest contest_;
};

}  // namespace

Status check_no_models(server::Offline& offline) {
  const auto models = offline.workspace.store().models();
  if (!models) return models.error();
  if (models->empty()) return {};
  const std::string& directory = offline.workspace.settings.data_dir;
  return Error{ErrorCode::kAlreadyExists,
               "'" + directory + "' has models already: go on with rankloop serve --data-dir " + directory +
                   ", where POST /train/start learns more, or give another --data-dir"};
}

Result<Contest> hold_contest(server::Offline& offline, const ContestOptions& options,
                             const std::stop_token& stop) {
  return Arena(offline, options, stop).hold();
}

}  // namespace rankloop::cli
