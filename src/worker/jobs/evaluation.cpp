// The job of an evaluation task.
#include "worker/job_table.h"

namespace rankloop::worker {

Job evaluation_job(const JobParts& parts) {
  return long_job(TaskKind::kEvaluation, parts,
                  [&evaluation = parts.evaluation](const storage::ClaimedTask& task, app::Heartbeat& heart) {
                    return evaluation.run(task, heart);
                  });
}

}  // namespace rankloop::worker
