// Which job runs which kind of task: a task kind is one file under jobs/ and one line in job_table.cpp.
#pragma once

#include <functional>
#include <vector>

#include "app/inference.h"
#include "domain/task.h"
#include "storage/records.h"

namespace rankloop::worker {

struct Job {
  TaskKind kind;
  int at_once;  // tasks one thread claims together; long jobs take one
  std::function<void(const storage::ClaimedTask&)> run;
};

std::vector<Job> job_table(app::Inference& inference);

}  // namespace rankloop::worker
