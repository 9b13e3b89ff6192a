// What has to happen between making the use cases and using them.
#include "app/use_cases.h"

namespace rankloop::app {

Status UseCases::open() {
  if (Status status = serving.start(); !status) return status;
  if (Status status = histories.start(); !status) return status;
  if (on_.hints.kind() == "memory") return {};
  foreign_results.emplace(on_.store, inference, payloads, serving, on_.hints, on_.log, on_.clock);
  foreign_tasks.emplace(wanted_.foreign_tasks, on_.domain, on_.store, inference, persons, training, tasks,
                        *foreign_results, ForeignFeedback{feedback, on_.hints, on_.clock}, on_.clock);
  return {};
}

}  // namespace rankloop::app
