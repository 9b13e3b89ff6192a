// Tasks that another program (a Celery producer) put into the broker, and their results.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.h"
#include "domain/task.h"

namespace rankloop::queue {

// The kinds of tasks that other programs send, and so those that have a queue of the broker. Tasks of every
// other kind are begun by this program alone: their hints stay in the process, and the store tells the
// others.
inline constexpr std::array kForeignKinds{TaskKind::kInference, TaskKind::kTraining};

// A word for each of them, in their order.
using ForeignWords = std::array<std::string, kForeignKinds.size()>;

constexpr bool is_foreign(TaskKind kind) {
  return std::ranges::find(kForeignKinds, kind) != kForeignKinds.end();
}
// Of a foreign kind: where it stands among them.
constexpr std::size_t place_of(TaskKind kind) {
  return static_cast<std::size_t>(std::ranges::find(kForeignKinds, kind) - kForeignKinds.begin());
}

struct ForeignTask {
  TaskKind kind = TaskKind::kInference;  // of the queue it came from, whatever its name says
  TaskId id;
  std::string name;           // of the task, e.g. "inference"
  std::string args = "[]";    // JSON; Celery's tagged values are plain texts here
  std::string kwargs = "{}";  // JSON
  std::string reply_to;       // a queue, or empty
  std::string correlation_id;
  std::optional<std::chrono::system_clock::time_point> eta;      // not before
  std::optional<std::chrono::system_clock::time_point> expires;  // not after
  std::string root_id;
  std::string parent_id;
  std::string traceparent;  // as it came, or empty
  int retries = 0;
  bool is_canvas = false;  // part of a chain or chord, or with callbacks: others are to follow
  bool ignore_result = false;
};

// Called on the queue's thread: short, never blocking.
class ForeignListener {
 public:
  virtual ~ForeignListener() = default;
  // Exactly one call of `settle`, from any thread, at any time: true when the task is kept for good (its
  // message is acknowledged then), false to get it again a little later. A listener that goes may leave the
  // call out: the broker gives the task to another worker.
  virtual void task_arrived(ForeignTask task, std::function<void(bool taken)> settle) noexcept = 0;
  // Someone asks for these tasks (of any program) not to be run.
  virtual void revoke(std::vector<std::string> ids) noexcept = 0;
};

struct ForeignResult {
  std::string id;
  std::string reply_to;  // empty: nobody waits there
  std::string correlation_id;
  std::string meta;           // JSON, see celery/result.h
  std::string traceparent{};  // of the span that asked for the task, or empty
};

}  // namespace rankloop::queue
