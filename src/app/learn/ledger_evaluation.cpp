// Streams the ledger's lists and adds up what they say of a target.
#include "app/learn/ledger_evaluation.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "app/learn/evaluation_advice.h"
#include "app/learn/expected_rewards.h"
#include "app/learn/exploring_target.h"
#include "app/learn/lineage.h"
#include "app/learn/logged_requests.h"
#include "app/learn/outcome.h"
#include "app/learn/target_items.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kTellEvery = 1'024;  // requests
constexpr double kRewardShare = 0.3;        // of the work

struct ResolvedTarget {
  BoundModel* model = nullptr;  // null: a uniform order
  ModelId id;
  double explore = 1;
  Lineage lineage;
};

Result<ResolvedTarget> resolve(const Target& target, RegistryModels& models) {
  if (target.kind == TargetKind::kRandom) return ResolvedTarget{};
  const auto& records = models.records();
  const auto found = std::find_if(records.begin(), records.end(), [&](const storage::ModelRecord& record) {
    return target.kind == TargetKind::kChampion ? record.champion : record.id == target.model;
  });
  if (found == records.end()) return no_such_target(target);
  const Result<BoundModel*> model = models.get(found->id);
  if (!model) return model.error();
  ResolvedTarget resolved{.id = found->id, .lineage = read_lineage(found->lineage)};
  if ((*model)->model().draws()) return resolved;
  resolved.model = *model;
  resolved.explore = target.explore;
  return resolved;
}

// Numbers people as they come; requests of which nobody knows whose they are, each by itself.
class People {
 public:
  std::size_t number_of(ml::Person person) {
    if (person == 0) return count_++;
    const auto [known, added] = numbers_.try_emplace(person, count_);
    count_ += added ? 1 : 0;
    return known->second;
  }

 private:
  std::unordered_map<ml::Person, std::size_t> numbers_;
  std::size_t count_ = 0;
};

class Evaluator {
 public:
  Evaluator(const EvaluationGround& ground, const EvaluationRequest& request,
            const EvaluationOptions& options, RegistryModels& models, ResolvedTarget target,
            RewardModels rewards)
      : ground_(ground),
        request_(request),
        target_(std::move(target)),
        learned_(options.rewards.target),
        rewards_(std::move(rewards)),
        list_(*ground.domain, ground.store, models, ground.catalog),
        expected_(rewards_),
        exploring_(request.target.exploration(), options.best),
        value_(
            {.joint = true, .predicted = rewards_.fitted(), .examined = rewards_.examination().has_value()},
            request.clip) {}

  void take(const storage::ShownRequest& request, const KnownHistory* known,
            const std::function<void(const EvaluatedList&)>& visit) {
    ++facts_.read;
    if (const auto reason = add(request, known, visit))
      ++facts_.left_out.at(static_cast<std::size_t>(*reason));
  }

  ml::PolicyReport report() const { return value_.report({.clip = request_.clip}); }
  EvaluationFacts facts() const {
    EvaluationFacts facts = facts_;
    facts.model = target_.id;
    facts.family = target_.model == nullptr ? "random" : target_.model->model().family();
    facts.explore = target_.explore;
    if (target_.model != nullptr) facts.way = request_.target.way;
    facts.temperature = request_.target.temperature;
    facts.gamma = request_.target.gamma;
    facts.checked = list_.checked();
    facts.differing = list_.differing();
    if (const auto used = facts.used(); used > 0) facts.eligible /= static_cast<double>(used);
    facts.reward_family = request_.family;
    facts.folds = rewards_.fitted() ? request_.folds : 0;
    facts.reward_requests = rewards_.requests();
    facts.no_rewards = rewards_.why();
    facts.examination = rewards_.examination();
    facts.clip = request_.clip;
    return facts;
  }

 private:
  std::optional<OfNoUse> add(const storage::ShownRequest& request, const KnownHistory* known,
                             const std::function<void(const EvaluatedList&)>& visit) {
    const bool imported = request.source == RequestSource::kImport;
    if (!request_.include_trained && learned_from(target_.lineage, request.id, request.created, imported))
      return OfNoUse::kTrainedOn;
    const Outcome outcome =
        outcome_of(request, request.ranking.items.size(), ground_.domain->feedback, learned_);
    if (!outcome.known()) return OfNoUse::kNoOutcome;
    const ml::Examination examination = rewards_.examination().value_or(ml::Examination{});
    if (const auto reason = list_.take(request, known, request_.positions, examination)) return reason;
    const std::size_t person = people_.number_of(list_.person());
    const auto [items, placed] = weighed(request.id, outcome, examination);
    if (placed)
      value_.add(items, person);
    else
      value_.add_unplaced(items, person);
    count(request);
    if (visit) visit({request.id, person, list_.chances().list, placed, items});
    return std::nullopt;
  }

