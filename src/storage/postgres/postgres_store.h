// The store in a PostgreSQL database, which several processes may work on at once.
//
// All that is true stands in the database: leases too, by its own clock. Every transition of a task is one
// conditional UPDATE, so whoever comes second changes nothing. What this process keeps in memory only saves
// time: counts and versions, refreshed at least once a second, and the requests it has just taken in itself.
//
// Writes go through one connection and the writer's line (write_batch.h); claims, heartbeats, releases and
// sweeps through connections of their own, and so do reads; one more listens (listening.h). Hints between
// processes (hints.h) are sent with the commit they tell of.
//
// What no dialect does otherwise is in sql_reads.h and sql_writes.h. The rest of the members stands in one
// class, their code in files by subject: postgres_store.cpp (life), write_inference.cpp, write_tasks.cpp,
// leases.cpp, write_catalog.cpp, write_import.cpp, read_catalog.cpp, read_tasks.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/group_commit.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/connector.h"
#include "storage/postgres/ledger_write.h"
#include "storage/postgres/listening.h"
#include "storage/postgres/recent_requests.h"
#include "storage/postgres/write_batch.h"
#include "storage/shared_version.h"
#include "storage/sql_writes.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

class PostgresStore final : public SqlWrites<PostgresStore> {
 public:
  using Connection = postgres::Connection;
  static constexpr std::chrono::milliseconds kGather{9};  // worth_gathering()

  // `rest`: the URI after its scheme. kInvalidArgument: it cannot be read; kFailedPrecondition: the database
  // is newer or another program's; kUnavailable: it cannot be reached.
  static Result<std::unique_ptr<Store>> open(const std::string& rest, const StoreOptions& options,
                                             const Clock& clock, StoreListener& listener);
  ~PostgresStore() override;

