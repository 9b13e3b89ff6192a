#include "worker/job_table.h"

#include "worker/jobs/run_inference.h"

namespace rankloop::worker {

std::vector<Job> job_table(app::Inference& inference) {
  return {
      {TaskKind::kInference, 16, run_inference(inference)},
  };
}

}  // namespace rankloop::worker
