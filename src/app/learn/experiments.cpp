// The use cases of experiments over the store.
#include "app/learn/experiments.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "domain/field_value.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kMeasuredRequests = 20'000;

Error not_found() {
  return {ErrorCode::kNotFound, "Experiment not found"};
}

ExperimentChanges::Done named(ExperimentChanges::Done done) {
  return [done = std::move(done)](Result<storage::ExperimentRecord> outcome) {
    if (!outcome && outcome.error().code == ErrorCode::kNotFound) return done(not_found());
    done(std::move(outcome));
  };
}

Error fault_at(std::vector<std::string> place, std::string message, std::string type = "value_error") {
  place.insert(place.begin(), "body");
  return invalid_fields({{std::move(place), std::move(message), std::move(type)}});
}

double largest_share(const std::vector<storage::ExperimentArm>& arms) {
  return std::ranges::max(arms, {}, &storage::ExperimentArm::share).share;
}

std::vector<double> shares_of(const std::vector<storage::ExperimentArm>& arms) {
  std::vector<double> shares;
  for (const storage::ExperimentArm& arm : arms) shares.push_back(arm.share);
  return shares;
}

// Each person compares both arms, so the difference between them is one mean and not one of two groups: half
// the variance in a formula that has two. Of lists that are won with the chance p in all, and lost, it is
// p - effect^2.
Result<std::int64_t> people_of_both_arms(const SizeQuestion& question) {
  const double won = question.baseline - question.effect * question.effect;
  if (!question.deviation && !(question.baseline <= 1 && won > 0))
    return Error{ErrorCode::kInvalidArgument, "Of lists with a pick there are " +
                                                  describe_number(question.baseline) + ": a difference of " +
                                                  describe_number(question.effect) +
                                                  " between the arms is impossible"};
  const double variance = question.deviation ? *question.deviation * *question.deviation : won;
  return ml::size_for_means(std::sqrt(variance / 2), question.effect, question.precision);
}

}  // namespace

Result<std::int64_t> people_per_arm(const SizeQuestion& question) {
  if (question.interleaved) return people_of_both_arms(question);
  return question.deviation ? ml::size_for_means(*question.deviation, question.effect, question.precision)
                            : ml::size_for_rates(question.baseline, question.effect, question.precision);
}

Result<storage::ExperimentRecord> ExperimentChanges::get(ExperimentId id) {
  auto found = store_.experiment(id);
  if (!found && found.error().code == ErrorCode::kNotFound) return not_found();
  return found;
}

Result<std::vector<storage::ExperimentEvent>> ExperimentChanges::history(ExperimentId id,
                                                                         std::optional<std::int64_t> before,
                                                                         int limit) {
  if (const auto found = get(id); !found) return found.error();
  return store_.experiment_history(id, before, limit);
}

Status ExperimentChanges::check_models(const storage::NewExperiment& experiment) {
  const auto models = store_.models();
  if (!models) return models.error();
  std::vector<FieldFault> faults;
  for (std::size_t i = 0; i < experiment.arms.size(); ++i) {
    const ModelId id = experiment.arms[i].model;
    if (id == ModelId{} || std::ranges::count(*models, id, &storage::ModelRecord::id) > 0) continue;
    faults.push_back({{"body", "arms", std::to_string(i), "model_id"},
                      "There is no model " + std::to_string(id.value),
                      "value_error"});
  }
  if (!faults.empty()) return invalid_fields(std::move(faults));
  return {};
}

// The rate of the newest requests that were shown here, whichever model answered.
Result<double> ExperimentChanges::measured(const ListMetric& rate) {
  const InferenceId after{std::max<std::int64_t>(0, store_.counts().inferences - kMeasuredRequests)};
  double shown = 0;
  double counted = 0;
  const Status read = store_.each_shown(after, [&](const storage::ShownRequest& request) {
    if (request.source == RequestSource::kImport) return true;
    storage::RequestOutcome outcome{request.id, {}, request.created, request.feedback};
    std::erase_if(outcome.feedback, [](const storage::Feedback& each) { return !each.evidence; });
    shown += 1;
    counted += rate.of(outcome_of_list(outcome, domain_.feedback));
    return true;
  });
  if (!read) return read.error();
  if (shown > 0) return counted / shown;
  return fault_at({"baseline"},
                  "Nothing was shown yet that it could be measured on: say it, or planned_people", "missing");
}

