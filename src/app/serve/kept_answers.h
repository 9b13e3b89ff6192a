// The answers that are kept under an Idempotency-Key. Most are written by the write that they tell of
// (RecordedAnswer, in app/records.h); this finds them, and keeps those that no other write carries.
//
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "app/records.h"
#include "domain/clock.h"
#include "storage/answers.h"

namespace rankloop::app {

class KeptAnswers {
 public:
  KeptAnswers(storage::Answers& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Nothing when none is kept under this name. May wait for the disk.
  Result<std::optional<KeptAnswer>> find(const std::string& name) const { return store_.kept_answer(name); }
  // kAlreadyExists when there is one under this name. `done` is called on the writer's thread.
  void keep(std::string name, KeptAnswer answer, storage::Done<void> done) const {
    store_.keep_answer(std::move(name), std::move(answer), clock_.wall(), std::move(done));
  }

 private:
  storage::Answers& store_;
  const Clock& clock_;
};

}  // namespace rankloop::app