  void start_inference(NewInference request, std::optional<RecordedAnswer<StartedInference>> keep,
                       Done<StartedInference> done) override;
  void finish_inference(const Lease& lease, Ranking ranking, std::vector<Ranking> shadows, WallTime at,
                        Done<StartedInference> done) override;
  void record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) override;
  void record_feedback(NewFeedback feedback, std::optional<RecordedAnswer<Exposure>> keep,
                       Done<Exposure> done) override;
  void record_person_event(NewPersonEvent event, Done<void> done) override;
  void import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                       Done<ImportedCounts> done) override;

  void start_job(NewJob job, std::optional<RecordedAnswer<TaskRecord>> keep, Done<TaskRecord> done) override;
  Result<std::vector<ClaimedTask>> claim(TaskKind kind, std::span<const TaskId> named, int limit) override;
  Status heartbeat(const Lease& lease, std::string progress) override;
  void fail_task(const Lease& lease, std::string reason, std::optional<std::chrono::milliseconds> retry_in,
                 Done<TaskState> done) override;
  void release(const Lease& lease, std::chrono::milliseconds delay) override;
  void cancel_task(const TaskId& id, std::string reason, std::optional<RecordedAnswer<TaskRecord>> keep,
                   Done<TaskRecord> done) override;
  void retry_task(const TaskId& id, std::optional<RecordedAnswer<TaskRecord>> keep,
                  Done<TaskRecord> done) override;
  void forget_replies(std::vector<TaskId> tasks, Done<void> done) override;
  Status sweep() override;

  void write_items(CatalogWrite write, std::optional<RecordedAnswer<std::int64_t>> keep,
                   Done<std::int64_t> done) override;

  std::optional<std::pair<TaskState, int>> live_state(const TaskId&) const noexcept override {
    return std::nullopt;  // another process may have changed it
  }
  Result<std::vector<OpenTasks>> open_tasks(TaskKind kind) override;
  Counts counts() const noexcept override;
  std::int64_t catalog_version() const noexcept override { return catalog_version_.get(); }
  std::int64_t registry_version() const noexcept override { return registry_version_.get(); }

  Result<std::unique_ptr<ExclusiveLock>> try_lock(std::string_view what, LockEnds ends) override;
  std::string_view kind() const override { return "postgresql"; }
  bool is_shared() const noexcept override { return true; }
  Status ping() override;
  std::optional<std::int64_t> bytes() override;
  std::size_t waiting_writes() const noexcept override { return line_->waiting(); }
  void close() override;

 private:
  friend class SqlReads<PostgresStore>;
  friend class SqlWrites<PostgresStore>;

  PostgresStore(const std::string& url, const StoreOptions& options, const Clock& clock,
                StoreListener& listener);

  class Heard;

  Result<std::unique_ptr<Connection>> prepare();
  Listening::Callbacks callbacks();
  Status begin_history();
  void look(Connection& connection);
  void read_versions(Connection& connection, bool tell);
  void hear(const std::string& payload);
  void catalog_moved(std::int64_t version);
  void registry_moved(std::int64_t version);
  void requests_grew(std::int64_t number) noexcept;
  void start_foreign(NewInference request, std::optional<RecordedAnswer<StartedInference>> keep,
                     Done<StartedInference> done);

  template <class T>
  void submit(Statement<T> statement, std::optional<RecordedAnswer<T>> keep, Settled<T> settled,
              Done<T> done) {
    line_->submit(std::make_unique<TypedWrite<T>>(clock_, std::move(statement), nullptr, std::move(keep),
                                                  std::move(settled), std::move(done)));
  }
  template <class T>
  void submit_body(Body<T> body, std::optional<RecordedAnswer<T>> keep, Settled<T> settled, Done<T> done,
                   bool gives_positions = false) {
    Statement<T> none;
    none.gives_positions = gives_positions;
    line_->submit(std::make_unique<TypedWrite<T>>(clock_, std::move(none), std::move(body), std::move(keep),
                                                  std::move(settled), std::move(done)));
  }
  template <class T, class Read>
  Result<T> read_with(const Read& read) {
    return readers_.with<T>(read);
  }
  template <class T, class Read>
  Result<T> read_in_snapshot(const Read& read) {
    return readers_.with<T>([&](Connection& connection) -> Result<T> {
      connection.run("begin_read");
      Result<T> result = read(connection);
      connection.run("commit");
      return result;
    });
  }
  // Whatever is known of a task stands in the database.
  void as_known(const TaskId& /*id*/, TaskState& /*state*/, int& /*attempt*/) const {}
  void as_known(TaskRecord& /*record*/) const {}
  bool end_job(WriteBatch& batch, const Lease& lease, WallTime at, ModelId made, const std::string& result);
  void task_ended(const TaskId& id, TaskState state);
  ClaimedTask claimed_task(const Row& row);
  void forget_batches(Connection& connection);
  std::int64_t committed_position() const { return batch_.committed_position(); }

  const std::string origin_;  // signs this store's hints

  // Synchronise themselves.
  Connector connector_;
  RecentRequests recent_;
  std::atomic<std::int64_t> requests_{0};
  SharedVersion catalog_version_;
  SharedVersion registry_version_;
  std::atomic<bool> announce_all_{true};  // the next sweep tells of every ready task
  std::atomic<std::chrono::steady_clock::time_point> take_back_from_{};  // no lease is taken back before
  ConnectionPool readers_;
  ConnectionPool leases_;
  LowWaterMark mark_;  // of open tasks

  std::atomic<std::chrono::steady_clock::time_point> batches_forgotten_{};

  // Of the writer's thread alone.
  WriteBatch batch_;
  std::int64_t catalog_begun_ = 0;  // the version whose first part this process wrote

  Mutex candidate_mutex_;
  // Tries to get what another one has.
  std::unique_ptr<Connection> candidate_ GUARDED_BY(candidate_mutex_);

  Mutex close_mutex_;
  std::unique_ptr<Listening> listening_;  // made by open(), like the line
  std::unique_ptr<GroupCommit> line_;     // the last: its thread uses everything above
};

// The items as they were at a version, in the order asked; unknown ones are left out.
std::vector<ItemRecord> find_items(Connection& connection, std::span<const ItemId> ids,
                                   std::int64_t at_version);

template <class Visit>
void stream_states(Connection& connection, std::span<const ItemId> ids, std::int64_t version,
                   const Visit& visit) {
  Array wanted(Array::Of::kInteger);
  for (const ItemId id : ids) wanted.add(id.value);
  connection.stream("states_of_items", visit, wanted, version);
}

}  // namespace rankloop::storage::postgres