Result<std::int64_t> ExperimentChanges::planned_people(const ExperimentRequest& request) {
  const ExperimentDesign& design = request.design;
  if (design.planned_people > 0) return design.planned_people;
  const bool interleaved = request.experiment.interleaving.has_value();
  SizeQuestion question{.effect = design.smallest_effect, .interleaved = interleaved};
  const ListMetric primary = ListMetric::of_design(design.primary, domain_.feedback);
  if (primary.is_rate()) {
    const Result<double> baseline = request.baseline ? Result<double>(*request.baseline) : measured(primary);
    if (!baseline) return baseline.error();
    question.baseline = *baseline;
  } else if (request.deviation) {
    question.deviation = request.deviation;
  } else {
    return fault_at({"deviation"},
                    "The metric " + design.primary +
                        " is no rate: say how much it differs between people, or planned_people",
                    "missing");
  }
  const Result<std::int64_t> each = people_per_arm(question);
  if (!each) return fault_at({"smallest_effect"}, each.error().message);
  if (interleaved) return *each;
  return ml::size_of_all(*each, shares_of(request.experiment.arms));
}

void ExperimentChanges::create(ExperimentRequest request, Signed by, KeptWith keep, Done done) {
  if (const Status there = check_models(request.experiment); !there) return done(there.error());
  const Result<std::int64_t> people = planned_people(request);
  if (!people) return done(people.error());
  request.design.planned_people = *people;
  request.experiment.design = to_json(request.design);
  store_.add_experiment(std::move(request.experiment), signed_now(std::move(by)), std::move(keep),
                        std::move(done));
}

Status ExperimentChanges::check_champion(const storage::ExperimentRecord& experiment) {
  if (!experiment.interleaving ||
      std::ranges::count(experiment.arms, ModelId{}, &storage::ExperimentArm::model) == 0)
    return {};
  const auto models = store_.models();
  if (!models) return models.error();
  if (std::ranges::any_of(*models, &storage::ModelRecord::champion)) return {};
  return Error{ErrorCode::kFailedPrecondition,
               "There is no champion yet, and the random order that answers instead cannot be interleaved"};
}

void ExperimentChanges::start(ExperimentId id, Signed by, KeptWith keep, Done done) {
  const auto experiment = get(id);
  if (!experiment) return done(experiment.error());
  const auto design = read_design(experiment->design);
  if (!design) return done(design.error());
  if (const Status fit = check_champion(*experiment); !fit) return done(fit.error());
  change({.id = id,
          .what = ExperimentEventKind::kStarted,
          .exposure = ml::first_exposure(design->ramp, largest_share(experiment->arms))},
         std::move(by), std::move(keep), std::move(done));
}

void ExperimentChanges::stop(ExperimentId id, Signed by, KeptWith keep, Done done) {
  change({.id = id, .what = ExperimentEventKind::kStopped}, std::move(by), std::move(keep), std::move(done));
}

void ExperimentChanges::conclude(ExperimentId id, Conclusion conclusion, std::string winner, Signed by,
                                 KeptWith keep, Done done) {
  change({.id = id,
          .what = ExperimentEventKind::kConcluded,
          .conclusion = conclusion,
          .winner = std::move(winner)},
         std::move(by), std::move(keep), std::move(done));
}

void ExperimentChanges::ramp(ExperimentId id, double exposure, Signed by, Done done) {
  change({.id = id, .what = ExperimentEventKind::kRamped, .exposure = exposure}, std::move(by), std::nullopt,
         std::move(done));
}

void ExperimentChanges::change(storage::ExperimentChange change, Signed by, KeptWith keep, Done done) {
  store_.change_experiment(std::move(change), signed_now(std::move(by)), std::move(keep),
                           named(std::move(done)));
}

storage::ModelChange ExperimentChanges::signed_now(Signed by) const {
  return {std::move(by.actor), std::move(by.reason), {}, clock_.wall(), std::move(by.remark)};
}

}  // namespace rankloop::app
