// The connection that writes, as the writer's line sees it: a batch is one transaction and a few round trips.
//
// First all of a batch's writes are sent together, each as one statement, or as a row of a statement for all
// writes of its kind, that refuses by changing nothing.
// When one of them does not fit even so (a constraint, a deadlock, an answer kept by another process
// meanwhile), the transaction is rolled back and the batch runs again, each write in a savepoint and on its
// own. So the rare fault costs a batch some time and nobody else's write.
//
// When the connection is lost during the commit, the database is asked whether it has the
// batch's number.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "domain/ranking.h"
#include "storage/distinct_texts.h"
#include "storage/group_commit.h"
#include "storage/postgres/connector.h"
#include "storage/postgres/low_water_mark.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

class LedgerWrite;

// Used on the writer's thread only, except where a comment says otherwise.
class WriteBatch final : public Transaction {
 public:
  // `origin` signs the hints; `listener` says whether the database has to carry those of tasks. All others
  // must outlive it, too.
  WriteBatch(Connector& connector, LowWaterMark& mark, std::string origin, const StoreOptions& options,
             const StoreListener& listener);

  Status begin() override;
  Status run(std::span<const std::unique_ptr<Write>> writes) override;
  bool grows() const noexcept override { return false; }
  Status commit() override;
  void roll_back() noexcept override;
  std::int64_t changes() const noexcept override { return changed_ ? 1 : 0; }
  void tidy(bool idle) noexcept override;

  // The connection, inside the batch's transaction.
  Connection& connection() { return *connection_; }
  // The number of the last request; until the commit nobody else makes one. Outside of a statement only.
  std::int64_t last_number();
  // The first of so many positions (at least one), one after another; of a write that gives positions only.
  std::int64_t take_positions(std::int64_t count) {
    return connection_->run("take_positions", count).front().integer("position") - count + 1;
  }
  // The greatest position that a commit of this process gave; 0: none.
  std::int64_t committed_position() const { return committed_position_; }
  // Whether another task may wait: kResourceExhausted.
  Status admit_task();
  // Numbers of distinct texts, found or made.
  std::int64_t source_number(std::string_view name);
  std::int64_t policy_number(const Policy& policy);
  // Of the registry: others who change it wait until the commit, and hear of its version after it.
  void lock_registry() { connection_->run("lock_counter", std::string_view("registry_version")); }
  void tell_registry(std::int64_t version);
  void tell_changed(const TaskId& task, TaskState state);
  void overwrite_deleted(bool /*all*/) {}  // the database does that when it uses the place again
  // The next statement has so many bytes, and the network may be slow.
  void expect_long_statement(std::size_t bytes);
  // Adds to the counts of a model, or of a kind of event; they are written with the commit. Nothing for
  // rankings without a model.
  void count(const ModelCounts& change);
  void count(const EventCount& change) { events_.push_back(change); }
  // Tells other processes after the commit.
  void hint(std::string hint) { hints_.push_back(std::move(hint)); }
  // The same after the next commit, by whichever batch. Thread-safe.
  void hint_later(std::string hint);
  // Whether the batch takes longer than anybody may stand still in the midst of one. Thread-safe.
  bool takes_long() const noexcept;
  // Hints as they are to be told by another connection now. Thread-safe.
  std::vector<std::string> pack(const std::vector<std::string>& hints) const;

 private:
  using Wave = std::vector<LedgerWrite*>;
  // Where a savepoint stands in what memory holds of the batch.
  struct Mark {
    std::size_t hints;
    std::size_t counts;
    std::size_t events;
  };

  void open_transaction(std::span<const std::unique_ptr<Write>> writes);
  std::vector<Rows> flush();
  Connection& opened();  // with the transaction open and nothing queued
  void run_together(std::span<const std::unique_ptr<Write>> writes);
  void find_kept(std::span<const std::unique_ptr<Write>> writes);
  void finish_wave(Wave& wave);
  void exchange(const Wave& wave);
  void run_alone(LedgerWrite& write);
  void run_in_savepoint(LedgerWrite& write);
  bool keep_answer(LedgerWrite& write);
  void send_counts();
  void send_hints();
  bool committed_after_all() noexcept;
  Mark mark() const { return {hints_.size(), counts_.size(), events_.size()}; }
  void undo_to(const Mark& mark);
  void forget() noexcept;

  Connector& connector_;
  LowWaterMark& mark_;
  const std::string origin_;
  const StoreOptions& options_;
  const StoreListener& listener_;
  std::unique_ptr<Connection> connection_;
  std::string writer_;  // the connection's name in the database
  int connections_ = 0;

  // Of the batch.
  bool begun_ = false;
  bool changed_ = false;
  bool opened_ = false;  // what opens its transaction was sent
  bool gives_positions_ = false;
  std::int64_t number_ = 0;
  bool counted_waiting_ = false;
  std::vector<ModelCounts> counts_;
  std::vector<EventCount> events_;
  std::vector<std::string> hints_;
  std::unordered_set<std::string> kept_;

  // Beyond the batch.
  std::int64_t committed_position_ = 0;
  DistinctTexts texts_;
  std::size_t may_wait_ = 0;  // so many tasks surely find room before they must be counted again
  std::chrono::steady_clock::time_point waiting_counted_{};

  std::atomic<std::chrono::steady_clock::time_point> opened_at_{};  // the epoch: there is no batch

  Mutex later_mutex_;
  std::vector<std::string> later_ GUARDED_BY(later_mutex_);
};

}  // namespace rankloop::storage::postgres
