// Hints between processes and threads: "task X is ready", "task X changed", "catalog version n", "registry
// version n". Hints are never truth: losing, doubling or reordering them costs latency only, because whoever
// waits also polls the store now and then.
//
// One implementation per broker (memory/, rabbitmq/), one contract suite for all (tests/contract/queue).
// All calls are thread-safe and never throw.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/ids.h"
#include "domain/task.h"
#include "error/result.h"

namespace rankloop::queue {

struct TaskChanged {
  TaskId id;
  TaskState state = TaskState::kReady;
};
struct CatalogChanged {
  std::int64_t version = 0;
};
struct RegistryChanged {
  std::int64_t version = 0;
};
using Change = std::variant<TaskChanged, CatalogChanged, RegistryChanged>;

// Ends the subscription when destroyed; after that the receiver is not called any more.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

class HintQueue {
 public:
  virtual ~HintQueue() = default;

  // To one worker among all. Never blocks; a full queue drops the hint.
  virtual void announce_ready(TaskKind kind, const TaskId& id) noexcept = 0;
  // Waits for ready tasks of a kind: returns as soon as there is at least one (at most `limit`), or empty when
  // `at_most` has passed or a stop is requested.
  virtual std::vector<TaskId> wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                         std::stop_token stop) = 0;

  // To every subscriber in every process, this one included. Never blocks.
  virtual void broadcast(const Change& change) noexcept = 0;
  // `receive` is called on a thread of the queue or of the broadcaster; it must be short and must not throw.
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(std::function<void(const Change&)> receive) = 0;

  virtual std::string_view kind() const = 0;  // "memory", "rabbitmq"
  virtual Status ping() = 0;
};

// Opens by URL: "memory:".
Result<std::unique_ptr<HintQueue>> open_queue(std::string_view url);

}  // namespace rankloop::queue
