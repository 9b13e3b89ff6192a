// The job of a training task.
#include "worker/job_table.h"

namespace rankloop::worker {

Job training_job(const JobParts& parts) {
  return {TaskKind::kTraining, 1, 1,
          [&training = parts.training](const storage::ClaimedTask& task, const std::stop_token& stop) {
            training.run(task, stop);
          }};
}

}  // namespace rankloop::worker
