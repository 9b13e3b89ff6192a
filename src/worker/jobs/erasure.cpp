// The job of an erasure task.
#include "worker/job_table.h"

namespace rankloop::worker {

Job erasure_job(const JobParts& parts) {
  return long_job(TaskKind::kErasure, parts,
                  [&persons = parts.persons](const storage::ClaimedTask& task, app::Heartbeat& heart) {
                    return persons.run(task, heart);
                  });
}

}  // namespace rankloop::worker
