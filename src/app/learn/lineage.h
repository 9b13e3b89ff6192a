// Where a model came from; kept with it as JSON, which is written and read here alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"

namespace rankloop::app {

struct LastImported {
  WallTime at;  // by its own time
  InferenceId id;
};

// Of the dataset.
struct Lineage {
  InferenceId first;          // of the requests with an outcome
  InferenceId trained_until;  // the last one of our own that a model may have learned from (validation too)
  InferenceId last;
  std::int64_t requests = 0;  // with an outcome
  std::int64_t none_chosen = 0;
  std::int64_t without_outcome = 0;  // shown, but nobody said what became of it
  std::int64_t awaited = 0;          // of them, still waiting for what may come
  std::int64_t picked_below = 0;     // of them, with picks, all of them below the ranks that count as shown
  std::int64_t unreadable = 0;       // stored under an older domain version that this one cannot read
  std::int64_t imported = 0;         // of `requests`
  std::int64_t randomised = 0;       // of them, in random order
  std::int64_t lone = 0;             // of them, with one item shown
  std::optional<LastImported> last_imported;  // of those that a model may have learned from
  std::int64_t rows = 0;
  std::int64_t train_requests = 0;
  std::int64_t validation_requests = 0;
  std::int64_t test_requests = 0;
  std::string hash;  // SHA-256 over every number of every row
};

// Of a model that was trained. The hash that is kept with it is over its settings, too.
struct ModelLineage {
  Lineage dataset;
  // Its settings.
  std::string family;
  std::int64_t window = 0;
  std::string objective;
  std::uint64_t seed = 0;
  bool positions_weighed = false;
  std::string hyperparameters;  // JSON object
  // What else is told of it.
  std::string features;           // fingerprint
  std::string position_evidence;  // name_of(PositionSource)
  std::vector<std::string> warnings;
  std::string cause;  // of the training
  double seconds = 0;
  std::string snapshot;  // of the features' distributions: JSON array
  std::string curve;     // of the losses: JSON array
};

std::string to_json(const ModelLineage& lineage);
// The dataset's numbers out of such an object. Those that it does not have are 0: of a model that did not
// learn from the ledger, all of them.
Lineage read_lineage(const std::string& json);

// Whether a model of this lineage may have learned from a request.
bool learned_from(const Lineage& lineage, InferenceId request, WallTime at, bool imported);

}  // namespace rankloop::app
