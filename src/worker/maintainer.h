// What has to happen about once a second, and what once an hour, on one thread: leases, due retries, event
// counts, the shared poll of everything that waits, retraining that is due, old answers, artefacts without a
// model.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include "app/event_counts.h"
#include "app/retraining.h"
#include "app/task_watch.h"
#include "domain/clock.h"
#include "storage/store.h"
#include "telemetry/log.h"

namespace rankloop::worker {

class Maintainer {
 public:
  Maintainer(storage::Store& store, app::TaskWatch& watch, app::EventCounts& events,
             app::Retraining& retraining, telemetry::Logger& log, const Clock& clock,
             std::chrono::milliseconds answers_kept_for)
      : store_(store),
        watch_(watch),
        events_(events),
        retraining_(retraining),
        log_(log),
        clock_(clock),
        answers_kept_for_(answers_kept_for) {}
  ~Maintainer() { stop(); }

  void start();
  void stop();  // idempotent; the last event counts are written

 private:
  void run(const std::stop_token& stop);
  void forget_old_answers();
  void forget_orphans();

  storage::Store& store_;
  app::TaskWatch& watch_;
  app::EventCounts& events_;
  app::Retraining& retraining_;
  telemetry::Logger& log_;
  const Clock& clock_;
  const std::chrono::milliseconds answers_kept_for_;
  std::jthread thread_;
};

}  // namespace rankloop::worker
