// Streams an experiment's requests, and those of its people from before it.
#include "app/watch/experiment_rows.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "ml/interleave.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kEarlierRequests = 1'000'000;

std::uint32_t number_of(ExperimentRows& rows, const PersonKey& person) {
  if (person.empty()) return rows.numbers++;
  const auto [known, is_new] = rows.people.try_emplace(person, rows.numbers);
  if (is_new) ++rows.numbers;
  return known->second;
}

}  // namespace

MergedList merged_list_of(const storage::ArmRequest& request) {
  MergedList list{.second = request.model, .merged = !request.placed.empty()};
  if (!list.merged) return list;
  const auto drafted = ml::drafted_by(parse_policy(request.policy.name, request.policy.parameters, false));
  if (drafted) list.second = drafted->second;
  list.second_opened = request.placed.front().by_second;
  return list;
}

Result<ExperimentRows> read_experiment_rows(storage::Experiments& store,
                                            const storage::ExperimentRecord& experiment,
                                            std::span<const FeedbackRule> rules, bool with_payloads) {
  ExperimentRows rows;
  const auto take = [&](const storage::ArmRequest& request) {
    rows.complete = rows.rows.size() < kMostExperimentRows;
    if (!rows.complete) return false;
    const auto arm = std::ranges::find(experiment.arms, request.arm, &storage::ExperimentArm::id);
    rows.rows.push_back({number_of(rows, request.request.person),
                         static_cast<std::uint16_t>(arm - experiment.arms.begin()), request.model,
                         request.request.created, outcome_of_list(request.request, rules, request.placed)});
    if (experiment.interleaving) rows.lists.push_back(merged_list_of(request));
    if (with_payloads) rows.payloads.push_back(request.payload);
    return true;
  };
  const Status read = store.each_of_experiment(experiment.id, experiment.after_request, with_payloads, take);
  if (!read) return read.error();
  return rows;
}

Result<std::vector<Earlier>> read_earlier(storage::Experiments& store,
                                          const storage::ExperimentRecord& experiment,
                                          std::span<const FeedbackRule> rules, const ExperimentRows& rows) {
  const std::vector<ListMetric> metrics = list_metrics(rules);
  std::vector<Earlier> earlier;
  const auto take = [&](const storage::RequestOutcome& request) {
    const auto person = rows.people.find(request.person);
    if (person == rows.people.end()) return true;
    earlier.resize(rows.numbers);
    Earlier& sums = earlier[person->second];
    sums.requests += 1;
    sums.sums.resize(metrics.size());
    const ListOutcome outcome = outcome_of_list(request, rules);
    for (std::size_t i = 0; i < metrics.size(); ++i) sums.sums[i] += metrics[i].of(outcome);
    return true;
  };
  const std::int64_t until = experiment.after_request.value;
  const std::int64_t after = std::max<std::int64_t>(0, until - kEarlierRequests);
  const Status read = store.each_outcome(InferenceId{after}, InferenceId{until}, take);
  if (!read) return read.error();
  return earlier;
}

}  // namespace rankloop::app
