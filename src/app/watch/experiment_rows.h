// The requests of an experiment as analyses take them: who asked is a number, an arm its place.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/learn/list_metric.h"
#include "domain/clock.h"
#include "domain/feedback.h"
#include "domain/ids.h"
#include "domain/keyed_hash.h"
#include "error/result.h"
#include "storage/experiments.h"

namespace rankloop::app {

struct ExperimentRow {
  std::uint32_t person = 0;  // counted from 0; a request of nobody in particular has a number of its own
  std::uint16_t arm = 0;     // place in the experiment's list
  ModelId model;             // that ranked
  WallTime created;
  ListOutcome outcome;
};

// Who made a list of an interleaved experiment.
struct MergedList {
  ModelId second;              // that ranked beside the row's own; the same where one model answered alone
  bool merged = false;         // both made the list
  bool second_opened = false;  // the first item is the second arm's
};
MergedList merged_list_of(const storage::ArmRequest& request);

struct PersonHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const noexcept { return keyed_hash(key); }
};

struct ExperimentRows {
  std::vector<ExperimentRow> rows;    // in order of the requests
  std::vector<MergedList> lists;      // in step, where arms are interleaved
  std::vector<std::string> payloads;  // in step, where they were asked for
  std::unordered_map<std::string, std::uint32_t, PersonHash, std::equal_to<>> people;  // by their keys
  std::uint32_t numbers = 0;  // given so far, to people and to nobodies
  bool complete = true;       // false: there are more than kMostExperimentRows
};
inline constexpr std::size_t kMostExperimentRows = 2'000'000;

// Blocks. Errors as the store's.
Result<ExperimentRows> read_experiment_rows(storage::Experiments& store,
                                            const storage::ExperimentRecord& experiment,
                                            std::span<const FeedbackRule> rules, bool with_payloads);

// What a person did before the experiment: sums over the requests, in step with list_metrics().
struct Earlier {
  double requests = 0;
  std::vector<double> sums{};
};
// By the people's numbers, from the last million requests before the experiment; empty where nobody of it
// asked before. Blocks.
Result<std::vector<Earlier>> read_earlier(storage::Experiments& store,
                                          const storage::ExperimentRecord& experiment,
                                          std::span<const FeedbackRule> rules, const ExperimentRows& rows);

}  // namespace rankloop::app
