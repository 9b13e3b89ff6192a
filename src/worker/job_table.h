// Which job runs which kind of task: a task kind is one file under jobs/ and one line in job_table.cpp.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "app/learn/training.h"
#include "app/serve/inference.h"
#include "domain/task.h"
#include "storage/records.h"

namespace rankloop::worker {

class AskExternal;

struct Job {
  TaskKind kind;
  int at_once;       // tasks one thread claims together; long jobs take one
  int most_threads;  // of this kind in one process; more would only stand in each other's way
  // `stop` tells a long job that the process ends: it gives its task back.
  std::function<void(const storage::ClaimedTask&, const std::stop_token& stop)> run;
  // How many tasks may be claimed now, of a job that goes on after run() has returned; waits a little for
  // room. Unset: always at_once.
  std::function<int(const std::stop_token& stop)> room;
};

// With `external`, inferences are ranked by workers of another program.
std::vector<Job> job_table(app::Inference& inference, app::Training& training, AskExternal* external);

}  // namespace rankloop::worker
