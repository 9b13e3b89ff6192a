// Calls the use case and says what a failure means for the task.
#include "worker/jobs/run_inference.h"

namespace rankloop::worker {

std::function<void(const storage::ClaimedTask&, const std::stop_token&)> run_inference(
    app::Inference& inference) {
  return [&inference](const storage::ClaimedTask& task, const std::stop_token&) { inference.run(task); };
}

}  // namespace rankloop::worker
