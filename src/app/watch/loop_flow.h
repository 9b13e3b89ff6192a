// The loop as it turns now: how much flows from each of its steps to the next, how long that takes and
// whether it is well. Everything is read from the ledger and the registry, so it is the same whichever
// process is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/learn/evidence_needs.h"
#include "domain/clock.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::app {

enum class Health {
  kWell,
  kStill,      // nothing flows, and nothing is wrong
  kAttention,  // somebody should have a look
  kBroken,     // it does not work
};
std::string_view name_of(Health health);

// From one step of the loop to the next.
struct LoopArrow {
  std::string_view from;
  std::string_view to;
  double per_second = 0;
  std::optional<double> lag;      // seconds: the median, or the only one there is
  std::optional<double> lag_p95;  // seconds; for the arrows that many things pass
  std::string_view lag_of;        // what the lag is
  Health health = Health::kStill;
  std::string says;  // why, in a sentence for people
};

// What the arrows are made from; the newest rows only.
struct LoopSnapshot {
  WallTime now;
  std::vector<storage::TaskRecord> tasks;    // the newest inferences, newest first
  std::vector<storage::ShownRequest> shown;  // of about the same requests; payloads and items may be empty
  std::vector<storage::InferenceRecord> sample;  // some of the shown ones, whole: when they were shown
  storage::OpenTasks waiting;                    // ready or scheduled, and since when the first of them is
  std::vector<storage::TaskRecord> trainings;    // newest first
  std::vector<storage::ModelRecord> models;
  std::vector<storage::ModelEvent> history;  // newest first
  storage::ModelCounts lists;                // by whatever ordered them, since the ledger began
  std::int64_t fresh = 0;                    // requests with an outcome that no training has seen
  std::int64_t minimum = 0;                  // that a training needs
  std::int64_t outcomes = 0;                 // requests with one, of all; counted up to what the gate needs
  std::int64_t gate = 0;                     // about how many the gate needs
};

// Requests with an outcome: how many there are, and how many are needed.
struct LoopNeeds {
  std::int64_t outcomes = 0;
  bool at_least = false;  // counting ended there
  std::int64_t training = 0;
  std::int64_t gate = 0;  // about: it counts test requests with a pick
};

struct LoopReport {
  WallTime at;
  double window_seconds = 0;      // that the rates of requests, rankings, lists and picks are counted in
  std::int64_t waiting = 0;       // tasks that no worker has begun
  storage::ModelCounts lists;     // shown since the ledger began, by whatever ordered them
  std::int64_t new_outcomes = 0;  // requests with one that no training has seen
  LoopNeeds needs;
  std::vector<LoopArrow> arrows;  // in the loop's order, seven
};

LoopReport loop_report(const LoopSnapshot& snapshot);

// Blocks. Thread-safe.
class LoopFlow {
 public:
  LoopFlow(storage::Store& store, const Clock& clock, const EvidenceNeeds& needs)
      : store_(store), clock_(clock), needs_(needs) {}

  // At most a second old; what trainings and the registry say, at most five; a training that failed
  // within them may be told a minute later.
  Result<LoopReport> report();

 private:
  Status read_requests() REQUIRES(mutex_);
  Status read_sample() REQUIRES(mutex_);
  Status read_learning() REQUIRES(mutex_);
  Status read_needs() REQUIRES(mutex_);
  Status read_trainings() REQUIRES(mutex_);

  storage::Store& store_;
  const Clock& clock_;
  const EvidenceNeeds needs_;
  Mutex mutex_;
  LoopSnapshot snapshot_ GUARDED_BY(mutex_);
  std::optional<LoopReport> last_ GUARDED_BY(mutex_);
  std::optional<Monotonic> learning_read_ GUARDED_BY(mutex_);
  std::optional<Monotonic> trainings_read_ GUARDED_BY(mutex_);
  std::int64_t open_trainings_ GUARDED_BY(mutex_) = 0;  // when they were read
  std::int64_t registry_ GUARDED_BY(mutex_) = 0;        // its version then
  Monotonic measured_ GUARDED_BY(mutex_){};
};

std::string to_json(const LoopReport& report);

}  // namespace rankloop::app
