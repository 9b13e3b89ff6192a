// What became of the newest requests that were shown: by model, over time, by position and by item. Imported
// history is left out, it was never shown here. Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/learn/outcome.h"
#include "app/learn/position_weights.h"
#include "app/serve/item_names.h"
#include "app/watch/position_evidence.h"
#include "app/watch/target_tally.h"
#include "app/watch/told_kinds.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/examination.h"
#include "ml/position_model.h"
#include "storage/learning_reads.h"
#include "sync/mutex.h"

namespace rankloop::app {

// Requests by their outcome. A request's value is the sum of its picks' values, each item once.
struct Outcomes {
  storage::ModelCounts counts;
  double squared_value = 0;  // sum over the requests, for the band
};

// The mean value of a request, with a 95 % interval by the normal approximation; empty for fewer than two
// requests.
struct MeanValue {
  double mean = 0;
  double low = 0;
  double high = 0;
};
std::optional<MeanValue> mean_value(const Outcomes& outcomes);

struct Period {
  WallTime from;
  std::vector<Outcomes> models;  // by id; only those that were shown in it
};

struct Shown {
  std::int64_t shown = 0;
  std::int64_t picked = 0;
};

struct ItemShown {
  ItemId item;
  Shown counts;
};

// What positions do to what is chosen, by lists in random order or, where these have fewer than 50 with a
// choice, by swaps between models: then `positions` is what they draw rather than how often they are
// examined.
struct Examined {
  PositionSource source = PositionSource::kNothing;
  std::int64_t requests = 0;
  std::int64_t picks = 0;
  std::vector<ml::ExaminedPosition> positions;  // by position; empty: nothing can be known
};

struct PerformanceReport {
  std::int64_t requests = 0;  // shown ones that were looked at
  WallTime from;              // when the first of them was asked, and the last
  WallTime until;
  std::chrono::milliseconds length{0};  // of a period
  std::vector<Outcomes> models;         // by id; 0: a random order before the first model
  std::vector<Period> periods;          // in order, of equal length; empty ones are left out
  std::vector<Shown> positions;         // [0] is the first position; at most 20
  std::vector<ItemShown> items;         // the most shown first, ties by id
  std::vector<ToldKind> kinds;          // what was told, not of lists of two models
  std::vector<std::string> targets;     // by which may be told what positions do: kinds, "reward", "value"
  std::string chosen_by;                // the one of them that the following goes by
  TargetReport outcomes;                // what came of the lists by it
  std::int64_t randomised = 0;          // requests whose lists were in random order, told or not what became
  std::int64_t randomised_picks = 0;    // of them, with something chosen
  Examined examined;
  std::optional<ml::PositionModelTest> position_model;  // empty: too few random orders have scores
};

class Performance {
 public:
  // `preset`: what is learned of feedback.
  Performance(const Domain& domain, LearningTarget preset, PositionEvidence& positions, const Clock& clock)
      : domain_(domain), preset_(std::move(preset)), positions_(positions), clock_(clock) {}

  const std::string& preset() const { return preset_.name; }
  Result<PerformanceReport> report() { return report(preset_.name); }
  // Of the newest 20,000 requests; at most ten seconds old. What came of the lists, and what positions do to
  // what is chosen, is told by this target (app/learn/outcome.h), which must be one of the domain's. Swaps
  // and scores of random orders are ranked 500 at a time, five million rows at most: it takes some reports
  // until they are all in.
  Result<PerformanceReport> report(const std::string& target);

 private:
  struct Measured {
    PerformanceReport report;
    Monotonic at;
  };
  Result<PerformanceReport> measure(const LearningTarget& target);

  const Domain& domain_;
  const LearningTarget preset_;
  PositionEvidence& positions_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Measured> last_ GUARDED_BY(mutex_);  // by target
};

std::string to_json(const PerformanceReport& report);  // without the items
// The first `limit` items.
std::string items_to_json(const PerformanceReport& report, ItemNames& names, std::int64_t limit);

}  // namespace rankloop::app
