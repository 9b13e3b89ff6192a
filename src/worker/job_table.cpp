// The table of jobs, a line each.
#include "worker/job_table.h"

#include "worker/jobs/ask_external.h"
#include "worker/jobs/run_inference.h"
#include "worker/jobs/run_training.h"

namespace rankloop::worker {

std::vector<Job> job_table(app::Inference& inference, app::Training& training, AskExternal* external) {
  return {
      external ? ask_external(*external) : Job{TaskKind::kInference, 16, 64, run_inference(inference), {}},
      {TaskKind::kTraining, 1, 1, run_training(training), {}},
  };
}

}  // namespace rankloop::worker
