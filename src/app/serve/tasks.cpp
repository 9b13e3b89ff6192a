// Looking at tasks, cancelling them and trying them again.
#include "app/serve/tasks.h"

#include <utility>

namespace rankloop::app {
namespace {

Error named(Error error) {
  if (error.code == ErrorCode::kNotFound) error.message = "Task not found";
  return error;
}

}  // namespace

Result<storage::TaskRecord> Tasks::get(const TaskId& task) {
  Result<storage::TaskRecord> record = store_.task(task);
  if (!record) return named(record.error());
  return record;
}

void Tasks::cancel(const TaskId& task, std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
                   storage::Done<storage::TaskRecord> done) {
  store_.cancel_task(task, "cancelled by request", std::move(keep),
                     [this, done = std::move(done)](Result<storage::TaskRecord> outcome) {
                       if (!outcome) return done(named(outcome.error()));
                       metrics_.tasks.cancelled->Increment();
                       done(std::move(outcome));
                     });
}

void Tasks::retry(const TaskId& task, std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
                  storage::Done<storage::TaskRecord> done) {
  store_.retry_task(task, std::move(keep), [done = std::move(done)](Result<storage::TaskRecord> outcome) {
    if (!outcome) return done(named(outcome.error()));
    done(std::move(outcome));
  });
}

}  // namespace rankloop::app
