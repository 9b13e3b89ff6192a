// Calls the use case with the lease's heartbeat.
#include "worker/jobs/run_training.h"

namespace rankloop::worker {

std::function<void(const storage::ClaimedTask&, const std::stop_token&)> run_training(
    app::Training& training) {
  return [&training](const storage::ClaimedTask& task, const std::stop_token& stop) {
    training.run(task, stop);
  };
}

}  // namespace rankloop::worker
