#include "worker/maintainer.h"

#include <condition_variable>
#include <mutex>

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
  });
}

void Maintainer::forget_orphans() {
  store_.forget_orphans([this](const Result<std::int64_t>& outcome) {
    if (!outcome) log_.error("artefacts that no model names could not be removed", outcome.error());
  });
}

void Maintainer::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  Monotonic purged = clock_.monotonic() - kPurgeEvery;
  while (!stop.stop_requested()) {
    if (Status status = store_.sweep(); !status) log_.error("the sweep of tasks failed", status.error());
    events_.flush();
    watch_.poll();
    retraining_.tick();
    if (clock_.monotonic() - purged >= kPurgeEvery) {
      purged = clock_.monotonic();
      forget_old_answers();
      forget_orphans();
    }
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, kTick, [] { return false; });
  }
}

}  // namespace rankloop::worker
