// Publishes with confirmations that are waited for in a window, not one by one. Used by the connection's
// thread only.
//
// What the broker did not take, or what no queue got, is published once more after the queues are declared
// again; what was not confirmed when the connection was lost is published on the next one (so it may come
// twice).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "queue/rabbitmq/connection.h"
#include "queue/rabbitmq/inbox.h"

namespace rankloop::queue::rabbitmq {

struct Letter {
  std::string queue;
  celery::Message message;
  bool mandatory = false;
  std::optional<Settled> replaces;  // a delivery to be acknowledged once this letter is safe
};

class Publisher {
 public:
  static constexpr std::size_t kWindow = 4'096;
  static constexpr Channel kChannel = 1;

  Publisher(const QueueOptions& options, std::string origin)
      : options_(options), origin_(std::move(origin)) {}

  // On a new connection.
  Status attach(Connection& connection);
  void detach();

  void add(const Hint& hint) { waiting_.push_back({0, hint, 0, false, false}); }
  void add(Letter letter) { waiting_.push_back({0, std::move(letter), 0, false, false}); }
  // How many more hints fit into the window.
  std::size_t room() const;
  // Sends what waits as far as window and socket allow.
  Status pump();
  bool is_idle() const { return waiting_.empty() && sent_.empty(); }
  bool can_send() const { return !waiting_.empty() && sent_.size() < kWindow && !blocked_; }

  void on(const Confirmed& confirmed);
  void on(const Returned& returned);
  void on(const Blocked& blocked) { blocked_ = blocked.on; }
  // True once after something could not be routed: declare the queues again, then pump.
  bool take_redeclaration() { return std::exchange(redeclare_, false); }
  // Deliveries that letters have replaced (`taken`) or could not replace (to be given back later).
  std::vector<Settled> take_replaced() { return std::exchange(replaced_, {}); }

  std::uint64_t announced() const { return announced_; }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t letters_replacing() const { return letters_replacing_; }

 private:
  struct Entry {
    std::uint64_t number = 0;  // on this connection
    std::variant<Hint, Letter> what;
    int attempts = 0;
    bool returned = false;
    bool confirmed = false;
  };
  Status send(Entry& entry);
  void finish(Entry entry, bool taken);
  static bool is_meant(const Entry& entry, const Returned& returned, const QueueOptions& options);

  const QueueOptions& options_;
  const std::string origin_;
  Connection* connection_ = nullptr;
  std::uint64_t last_number_ = 0;
  std::deque<Entry> waiting_;
  std::deque<Entry> sent_;  // in the order of their numbers, not confirmed
  bool blocked_ = false;
  bool redeclare_ = false;
  std::vector<Settled> replaced_;

  // Read from any thread.
  std::atomic<std::uint64_t> announced_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> letters_replacing_{0};
};

}  // namespace rankloop::queue::rabbitmq
