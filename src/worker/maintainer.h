// What has to happen about once a second, and what once an hour, on one thread: event counts and the shared
// poll of everything that waits in every process; leases, due retries, results that other programs still wait
// for, retraining that is due, steps of experiments, old answers, what was noted of ended erasures and
// artefacts without a model in the one of all processes on the store that is elected.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "app/learn/retraining.h"
#include "app/serve/event_counts.h"
#include "app/serve/foreign_results.h"
#include "app/serve/task_watch.h"
#include "app/watch/experiment_ramp.h"
#include "domain/clock.h"
#include "storage/store.h"
#include "telemetry/log.h"

namespace rankloop::worker {

class Maintainer {
 public:
  Maintainer(storage::Store& store, app::TaskWatch& watch, app::EventCounts& events,
             app::Retraining& retraining, app::ExperimentRamp& ramp, app::ForeignResults* results,
             telemetry::Logger& log, const Clock& clock, std::chrono::milliseconds answers_kept_for)
      : store_(store),
        watch_(watch),
        events_(events),
        retraining_(retraining),
        ramp_(ramp),
        results_(results),
        log_(log),
        clock_(clock),
        answers_kept_for_(answers_kept_for) {}
  ~Maintainer() { stop(); }

  void start();
  void stop();  // idempotent; the last event counts are written

 private:
  void run(const std::stop_token& stop);
  void guarded(const std::function<void()>& part);
  // Whether this process is the one of all on the store that does what is done once.
  bool elected();
  void look_after_store();
  void forget_old_answers();
  void forget_orphans();
  void forget_erasures();

  storage::Store& store_;
  app::TaskWatch& watch_;
  app::EventCounts& events_;
  app::Retraining& retraining_;
  app::ExperimentRamp& ramp_;
  app::ForeignResults* const results_;  // borrowed; null where no other program can wait for one
  telemetry::Logger& log_;
  const Clock& clock_;
  const std::chrono::milliseconds answers_kept_for_;
  std::unique_ptr<storage::ExclusiveLock> hold_;
  Monotonic purged_{};
  std::atomic<bool> more_answers_{false};  // to be removed, perhaps
  std::jthread thread_;
};

}  // namespace rankloop::worker
