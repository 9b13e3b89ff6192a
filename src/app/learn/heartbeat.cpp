// The thread that prolongs one lease.
#include "app/learn/heartbeat.h"

#include <utility>

#include "error/caught.h"
#include "sync/sleep.h"

namespace rankloop::app {

Heartbeat::Heartbeat(storage::TaskLedger& store, const storage::Lease& lease, std::chrono::milliseconds every,
                     const std::stop_token& outer)
    : store_(store),
      lease_(lease),
      outer_(outer, [this] { stop_.request_stop(); }),
      thread_([this, every](const std::stop_token& end) { beat(end, every); }) {}

void Heartbeat::tell(std::string progress) {
  const Lock lock{mutex_};
  progress_ = std::move(progress);
}

void Heartbeat::beat(const std::stop_token& end, std::chrono::milliseconds every) {
  while (!end.stop_requested()) {
    // A beat for which there is no memory is left out: the lease lasts for some.
    const Status alive = without_throwing([this] { return store_.heartbeat(lease_, progress()); });
    if (!alive && alive.error().code == ErrorCode::kAborted) {
      lost_ = true;
      stop_.request_stop();
      return;
    }
    sleep_for(every, end);
  }
}

std::string Heartbeat::progress() {
  const Lock lock{mutex_};
  return progress_;
}

}  // namespace rankloop::app
