// Full jitter below a rising bound.
#include "worker/backoff.h"

#include <algorithm>
#include <cstdint>

namespace rankloop::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff{200};
constexpr milliseconds kMostBackoff{30'000};

}  // namespace

milliseconds backoff(const storage::ClaimedTask& task) {
  const int doublings = std::min(task.attempt - 1, 16);
  const milliseconds most = std::min(kMostBackoff, kFirstBackoff * (1 << doublings));
  const std::uint64_t draw =
      task.lease.task.seed() ^ (0x9e3779b97f4a7c15U * static_cast<std::uint64_t>(task.attempt));
  return milliseconds{1 + static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(most.count()))};
}

}  // namespace rankloop::worker
