// Hints over RabbitMQ, in Celery's protocol. docs/decisions/0013-rabbitmq-and-celery.md says how and why.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "queue/celery_results/result_sender.h"
#include "queue/memory/memory_queue.h"
#include "queue/queue.h"
#include "queue/rabbitmq/broker_loop.h"
#include "queue/rabbitmq/inbox.h"
#include "queue/receivers.h"

namespace rankloop::queue::rabbitmq {

class RabbitQueue final : public HintQueue {
 public:
  // kInvalidArgument for an address or option that cannot be.
  static Result<std::unique_ptr<HintQueue>> open(std::string_view url, const QueueOptions& options);
  RabbitQueue(Address address, const QueueOptions& options,
              std::unique_ptr<celery_results::ResultSender> results);

  void announce_ready(TaskKind kind, const TaskId& id) noexcept override;
  std::vector<TaskId> wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                 std::stop_token stop) override;
  void acknowledge(TaskKind kind, std::span<const TaskId> ids) noexcept override;
  void broadcast(const Change& change) noexcept override;
  void hear_ready(TaskKind kind, const TaskId& id) noexcept override;
  void hear(const Change& change) noexcept override { receivers_->tell(change); }
  bool reaches_others() const noexcept override { return loop_.is_connected(); }
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(std::function<void(const Change&)> receive) override;
  void send_result(const ForeignResult& result) noexcept override;
  std::string_view kind() const override { return "rabbitmq"; }
  Status ping() override { return loop_.state(); }
  QueueCounts counts() const override;

 private:
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  const std::shared_ptr<Receivers> receivers_ = std::make_shared<Receivers>();
  const std::unique_ptr<celery_results::ResultSender> results_;
  memory::MemoryQueue own_;                // hints of kinds that no other program sends
  std::atomic<std::uint64_t> dropped_{0};  // by a full inbox
  BrokerLoop loop_;
};

}  // namespace rankloop::queue::rabbitmq
