// The kinds of tasks, their states, and the words the outside uses for them. The transitions themselves are
// guarded updates in the store; docs/task-states.md has the picture.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rankloop {

// Every kind of task, a line each; whatever goes through the kinds follows from it. KIND(Name, name, number,
// one_at_a_time): the number stands in the ledger, so it is never given to another kind; below 64. Of a kind
// that is one at a time, a second task is refused while one has not ended. The job of a kind is name_job() in
// worker/jobs/<name>.cpp.
#define RANKLOOP_TASK_KINDS(KIND)       \
  KIND(Inference, inference, 0, false)  \
  KIND(Training, training, 1, true)     \
  KIND(Evaluation, evaluation, 2, true) \
  KIND(Replay, replay, 3, true)         \
  KIND(Erasure, erasure, 4, false)

enum class TaskKind : std::uint8_t {
#define RANKLOOP_KIND(Name, name, number, one_at_a_time) k##Name = (number),
  RANKLOOP_TASK_KINDS(RANKLOOP_KIND)
#undef RANKLOOP_KIND
};

// What the ledger has to know of a kind.
struct TaskKindTraits {
  TaskKind kind = TaskKind::kInference;
  std::string_view name;
  bool one_at_a_time = false;
};

inline constexpr std::array kTaskKinds = std::to_array<TaskKindTraits>({
#define RANKLOOP_KIND(Name, name, number, one_at_a_time) {TaskKind::k##Name, #name, one_at_a_time},
    RANKLOOP_TASK_KINDS(RANKLOOP_KIND)
#undef RANKLOOP_KIND
});

consteval TaskKindTraits traits_of(TaskKind kind) {
  std::size_t at = 0;
  while (kTaskKinds.at(at).kind != kind) ++at;
  return kTaskKinds.at(at);
}

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

std::string_view name_of(TaskKind kind);    // "inference", "training"; "unknown": none of this program's
std::string_view name_of(TaskState state);  // "scheduled", "ready", ...
std::optional<TaskKind> parse_task_kind(std::string_view name);
std::optional<TaskState> parse_task_state(std::string_view name);

// Celery's word: PENDING, RETRY (waiting again after an attempt), STARTED, SUCCESS, FAILURE, REVOKED.
// `attempt` is the number of attempts begun so far.
std::string_view celery_word(TaskState state, int attempt);

}  // namespace rankloop
