#include "worker/jobs/run_inference.h"

namespace rankloop::worker {

std::function<void(const storage::ClaimedTask&)> run_inference(app::Inference& inference) {
  return [&inference](const storage::ClaimedTask& task) { inference.run(task); };
}

}  // namespace rankloop::worker
