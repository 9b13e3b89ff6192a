// Tasks that other programs (Celery producers) put into the broker, on their way into the ledger: which task
// it is, whether its arguments can be, and what becomes of it when they cannot. From there on it is a task
// like any other; its result is sent by ForeignResults.
//
// A task is settled once the ledger has it: what is lost before that the broker brings again, and a second
// arrival changes nothing.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "app/learn/training.h"
#include "app/serve/foreign_feedback.h"
#include "app/serve/foreign_results.h"
#include "app/serve/inference.h"
#include "app/serve/persons.h"
#include "app/serve/serial_executor.h"
#include "app/serve/tasks.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "queue/foreign_task.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::app {

// Of the tasks that other programs send.
struct ForeignNames {
  queue::ForeignWords tasks;
  std::string feedback;
};

class ForeignTasks final : public queue::ForeignListener {
 public:
  ForeignTasks(ForeignNames names, std::shared_ptr<const Domain> domain, storage::Store& store,
               Inference& inference, Persons& persons, Training& training, Tasks& tasks,
               ForeignResults& results, ForeignFeedback feedback, const Clock& clock);

  void task_arrived(queue::ForeignTask task, std::function<void(bool taken)> settle) noexcept override;
  // Also of tasks that are still on their way here.
  void revoke(std::vector<std::string> ids) noexcept override;
  // Nothing more is taken in; what was not settled the broker gives to another worker. Idempotent.
  void stop() { executor_.stop(); }

 private:
  struct Arrival;
  using Arrived = std::shared_ptr<Arrival>;

  void take(const Arrived& arrived);
  void tell(const Arrived& arrived);
  void start_inference(const Arrived& arrived);
  void start_training(const Arrived& arrived);
  Result<InferenceInput> input_of(const queue::ForeignTask& task);
  Result<InferenceInput> stored_user(const boost::json::value& number);
  void refuse(const Arrived& arrived, TaskState state, std::string reason);
  void settle(const Arrived& arrived, const Status& outcome);
  bool is_revoked(const TaskId& task);
  void cancel(const TaskId& task);

  const ForeignNames names_;
  const std::shared_ptr<const Domain> domain_;
  storage::Store& store_;
  Inference& inference_;
  Persons& persons_;
  Training& training_;
  Tasks& tasks_;
  ForeignResults& results_;
  ForeignFeedback feedback_;
  const Clock& clock_;

  Mutex mutex_;
  // The last tasks that someone revoked, whether or not they are known here.
  std::unordered_set<TaskId> revoked_ GUARDED_BY(mutex_);
  std::deque<TaskId> revoked_in_order_ GUARDED_BY(mutex_);
  SerialExecutor executor_;  // last: its thread uses everything above
};

// Stands at a queue that is opened before the ledger: until there is a listener behind it, and after that has
// gone, tasks go back to the broker. Thread-safe.
class ForeignForwarder final : public queue::ForeignListener {
 public:
  // Null closes it; whoever is inside is out by then.
  void forward_to(queue::ForeignListener* listener);
  void task_arrived(queue::ForeignTask task, std::function<void(bool taken)> settle) noexcept override;
  void revoke(std::vector<std::string> ids) noexcept override;

 private:
  Mutex mutex_;
  queue::ForeignListener* listener_ GUARDED_BY(mutex_) = nullptr;  // borrowed
};

}  // namespace rankloop::app
