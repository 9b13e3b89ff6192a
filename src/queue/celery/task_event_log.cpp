// The tasks in work and what is told of each.
#include "queue/celery/task_event_log.h"

#include <algorithm>
#include <utility>

namespace rankloop::queue::celery {
namespace {

constexpr std::size_t kMostRevoked = 1'000;
constexpr std::size_t kMostEvents = 10'000;

}  // namespace

void TaskEventLog::received(const TaskFacts& task, std::string_view queue, Moment now) {
  arrived(task, queue, now);
  if (const auto at = tasks_.find(task.id); at != tasks_.end()) tell_receipt(at->second, now);
}

void TaskEventLog::arrived(const TaskFacts& task, std::string_view queue, Moment now) {
  if (tasks_.size() >= kMostTasks) return;
  tasks_.try_emplace(task.id, Task{{task, std::string{queue}, std::nullopt}, now});
}

void TaskEventLog::left(const std::string& id) {
  const auto at = tasks_.find(id);
  if (at != tasks_.end() && !at->second.told) tasks_.erase(at);
}

void TaskEventLog::tell_receipt(Task& task, Moment now) {
  if (std::exchange(task.told, true)) return;
  if (wants_events_ && events_.size() < kMostEvents)
    events_.push_back(task_received(stamp(now), task.view.facts));
}

void TaskEventLog::changed(const std::string& id, TaskState state, Moment now) {
  const auto at = tasks_.find(id);
  if (at == tasks_.end()) return;
  TaskView& task = at->second.view;
  const bool tells = wants_events_ && events_.size() < kMostEvents;
  const bool begins = state == TaskState::kRunning && !task.started;
  if (begins || is_terminal(state)) tell_receipt(at->second, now);
  if (begins) {
    task.started = now;
    ++active_;
    if (tells) events_.push_back(task_started(stamp(now), id));
  }
  const bool waits_again = state == TaskState::kReady || state == TaskState::kScheduled;
  if (!is_terminal(state) && !(waits_again && task.started)) return;
  const double runtime = task.started ? std::chrono::duration<double>(now - *task.started).count() : 0;
  if (tells && state == TaskState::kSucceeded)
    events_.push_back(task_succeeded(stamp(now), id, "None", runtime));
  if (tells && state == TaskState::kFailed)
    events_.push_back(task_failed(stamp(now), id, "RuntimeError('the task failed')"));
  if (tells && (state == TaskState::kCancelled || state == TaskState::kExpired))
    events_.push_back(task_revoked(stamp(now), id, state == TaskState::kExpired));
  if (task.started) --active_;
  if (is_terminal(state)) {
    ++processed_;
    ++ended_[task.facts.name];
  }
  tasks_.erase(at);
}

void TaskEventLog::forget_stale(Moment now) {
  std::erase_if(tasks_, [&](const auto& entry) {
    return !entry.second.view.started && now - entry.second.received > kForgetAfter;
  });
}

void TaskEventLog::revoked(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (std::ranges::find(revoked_, id) == revoked_.end()) revoked_.push_back(id);
  }
  if (revoked_.size() > kMostRevoked)
    revoked_.erase(revoked_.begin(), revoked_.end() - static_cast<std::ptrdiff_t>(kMostRevoked));
}

boost::json::object TaskEventLog::worker_event(std::string_view type, std::array<double, 3> load_average,
                                               Moment now) {
  return celery::worker_event(type, stamp(now), {2, active_, processed_, load_average});
}

WorkerView TaskEventLog::view(int prefetch, Moment now) const {
  WorkerView view = identity_;
  view.clock = clock_;
  view.prefetch = prefetch;
  view.uptime_seconds = std::chrono::duration_cast<std::chrono::seconds>(now - since_).count();
  view.ended = ended_;
  view.revoked = revoked_;
  for (const auto& [id, task] : tasks_)
    (task.view.started ? view.active : view.reserved).push_back(task.view);
  const auto by_id = [](const TaskView& task) -> const std::string& { return task.facts.id; };
  std::ranges::sort(view.active, {}, by_id);
  std::ranges::sort(view.reserved, {}, by_id);
  return view;
}

}  // namespace rankloop::queue::celery
