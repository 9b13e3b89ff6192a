// Names of kinds and states, and Celery's words for them.
#include "domain/task.h"

#include <algorithm>
#include <array>

#include "domain/enum_names.h"

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 7> kStates = {"scheduled", "ready",     "running", "succeeded",
                                                     "failed",    "cancelled", "expired"};

}  // namespace

std::string_view name_of(TaskKind kind) {
  const auto* const found = std::ranges::find(kTaskKinds, kind, &TaskKindTraits::kind);
  return found == kTaskKinds.end() ? "unknown" : found->name;
}
std::string_view name_of(TaskState state) {
  return name_among(kStates, state);
}
std::optional<TaskKind> parse_task_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kTaskKinds, name, &TaskKindTraits::name);
  return found == kTaskKinds.end() ? std::nullopt : std::optional{found->kind};
}
std::optional<TaskState> parse_task_state(std::string_view name) {
  return value_named<TaskState>(kStates, name);
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
