// What was shown of a ranking, and what was told of it or of people.
#pragma once

#include <optional>
#include <string>

#include "domain/clock.h"
#include "domain/feedback.h"
#include "domain/ids.h"
#include "domain/ledger_words.h"

namespace rankloop::storage {

struct Exposure {
  int first_rank = 1;  // 1-based; this exposure showed ranks [first_rank, first_rank + count)
  int count = 0;
  WallTime at;
  ExposureSource source = ExposureSource::kResults;
};

struct Feedback {
  std::optional<ItemId> item;   // empty: none chosen
  int rank = 0;                 // 0 for none chosen
  std::string kind{kPickKind};  // of the domain's, or of one that it had
  double value = 1;             // as it was told; what it is worth the domain says
  double people = 1;            // who did so: imported history may tell of many at once
  WallTime at;                  // when it happened
  double weight = 1;            // how much it is to count
  bool evidence = true;         // not when nothing was shown before
};

struct NewExposure {
  InferenceId inference;
  int up_to = 0;  // show ranks 1..up_to; only what was not shown before is recorded
  WallTime at;
  ExposureSource source = ExposureSource::kResults;
};

struct NewFeedback {
  TaskId task;
  InferenceId inference;
  std::optional<ItemId> item;
  int rank = 0;  // of `item` in the ranking, found by the caller (a ranking never changes)
  std::string kind{kPickKind};
  double value = 1;
  double people = 1;
  WallTime at;
  double weight = 1;
  std::string event_id{};  // the caller's own; empty: none. One of it is taken, ever
};

// What a person did that belongs to no ranking.
struct NewPersonEvent {
  PersonKey person;
  ItemId item;
  std::string kind;
  double value = 1;
  WallTime at;        // when it happened
  WallTime received;  // and when it was told
  std::string event_id{};
};

}  // namespace rankloop::storage
