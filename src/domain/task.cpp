// Names of kinds and states, and Celery's words for them.
#include "domain/task.h"

#include <array>
#include <cstddef>

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"inference", "training"};
constexpr std::array<std::string_view, 7> kStates = {"scheduled", "ready",     "running", "succeeded",
                                                     "failed",    "cancelled", "expired"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(TaskKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view name_of(TaskState state) {
  return kStates[static_cast<std::size_t>(state)];
}
std::optional<TaskKind> parse_task_kind(std::string_view name) {
  return find<TaskKind>(kKinds, name);
}
std::optional<TaskState> parse_task_state(std::string_view name) {
  return find<TaskState>(kStates, name);
}

std::string_view celery_word(TaskState state, int attempt) {
  switch (state) {
    case TaskState::kScheduled:
    case TaskState::kReady:
      return attempt > 0 ? "RETRY" : "PENDING";
    case TaskState::kRunning:
      return "STARTED";
    case TaskState::kSucceeded:
      return "SUCCESS";
    case TaskState::kFailed:
      return "FAILURE";
    case TaskState::kCancelled:
    case TaskState::kExpired:
      return "REVOKED";
  }
  return "PENDING";
}

}  // namespace rankloop
