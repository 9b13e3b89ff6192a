// Streams the ledger's lists and values each by both ways.
#include "app/learn/list_values.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/learn/expected_rewards.h"
#include "app/learn/logged_list.h"
#include "app/learn/logged_requests.h"
#include "app/learn/outcome.h"
#include "app/learn/target_items.h"

namespace rankloop::app {
namespace {

// The model outlives whatever borrows it here.
std::shared_ptr<const ml::Model> borrowed(const ml::Model& model) {
  return {std::shared_ptr<void>{}, &model};
}

double value_of(const std::vector<ml::LoggedItem>& items, bool by_examination) {
  double value = 0;
  for (const ml::LoggedItem& item : items) {
    const double weight =
        by_examination ? item.examined_target / item.examined : item.target / item.propensity;
    value += item.predicted_mean + weight * (item.reward - item.predicted);
  }
  return value;
}

class Valuer {
 public:
  Valuer(const EvaluationGround& ground, std::array<const ml::Model*, 2> ways, RewardModels rewards,
         const RewardModelOptions& options, RegistryModels& models, std::size_t memory)
      : rules_(ground.domain->feedback),
        learned_(options.target),
        positions_(options.positions),
        rewards_(std::move(rewards)),
        examination_(rewards_.examination().value_or(ml::Examination{})),
        list_(*ground.domain, ground.store, models, ground.catalog),
        expected_(rewards_),
        ways_{BoundModel{borrowed(*ways[0]), memory}, BoundModel{borrowed(*ways[1]), memory}},
        support_({.joint = true, .predicted = rewards_.fitted(), .examined = by_examination()},
                 ml::PolicyRules{}.clip) {}

  void take(const storage::ShownRequest& request, const KnownHistory* known) {
    const Outcome outcome = outcome_of(request, request.ranking.items.size(), rules_, learned_);
    if (!outcome.known() || list_.take(request, known, positions_, examination_)) return;
    if (!list_.chances().placed) return;
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      const bool draws = ways_[way].model().draws();
      if (!draws) list_.order_by(ways_[way], order_);
      const double explore = draws ? 1 : 0;
      items_.fill(list_, outcome, order_, explore, examination_);
      if (rewards_.fitted()) expected_.fill(list_, request.id, order_, explore, examination_, items_.items());
      found_.values[way].push_back(value_of(items_.items(), by_examination()));
    }
    support_.add(items_.items(), found_.requests.size());
    found_.requests.push_back(request.id);
    found_.people.push_back(list_.person() == 0 ? -request.id.value
                                                : static_cast<std::int64_t>(list_.person() >> 1));
  }

  ListValues finish() {
    found_.report = support_.report({});
    return std::move(found_);
  }

 private:
  bool by_examination() const { return rewards_.examination().has_value(); }

  const std::span<const FeedbackRule> rules_;
  const LearningTarget learned_;
  const std::size_t positions_;
  RewardModels rewards_;
  const ml::Examination examination_;
  LoggedList list_;
  ExpectedRewards expected_;
  std::array<BoundModel, 2> ways_;
  ml::PolicyValue support_;
  ListValues found_;

  // Of the present list.
  std::vector<ItemId> order_;
  TargetItems items_;
};

}  // namespace

Result<ListValues> value_lists(const EvaluationGround& ground, std::array<const ml::Model*, 2> ways,
                               const RequestSet& requests, const RewardModelOptions& rewards,
                               std::size_t memory, const std::stop_token& stop) {
  if (requests.empty()) return ListValues{};
  const auto [first, last] = std::minmax_element(requests.begin(), requests.end());
  Result<std::vector<storage::ModelRecord>> records = ground.store.models();
  if (!records) return records.error();
  RegistryModels models(ground.store, *std::move(records), *ground.domain, memory / 4);
  Result<RewardModels> fitted = RewardModels::fit(ground.store, *ground.domain, rewards, [](double) {}, stop);
  if (!fitted) return fitted.error();
  Valuer valuer(ground, ways, *std::move(fitted), rewards, models, memory / 4);
  const LoggedRange range{
      .after = InferenceId{first->value - 1},
      .last = *last,
      .wanted = [&](const storage::ShownRequest& shown) { return requests.contains(shown.id); }};
  const auto take = [&](const storage::ShownRequest& shown, InferenceId, const KnownHistory* known) {
    valuer.take(shown, known);
  };
  const Status read = each_logged_request(*ground.domain, ground.store, range, take, stop);
  if (stop.stop_requested()) return Error(ErrorCode::kAborted, "the comparison was cancelled");
  if (!read) return read.error();
  return valuer.finish();
}

}  // namespace rankloop::app
