// The job of a replay task.
#include "worker/job_table.h"

namespace rankloop::worker {

Job replay_job(const JobParts& parts) {
  return long_job(TaskKind::kReplay, parts,
                  [&replays = parts.replays](const storage::ClaimedTask& task, app::Heartbeat& heart) {
                    return replays.run(task, heart);
                  });
}

}  // namespace rankloop::worker
