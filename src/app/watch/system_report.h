// How the process and what it stands on are: memory, files, store, queue, tasks. Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "domain/clock.h"
#include "queue/queue.h"
#include "storage/store.h"

namespace rankloop::app {

struct SystemFacts {
  std::string version;
  std::string revision;
  std::string domain;
  std::int64_t workers = 0;  // threads of this process that run tasks
  bool demo = false;
};

class SystemReport {
 public:
  SystemReport(SystemFacts facts, storage::Store& store, queue::HintQueue& hints, const Clock& clock)
      : facts_(std::move(facts)), store_(store), hints_(hints), clock_(clock), started_(clock.monotonic()) {}

  // An object of JSON. Of what does not answer it says so; it is no error.
  std::string json();

 private:
  const SystemFacts facts_;
  storage::Store& store_;
  queue::HintQueue& hints_;
  const Clock& clock_;
  const Monotonic started_;
};

}  // namespace rankloop::app
