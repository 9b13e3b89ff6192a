// The one thread that owns the connection to the broker: connects, declares, publishes, consumes, and
// connects again when the connection is lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "queue/celery_results/result_sender.h"
#include "queue/rabbitmq/address.h"
#include "queue/rabbitmq/connection.h"
#include "queue/rabbitmq/consumer.h"
#include "queue/rabbitmq/inbox.h"
#include "queue/rabbitmq/publisher.h"
#include "queue/rabbitmq/worker_presence.h"
#include "queue/receivers.h"
#include "sync/mutex.h"

namespace rankloop::queue::rabbitmq {

class BrokerLoop {
 public:
  // Begins to connect. `results` is borrowed and may be nullptr.
  BrokerLoop(Address address, QueueOptions options, std::shared_ptr<Inbox> inbox,
             std::shared_ptr<Receivers> receivers, celery_results::ResultSender* results);
  // Sends what waits and says goodbye, for at most two seconds each.
  ~BrokerLoop();

  // Of a foreign kind.
  HintBuffer& buffer(TaskKind kind) { return consumers_[place_of(kind)].buffer(); }
  // How the connection is; waits for the end of the first attempt, at most five seconds.
  Status state();
  bool is_connected() const noexcept { return connected_; }  // thread-safe
  QueueCounts counts() const;

 private:
  void run(const std::stop_token& stop);
  Status connect();
  Status declare_topology();
  Status listen_to_changes();
  void lose(const Error& why);
  void rest(int attempt, const std::stop_token& stop);

  Status turn();
  Status read_events();
  Status handle(Event event);
  Status handle_delivery(Delivered delivered);
  Status do_work(Work work);
  Status flush_changes(Monotonic now);
  Status follow_presence(celery::Moment now);
  Status settle(const std::vector<Settled>& settled);
  void sleep_until_something();
  void say_goodbye();
  void send_result(const ForeignResult& result);
  void set_state(Status state);
  std::array<Consumer, kForeignKinds.size()> make_consumers();

  // Constant after construction.
  const Address address_;
  const QueueOptions options_;
  const std::string process_;  // tells our own changes from those of others
  const std::string node_;
  const std::string changes_exchange_;

  // Self-synchronised.
  const std::shared_ptr<Inbox> inbox_;
  const std::shared_ptr<Receivers> receivers_;
  celery_results::ResultSender* const results_;
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<bool> connected_{false};

  // Of the thread.
  Publisher publisher_;
  WorkerPresence presence_;
  std::array<Consumer, kForeignKinds.size()> consumers_;
  std::unique_ptr<Connection> connection_;
  std::vector<Change> changes_;  // to be sent
  Monotonic changes_sent_;       // when the last ones went
  std::string last_fault_;       // the log has each fault once

  Mutex state_mutex_;
  StoppableCondition state_changed_;
  std::optional<Status> state_ GUARDED_BY(state_mutex_);

  std::jthread thread_;  // last: ends before the rest
};

}  // namespace rankloop::queue::rabbitmq
