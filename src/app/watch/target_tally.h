// What came of lists by one target: a kind of feedback, all that is rewarded, or all values. By model, over
// time and by position, each with how often it came and what it was worth.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "app/learn/outcome.h"
#include "domain/clock.h"
#include "domain/feedback.h"
#include "domain/ids.h"
#include "storage/records.h"

namespace rankloop::app {

// Of lists, or of the shows of a position.
struct TargetCounts {
  std::int64_t shown = 0;
  std::int64_t told =
      0;  // of them with the target: of a kind, that it was told in time; else what is worth something
  std::int64_t items = 0;  // it was told of, one of a list counted once
  double worth = 0;        // the rewards or values; of a kind without values the items
  double squared = 0;      // the sum of squares of each one's worth, for the band
};

struct TargetOfModel {
  ModelId model;  // 0: a random order before the first model
  TargetCounts counts;
};

struct TargetPeriod {
  WallTime from;
  std::vector<TargetOfModel> models;  // by id; only those that were shown in it
};

struct TargetReport {
  std::string name;
  bool valued = false;                  // worth is a sum of rewards or values, not of items
  std::vector<TargetOfModel> models;    // by id; lists of two models are nobody's
  std::vector<TargetPeriod> periods;    // in order; empty ones are left out
  std::vector<TargetCounts> positions;  // [0] is the first position; pinned ones are left out
};

// The newest requests, one after another. Used by one thread.
class TargetTally {
 public:
  // `target`: one of target_names(rules). As many positions as are asked for at most.
  TargetTally(std::span<const FeedbackRule> rules, std::string_view target, std::size_t positions);

  // `model`: none where two made the list.
  void add(const storage::ShownRequest& request, std::optional<ModelId> model);
  // Periods begin at `from` and have this length.
  TargetReport report(WallTime from, std::chrono::milliseconds length) const;

 private:
  struct Listed {
    WallTime at;
    ModelId model;
    TargetCounts counts;
  };

  std::vector<FeedbackRule> rules_;  // those that count
  LearningTarget target_;
  bool any_ = false;  // whatever is told counts, also what is worth nothing
  const std::size_t most_positions_;
  TargetReport report_;
  std::vector<Listed> lists_;
};

// {"kind":"buy","valued":true,"models":[...],"periods":[...],"positions":[...]}: shares with Wilson's 95 %
// interval, means with one by the normal approximation.
boost::json::object to_json(const TargetReport& report);

}  // namespace rankloop::app
