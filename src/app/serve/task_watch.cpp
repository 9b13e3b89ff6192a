// Who waits for which task, told by hints and by the shared poll.
#include "app/serve/task_watch.h"

#include <unordered_set>

namespace rankloop::app {
namespace {

constexpr std::size_t kMostRemembered = 4'096;

}  // namespace

TaskWatch::TaskWatch(queue::HintQueue& hints, storage::TaskLedger& store)
    : store_(store), subscription_(hints.subscribe([this](const queue::Change& change) {
        if (const auto* task = std::get_if<queue::TaskChanged>(&change)) changed(task->id, task->state);
      })) {}

std::unique_ptr<TaskWatch::Waiter> TaskWatch::wait(const TaskId& task, Wake wake) {
  const Lock lock{mutex_};
  const std::uint64_t number = next_number_++;
  waiting_.emplace(task, std::pair{number, std::move(wake)});
  return std::make_unique<Waiter>(*this, task, number);
}

void TaskWatch::changed(const TaskId& task, TaskState state) {
  std::vector<Wake> wakes;
  {
    const Lock lock{mutex_};
    const auto begun = begun_.find(task);
    if (begun != begun_.end() && begun->second != TaskState::kSucceeded) begun->second = state;
    if (waiting_.empty()) return;
    const auto [begin, end] = waiting_.equal_range(task);
    for (auto at = begin; at != end; ++at) wakes.push_back(at->second.second);
  }
  for (const Wake& wake : wakes) wake(state);
}

void TaskWatch::begins(const TaskId& inference) {
  const Lock lock{mutex_};
  begun_.emplace(inference, TaskState::kReady);
  order_.push_back(inference);
  if (order_.size() <= kMostRemembered) return;
  begun_.erase(order_.front());
  order_.pop_front();
}

std::optional<TaskState> TaskWatch::told(const TaskId& task) {
  const Lock lock{mutex_};
  const auto begun = begun_.find(task);
  if (begun == begun_.end()) return std::nullopt;
  return begun->second;
}

void TaskWatch::remove(const TaskId& task, std::uint64_t number) {
  const Lock lock{mutex_};
  const auto [begin, end] = waiting_.equal_range(task);
  for (auto at = begin; at != end; ++at) {
    if (at->second.first == number) {
      waiting_.erase(at);
      return;
    }
  }
}

void TaskWatch::poll() {
  std::unordered_set<TaskId> tasks;
  {
    const Lock lock{mutex_};
    for (const auto& [task, waiter] : waiting_) tasks.insert(task);
  }
  for (const TaskId& task : tasks) {
    if (store_.live_state(task)) continue;  // not ended, and this process would have been told
    if (const auto record = store_.task(task); record && is_terminal(record->state))
      changed(task, record->state);
  }
}

}  // namespace rankloop::app
