// What the ledger tells of position bias once models rank its requests anew: what other models that shared
// the traffic would have shown, and what a model says of what lists in random order held.
//
// Where models share the traffic, who answers a person is drawn by a hash, so it is chance; how likely each
// of them was is counted between the changes of the registry. Requests in the first five seconds after a
// change are left out, while processes hear of it, and so are models with fewer than 20 requests between two
// changes, and all that a model shared which cannot rank some of it any more. A request is ranked on the
// catalog of then (app/serve/replay.h); a model's own shadow list would be the same one.
//
// Ranking anew takes time, so it is done in portions, the newest requests first, and kept: positions and
// scores of the first 20 places of the newest 20,000 requests. Blocks. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "app/learn/outcome.h"
#include "app/serve/replay.h"
#include "app/watch/traffic_shares.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "ml/calibration.h"
#include "ml/harvest.h"
#include "ml/position_model.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::app {

struct PositionObservations {
  std::vector<ml::Swap> swaps;               // in the order of the requests
  std::vector<ml::ShownAtRandom> at_random;  // scores are calibrated
  std::size_t waiting = 0;                   // rankings that were left for the next time
};

// How much may be ranked anew at a time.
struct RankingBudget {
  std::size_t rows = 0;      // scored
  std::size_t rankings = 0;  // whatever the catalog's size
};

class PositionEvidence {
 public:
  static constexpr std::size_t kPositions = 20;

  PositionEvidence(std::shared_ptr<const Domain> domain, storage::Store& store, const Serving& serving,
                   Replays& replays)
      : domain_(std::move(domain)), store_(store), serving_(serving), replays_(replays) {}

  using Visit = std::function<void(const storage::ShownRequest&)>;

  // What was chosen is what the target says. Ranks what the budget allows and answers what is known by then;
  // rankings are kept for all targets. A requested stop ends the ranking early.
  // `also` sees the requests as they are read, whatever they tell of positions; it must neither throw nor
  // read from the store. The store's errors.
  Result<PositionObservations> gather(const LearningTarget& target, const RankingBudget& budget,
                                      const std::stop_token& stop = {}, const Visit& also = {});

 private:
  struct Answered;  // a request of the window
  struct Window;

  // What a model makes of a request.
  struct Ranked {
    std::vector<ItemId> items;   // the first places, where a model had ordered the list
    std::vector<double> scores;  // calibrated, of what was shown, where a random order had
  };
  using Key = std::pair<ModelId, InferenceId>;  // who ranks, and what

  Result<Window> read_window(const LearningTarget& target, const Visit& also);
  std::vector<std::pair<Key, const Answered*>> missing(const Window& window, const RankingBudget& budget,
                                                       std::size_t& waiting);
  Status rank(std::span<const std::pair<Key, const Answered*>> wanted, const std::stop_token& stop);
  Result<std::optional<Ranked>> ranked(const Answered& request, const Result<Replay>& replay,
                                       const ml::Calibration& calibration);
  PositionObservations observed(const Window& window);
  void add_swaps(const Answered& request, const Shares& shares, const std::set<ModelId>& unable,
                 std::vector<ml::Swap>& swaps) const REQUIRES(mutex_);

  const std::shared_ptr<const Domain> domain_;
  storage::Store& store_;
  const Serving& serving_;
  Replays& replays_;

  Mutex mutex_;
  std::map<Key, std::optional<Ranked>> kept_ GUARDED_BY(mutex_);  // empty: it cannot rank it
};

}  // namespace rankloop::app
