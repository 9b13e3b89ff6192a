// The turns of the maintainer, each part guarded by itself.
#include "worker/maintainer.h"

#include <utility>

#include "error/caught.h"
#include "sync/sleep.h"
#include "telemetry/thread_name.h"

namespace rankloop::worker {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::minutes kPurgeEvery{10};

}  // namespace

void Maintainer::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    telemetry::name_this_thread("maintainer");
    run(stop);
  }};
}

void Maintainer::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  events_.flush();
}

void Maintainer::forget_old_answers() {
  store_.forget_answers(clock_.wall() - answers_kept_for_, [this](const Result<std::int64_t>& outcome) {
    if (!outcome) log_.error("old answers could not be removed", outcome.error());
    more_answers_ = outcome && *outcome > 0;
  });
}

void Maintainer::forget_orphans() {
  store_.forget_orphans([this](const Result<std::int64_t>& outcome) {
    if (!outcome) log_.error("artefacts that no model names could not be removed", outcome.error());
  });
}

// The keys of people with them, where an erasure came to nothing: until then it can be tried again.
void Maintainer::forget_erasures() {
  store_.forget_erasures(clock_.wall(), [this](const Result<void>& outcome) {
    if (!outcome) log_.error("what is noted of ended erasures could not be removed", outcome.error());
  });
}

bool Maintainer::elected() {
  if (hold_ != nullptr && hold_->holds()) return true;
  hold_.reset();
  Result<std::unique_ptr<storage::ExclusiveLock>> held =
      store_.try_lock("maintenance", storage::LockEnds::kInSilence);
  if (!held) {
    log_.warning("no process could be elected to maintain the store", {{"reason", held.error().message}});
    return false;
  }
  hold_ = *std::move(held);
  return hold_ != nullptr;
}

void Maintainer::look_after_store() {
  if (Status status = store_.sweep(); !status) log_.error("the sweep of tasks failed", status.error());
  retraining_.tick();
  ramp_.tick();
  if (results_ != nullptr) results_->answer_due();
  if (more_answers_.exchange(false)) forget_old_answers();
  if (clock_.monotonic() - purged_ < kPurgeEvery) return;
  purged_ = clock_.monotonic();
  forget_old_answers();
  forget_orphans();
  forget_erasures();
}

void Maintainer::guarded(const std::function<void()>& part) {
  if (const Status done = without_throwing(part); !done) {
    log_.error("the maintainer goes on after a fault", done.error());
  }
}

void Maintainer::run(const std::stop_token& stop) {
  purged_ = clock_.monotonic() - kPurgeEvery;
  while (!stop.stop_requested()) {
    // Each by itself: one that has no memory, say, must not keep the others from their turn.
    guarded([this] {
      if (elected()) look_after_store();
    });
    guarded([this] { events_.flush(); });
    guarded([this] { watch_.poll(); });
    sleep_for(kTick, stop);
  }
  hold_.reset();
}

}  // namespace rankloop::worker