  struct Weighed {
    std::span<const ml::LoggedItem> items;
    bool placed = true;
  };
  Weighed weighed(InferenceId request, const Outcome& outcome, const ml::Examination& examination) {
    if (target_.model != nullptr && request_.target.way != PolicyKind::kUniform) {
      exploring_.fill(list_, request, outcome, *target_.model, examination,
                      rewards_.fitted() ? &expected_ : nullptr);
      return {exploring_.items(), exploring_.placed()};
    }
    if (target_.model != nullptr) order_by_target();
    items_.fill(list_, outcome, order_, target_.explore, examination);
    if (rewards_.fitted())
      expected_.fill(list_, request, order_, target_.explore, examination, items_.items());
    return {items_.items(), list_.chances().placed};
  }

  // A list of the target's own needs no ranking again.
  void order_by_target() {
    if (list_.own_model() == target_.id && !list_.own_order().empty())
      order_ = list_.own_order();
    else
      list_.order_by(*target_.model, order_);
  }

  void count(const storage::ShownRequest& request) {
    const Ranking& ranking = request.ranking;
    ++facts_.policies[to_text(ranking.policy).name];
    ++facts_.logged_by[ranking.model];
    facts_.randomised += drawn_uniformly(ranking.policy) ? 1 : 0;
    facts_.older_catalog += ranking.catalog_version < ground_.catalog->version() ? 1 : 0;
    facts_.eligible += static_cast<double>(list_.eligible());
    if (facts_.first.value == 0) facts_.first = request.id;
    facts_.last = request.id;
    facts_.earliest = std::min(facts_.earliest.value_or(request.created), request.created);
    facts_.latest = std::max(facts_.latest.value_or(request.created), request.created);
  }

  const EvaluationGround& ground_;
  const EvaluationRequest& request_;
  const ResolvedTarget target_;
  const LearningTarget learned_;
  RewardModels rewards_;
  LoggedList list_;
  ExpectedRewards expected_;
  ExploringTarget exploring_;
  ml::PolicyValue value_;
  People people_;
  EvaluationFacts facts_;

  // Of the present list.
  std::vector<ItemId> order_;
  TargetItems items_;
};

bool came_in_time(const EvaluationRequest& request, WallTime at) {
  return (!request.since || at >= *request.since) && (!request.until || at < *request.until);
}

// The requests that are looked at.
Result<LoggedRange> range_of(storage::Store& store, const EvaluationRequest& request) {
  LoggedRange range{
      .last = InferenceId{store.counts().inferences},
      .wanted = [&](const storage::ShownRequest& shown) { return came_in_time(request, shown.created); }};
  if (request.window > 0) {
    const Result<InferenceId> first = store.nth_newest_outcome(request.window);
    if (!first) return first.error();
    range.after.value = std::max<std::int64_t>(first->value - 1, 0);
  }
  return range;
}

}  // namespace

std::int64_t EvaluationFacts::used() const {
  std::int64_t sum = read;
  for (const std::int64_t some : left_out) sum -= some;
  return sum;
}

Error no_such_target(const Target& target) {
  return {ErrorCode::kNotFound,
          target.kind == TargetKind::kChampion ? "There is no champion yet" : "Model not found"};
}

Result<LedgerEvaluation> evaluate_ledger(const EvaluationGround& ground, const EvaluationRequest& request,
                                         const EvaluationOptions& options,
                                         const std::function<void(const EvaluationProgress&)>& tell,
                                         const std::function<void(const EvaluatedList&)>& visit,
                                         const std::stop_token& stop) {
  tell({"rewards", 0});
  Result<std::vector<storage::ModelRecord>> records = ground.store.models();
  if (!records) return records.error();
  RegistryModels models(ground.store, *std::move(records), *ground.domain, options.memory / 4);
  Result<ResolvedTarget> target = resolve(request.target, models);
  if (!target) return target.error();
  const Result<LoggedRange> found = range_of(ground.store, request);
  if (!found) return found.error();
  const LoggedRange& range = *found;
  RewardModelOptions wanted = options.rewards;
  wanted.family = request.family;
  wanted.folds = request.folds;
  wanted.positions = request.positions;
  if (request.window > 0) wanted.requests = std::min(wanted.requests, request.window);
  Result<RewardModels> rewards = RewardModels::fit(
      ground.store, *ground.domain, wanted, [&](double share) { tell({"rewards", kRewardShare * share}); },
      stop);
  if (!rewards) return rewards.error();
  Evaluator evaluator(ground, request, options, models, *std::move(target), *std::move(rewards));
  const auto all = static_cast<double>(std::max<std::int64_t>(range.last.value - range.after.value, 1));
  std::int64_t visited = 0;
  const auto take = [&](const storage::ShownRequest& shown, InferenceId read_to, const KnownHistory* known) {
    evaluator.take(shown, known, visit);
    if (++visited % kTellEvery != 0) return;
    const auto done = static_cast<double>(read_to.value - range.after.value);
    tell({"lists", kRewardShare + (0.99 - kRewardShare) * std::min(1.0, done / all)});
  };
  const Status read = each_logged_request(*ground.domain, ground.store, range, take, stop);
  if (stop.stop_requested()) return Error(ErrorCode::kAborted, "evaluation was cancelled");
  if (!read) return read.error();
  tell({"estimates", 0.99});
  LedgerEvaluation evaluation{evaluator.report(), evaluator.facts(), {}};
  finish(evaluation, request, options);
  return evaluation;
}

}  // namespace rankloop::app
