// Claims, leases and what becomes of tasks, in memory.
#include "storage/sqlite/live_tasks.h"

#include <algorithm>
#include <array>
#include <functional>

namespace rankloop::storage::sqlite {
namespace {

bool holds(const Lease& lease, const LiveTask& task) {
  return task.state == TaskState::kRunning && task.fence == lease.fence;
}

}  // namespace

LiveTasks::LiveTasks(const Clock& clock, std::chrono::milliseconds lease, std::size_t max_waiting)
    : clock_(clock), lease_(lease), max_waiting_(max_waiting) {}

Status LiveTasks::add(const TaskId& id, LiveTask task, bool forced) {
  const Lock lock(mutex_);
  if (!forced && waiting_ >= max_waiting_) return too_many_wait();
  if (!tasks_.insert({id, std::move(task)}).second) {
    return task_is_there();
  }
  ++waiting_;
  return {};
}

bool LiveTasks::announce(const TaskId& id) {
  const Lock lock(mutex_);
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return false;
  if (found->second.state != TaskState::kReady) return false;
  ready(found->second.kind).insert(id);
  return true;
}

void LiveTasks::remove(const TaskId& id) {
  const Lock lock(mutex_);
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  if (found->second.state != TaskState::kRunning) --waiting_;
  ready(found->second.kind).erase(id);
  tasks_.erase(found);
}

// Expects that the task does not wait at the moment.
void LiveTasks::make_ready(const TaskId& id, LiveTask& task) {
  task.state = TaskState::kReady;
  ready(task.kind).insert(id);
}

ClaimedTask LiveTasks::lease_out(const TaskId& id, LiveTask& task) {
  task.state = TaskState::kRunning;
  ++task.attempt;
  ++task.fence;
  task.until = clock_.monotonic() + lease_;
  task.started = clock_.wall();
  task.progress.clear();
  --waiting_;
  ready(task.kind).erase(id);
  return {{id, task.fence}, task.kind, task.attempt, task.inference, task.arguments, task.trace};
}

std::vector<ClaimedTask> LiveTasks::claim(TaskKind kind, std::span<const TaskId> named, int limit) {
  std::vector<ClaimedTask> claimed;
  const auto room = [&] { return static_cast<int>(claimed.size()) < limit; };
  const Lock lock(mutex_);
  for (const TaskId& id : named) {
    if (!room()) break;
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || found->second.kind != kind || found->second.state != TaskState::kReady)
      continue;
    claimed.push_back(lease_out(id, found->second));
  }
  if (named.empty()) {
    while (room() && !ready(kind).empty()) {
      const TaskId oldest = *ready(kind).begin();
      claimed.push_back(lease_out(oldest, tasks_.at(oldest)));
    }
  }
  return claimed;
}

LiveTask* LiveTasks::holder(const Lease& lease) {
  const auto found = tasks_.find(lease.task);
  return found != tasks_.end() && holds(lease, found->second) ? &found->second : nullptr;
}

Status LiveTasks::heartbeat(const Lease& lease, std::string progress) {
  const Lock lock(mutex_);
  LiveTask* task = holder(lease);
  if (task == nullptr) return lease_lost(lease.task);
  task->until = clock_.monotonic() + lease_;
  if (!progress.empty()) task->progress = std::move(progress);
  return {};
}

std::optional<LiveTask> LiveTasks::held(const Lease& lease) const {
  const Lock lock(mutex_);
  const auto found = tasks_.find(lease.task);
  if (found == tasks_.end() || !holds(lease, found->second)) return std::nullopt;
  return found->second;
}

bool LiveTasks::put_back(const Lease& lease, std::chrono::milliseconds delay, bool counted) {
  const Lock lock(mutex_);
  LiveTask* task = holder(lease);
  if (task == nullptr) return false;
  if (!counted) --task->attempt;
  ++waiting_;
  if (delay <= std::chrono::milliseconds::zero()) {
    make_ready(lease.task, *task);
    return true;
  }
  task->state = TaskState::kScheduled;
  task->until = clock_.monotonic() + delay;
  return false;
}

void LiveTasks::expire(const TaskId& id, LiveTask& task, Swept& swept) {
  --waiting_;
  ready(task.kind).erase(id);
  task.state = TaskState::kRunning;
  ++task.fence;
  task.until = clock_.monotonic() + lease_;
  swept.expired.emplace_back(Lease{id, task.fence}, task);
}

void LiveTasks::take_back(const TaskId& id, LiveTask& task, int max_attempts, Swept& swept) {
  ++task.fence;
  if (task.attempt >= max_attempts) {
    task.until = clock_.monotonic() + lease_;
    swept.lost.emplace_back(Lease{id, task.fence}, task);
    return;
  }
  ++waiting_;
  make_ready(id, task);
  swept.ready.emplace_back(task.kind, id);
  ++swept.taken_back;
}

LiveTasks::Swept LiveTasks::sweep(int max_attempts) {
  Swept swept;
  const Monotonic now = clock_.monotonic();
  const WallTime wall = clock_.wall();
  const Lock lock(mutex_);
  for (auto& [id, task] : tasks_) {
    if (task.state != TaskState::kRunning && task.attempt == 0 && task.expires && *task.expires <= wall) {
      expire(id, task, swept);
      continue;
    }
    if (task.state == TaskState::kReady || task.until > now) continue;
    if (task.state == TaskState::kRunning) {
      take_back(id, task, max_attempts, swept);
    } else {
      make_ready(id, task);
      swept.ready.emplace_back(task.kind, id);
    }
  }
  return swept;
}

std::optional<LiveTask> LiveTasks::find(const TaskId& id) const {
  const Lock lock(mutex_);
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::pair<TaskState, int>> LiveTasks::state(const TaskId& id) const noexcept {
  const Lock lock(mutex_);
  const auto found = tasks_.find(id);
  if (found == tasks_.end() || found->second.kind != TaskKind::kInference) return std::nullopt;
  return std::pair{found->second.state, found->second.attempt};
}

std::vector<OpenTasks> LiveTasks::open(TaskKind kind) const {
  std::array<OpenTasks, 3> by_state{};
  {
    const Lock lock(mutex_);
    for (const auto& [id, task] : tasks_) {
      if (task.kind != kind) continue;
      OpenTasks& open = by_state[static_cast<std::size_t>(task.state)];
      const WallTime made{std::chrono::milliseconds{id.unix_ms()}};
      open.oldest = open.count == 0 ? made : std::min(open.oldest, made);
      open.state = task.state;
      ++open.count;
    }
  }
  std::vector<OpenTasks> found;
  std::ranges::copy_if(by_state, std::back_inserter(found),
                       [](const OpenTasks& open) { return open.count > 0; });
  return found;
}

std::vector<TaskId> LiveTasks::list(TaskState state, std::optional<TaskKind> kind,
                                    const std::optional<TaskId>& before, int limit) const {
  std::vector<TaskId> ids;
  {
    const Lock lock(mutex_);
    for (const auto& [id, task] : tasks_) {
      if (task.state == state && (!kind || task.kind == *kind) && (!before || id < *before))
        ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end(), std::greater<>());
  if (ids.size() > static_cast<std::size_t>(limit)) ids.resize(static_cast<std::size_t>(limit));
  return ids;
}

}  // namespace rankloop::storage::sqlite
