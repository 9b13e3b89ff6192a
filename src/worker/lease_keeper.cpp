// The thread that prolongs leases.
#include "worker/lease_keeper.h"

#include <utility>

#include "error/caught.h"
#include "sync/sleep.h"
#include "telemetry/thread_name.h"

namespace rankloop::worker {

LeaseKeeper::LeaseKeeper(storage::TaskLedger& store, std::chrono::milliseconds every,
                         std::chrono::milliseconds at_most, std::function<void(const storage::Lease&)> lost)
    : store_(store),
      every_(every),
      at_most_(at_most),
      lost_(std::move(lost)),
      thread_([this](const std::stop_token& stop) {
        telemetry::name_this_thread("leases");
        run(stop);
      }) {}

void LeaseKeeper::keep(const storage::Lease& lease) {
  const Lock lock{mutex_};
  kept_.insert_or_assign(lease.task, Kept{lease, Time::now()});
}

// A task that was claimed again meanwhile has another fence, and stays.
void LeaseKeeper::let_go(const storage::Lease& lease) {
  const Lock lock{mutex_};
  const auto kept = kept_.find(lease.task);
  if (kept != kept_.end() && kept->second.lease.fence == lease.fence) kept_.erase(kept);
}

void LeaseKeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

// Most tasks end before their lease is due for the first time.
std::vector<storage::Lease> LeaseKeeper::due() {
  const Lock lock{mutex_};
  const Time::time_point now = Time::now();
  std::erase_if(kept_, [&](const auto& one) { return now - one.second.since > at_most_; });
  std::vector<storage::Lease> leases;
  for (const auto& [task, kept] : kept_) {
    if (now - kept.since >= every_) leases.push_back(kept.lease);
  }
  return leases;
}

void LeaseKeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    sleep_for(every_, stop);
    // A round for which there is no memory is left out: leases last for some.
    static_cast<void>(without_throwing([&] { prolong(stop); }));
  }
}

void LeaseKeeper::prolong(const std::stop_token& stop) {
  for (const storage::Lease& lease : due()) {
    if (stop.stop_requested()) return;
    const Status alive = store_.heartbeat(lease, {});
    if (alive || alive.error().code != ErrorCode::kAborted) continue;
    let_go(lease);
    lost_(lease);
  }
}

}  // namespace rankloop::worker
