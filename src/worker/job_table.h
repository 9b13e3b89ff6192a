// Which job runs which kind of task: the kinds stand in domain/task.h, and the job of each in
// jobs/<name>.cpp.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "app/learn/evaluation.h"
#include "app/learn/heartbeat.h"
#include "app/learn/training.h"
#include "app/serve/inference.h"
#include "app/serve/persons.h"
#include "app/watch/replay_window.h"
#include "domain/clock.h"
#include "domain/task.h"
#include "storage/task_ledger.h"
#include "telemetry/log.h"

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
  std::function<int(const std::stop_token& stop)> room{};
};

// What jobs are made of; all of it outlives them.
struct JobParts {
  storage::TaskLedger& store;
  telemetry::Logger& log;
  const Clock& clock;
  app::Inference& inference;
  app::Training& training;
  const app::Evaluation& evaluation;
  app::WindowReplays& replays;
  app::Persons& persons;
  AskExternal* external = nullptr;  // with it, inferences are ranked by workers of another program
};

// Of every kind, in the order of domain/task.h.
std::vector<Job> job_table(const JobParts& parts);

#define RANKLOOP_KIND(Name, name, number, one_at_a_time) Job name##_job(const JobParts& parts);
RANKLOOP_TASK_KINDS(RANKLOOP_KIND)
#undef RANKLOOP_KIND

// What a job does with a claimed task, whose `arguments` say what is wanted: it works until it is done or
// heart.stop() is requested, tells by heart.tell() how far it is, and answers what is kept with the task.
// kUnavailable has it tried again later, as far as attempts are left; so has what it throws. Any other error
// ends the task for good.
using Work =
    std::function<Result<storage::JobResult>(const storage::ClaimedTask& task, app::Heartbeat& heart)>;

// The job of a kind that takes its time: a task by itself, on one thread of the process.
Job long_job(TaskKind kind, const JobParts& parts, Work work);

}  // namespace rankloop::worker
