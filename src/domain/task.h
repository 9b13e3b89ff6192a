// Task states and the words the outside uses for them. The transitions themselves are guarded updates in the
// store; docs/task-states.md has the picture.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rankloop {

enum class TaskKind : std::uint8_t { kInference = 0, kTraining = 1 };

enum class TaskState : std::uint8_t {
  kScheduled = 0,  // waits for a time (a retry's backoff)
  kReady = 1,      // may be claimed
  kRunning = 2,    // a worker holds the lease
  kSucceeded = 3,
  kFailed = 4,
  kCancelled = 5,
  kExpired = 6,
};

constexpr bool is_terminal(TaskState state) {
  return state >= TaskState::kSucceeded;
}

std::string_view name_of(TaskKind kind);    // "inference", "training"
std::string_view name_of(TaskState state);  // "scheduled", "ready", ...
std::optional<TaskKind> parse_task_kind(std::string_view name);
std::optional<TaskState> parse_task_state(std::string_view name);

// Celery's word: PENDING, RETRY (waiting again after an attempt), STARTED, SUCCESS, FAILURE, REVOKED.
// `attempt` is the number of attempts begun so far.
std::string_view celery_word(TaskState state, int attempt);

}  // namespace rankloop
