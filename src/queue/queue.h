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
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/ids.h"
#include "domain/task.h"
#include "error/result.h"
#include "queue/foreign_task.h"
#include "telemetry/log.h"

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
// Something happened, up to this position of the ledger; told within a process only.
struct HistoryMoved {
  std::int64_t position = 0;
};
using Change = std::variant<TaskChanged, CatalogChanged, RegistryChanged, HistoryMoved>;

// Ends the subscription when destroyed; after that the receiver is not called any more.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

// Since the queue was opened.
struct QueueCounts {
  std::uint64_t announced = 0;     // hints that the broker has taken
  std::uint64_t dropped = 0;       // hints that a full queue or a broker without the queue did not take
  std::uint64_t dead_letters = 0;  // messages that nobody here can run
  std::uint64_t connections = 0;   // to the broker, the first one included
};

class HintQueue {
 public:
  virtual ~HintQueue() = default;

  // To one worker among all. Never blocks; a full queue drops the hint.
  virtual void announce_ready(TaskKind kind, const TaskId& id) noexcept = 0;
  // Waits for ready tasks of a kind: returns as soon as there is at least one (at most `limit`), or empty
  // when `at_most` has passed or a stop is requested. Whoever took ids acknowledges them soon.
  virtual std::vector<TaskId> wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                         std::stop_token stop) = 0;
  // These hints have served: their claims are committed or were refused. A broker gives hints that were not
  // acknowledged to another worker when this process dies or holds them for too long. Never blocks.
  virtual void acknowledge(TaskKind kind, std::span<const TaskId> ids) noexcept = 0;

  // To every subscriber in every process, this one included. Never blocks.
  virtual void broadcast(const Change& change) noexcept = 0;
  // What another process has said by another way: for waiters and subscribers of this process alone.
  virtual void hear_ready(TaskKind kind, const TaskId& id) noexcept = 0;
  virtual void hear(const Change& change) noexcept = 0;
  // Whether other processes hear what is announced of foreign kinds and what is broadcast; false while the
  // broker is away. What is announced of other kinds stays in this process.
  virtual bool reaches_others() const noexcept = 0;

  // `receive` is called on a thread of the queue or of the broadcaster; it must be short and must not throw.
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(
      std::function<void(const Change&)> receive) = 0;

  // Answers a producer of another program: to the result back-end and to `reply_to`, as far as configured.
  // Never blocks; a result that cannot be sent for long is dropped.
  virtual void send_result(const ForeignResult& result) noexcept = 0;

  virtual std::string_view kind() const = 0;  // "memory", "rabbitmq"
  // kUnavailable with the reason while the broker is away, kFailedPrecondition when it refuses the queues.
  virtual Status ping() = 0;
  virtual QueueCounts counts() const = 0;
};

enum class QueueType { kClassic, kQuorum };

struct QueueOptions {
  QueueType type = QueueType::kClassic;
  // Of the foreign kinds. The first of each is what Celery's producers use without any configuration.
  ForeignWords queues{"celery", "celery.training"};
  ForeignWords tasks{"inference", "training"};
  std::string feedback_task = "feedback";  // which the listener takes from either queue
  // Where several workspaces share a broker: the name of this one, in the exchange of its changes and in its
  // node's name. What queues it has is said above.
  std::string workspace;
  std::chrono::seconds heartbeat{10};
  std::chrono::milliseconds least_backoff{200};  // between two attempts to connect
  std::chrono::milliseconds most_backoff{10'000};
  std::string
      node;  // how this worker calls itself to Celery's tools; empty: "rankloop-<process>@<host name>"
  std::string
      results_url;  // redis://[user][:password]@host:port/db for results of foreign tasks; empty: none
  ForeignListener* foreign = nullptr;  // borrowed; without one, foreign tasks are refused
  telemetry::Logger* log = nullptr;    // borrowed; without one, nothing is logged
};

// Opens by URL: "memory:" or amqp://user:password@host:port/vhost. A broker that is away is no error: it is
// tried again until it is there. kInvalidArgument for a URL or option that cannot be.
Result<std::unique_ptr<HintQueue>> open_queue(std::string_view url, const QueueOptions& options = {});

}  // namespace rankloop::queue
