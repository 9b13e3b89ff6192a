// The job of an inference task: ranked here, or by a worker of another program.
#include "worker/job_table.h"
#include "worker/jobs/ask_external.h"

namespace rankloop::worker {

Job inference_job(const JobParts& parts) {
  if (parts.external != nullptr) return ask_external(*parts.external);
  return {TaskKind::kInference, 16, 64,
          [&inference = parts.inference](const storage::ClaimedTask& task, const std::stop_token&) {
            inference.run(task);
          }};
}

}  // namespace rankloop::worker
