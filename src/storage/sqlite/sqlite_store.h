// The store in one SQLite file, private to one process.
//
// The disk holds what must survive; who works on which task is kept in memory (live_tasks.h). A start puts
// its task into memory and announces it while its row still stands in the writer's line: the line is first
// in, first out, so whatever a worker writes for the task stands behind that row.
//
// After open, tasks that the last process left unfinished are ready: claim() hands them out at once, and the
// first sweep() announces them to the listener.
//
// What no dialect does otherwise is in sql_reads.h and sql_writes.h. The rest of the members stands in one
// class, their code in files by subject: sqlite_store.cpp (life), write_inference.cpp, write_tasks.cpp,
// write_catalog.cpp, write_import.cpp, read_tasks.cpp, read_catalog.cpp.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/group_commit.h"
#include "storage/log_damage.h"
#include "storage/queries.h"
#include "storage/sql_writes.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/ledger_write.h"
#include "storage/sqlite/live_tasks.h"
#include "storage/sqlite/reader_pool.h"
#include "storage/sqlite/store_files.h"
#include "storage/sqlite/transaction.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::storage::sqlite {

class SqliteStore final : public SqlWrites<SqliteStore> {
 public:
  using Connection = Database;

  // kDataLoss: the file is damaged; kFailedPrecondition: it is newer or another program's; kUnavailable: it
  // cannot be opened.
  static Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options,
                                             const Clock& clock, StoreListener& listener);
  ~SqliteStore() override;

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

  std::optional<std::pair<TaskState, int>> live_state(const TaskId& id) const noexcept override;
  Result<std::vector<TaskRecord>> tasks(const TaskFilter& filter) override;
  Result<std::vector<OpenTasks>> open_tasks(TaskKind kind) override { return live_.open(kind); }
  Counts counts() const noexcept override;
  std::int64_t catalog_version() const noexcept override { return catalog_version_.load(); }
  std::int64_t registry_version() const noexcept override { return registry_version_.load(); }

  Result<std::unique_ptr<ExclusiveLock>> try_lock(std::string_view what, LockEnds ends) override;
  std::string_view kind() const override { return "sqlite"; }
  bool is_shared() const noexcept override { return false; }
  Status ping() override;
  std::optional<std::int64_t> bytes() override;
  std::size_t waiting_writes() const noexcept override { return line_->waiting(); }
  void close() override;

 private:
  friend class SqlReads<SqliteStore>;
  friend class SqlWrites<SqliteStore>;

  // Throws DatabaseError.
  SqliteStore(const std::string& path, const StoreOptions& options, const Clock& clock,
              StoreListener& listener);

  // `damage` is what its log was found to have.
  Status prepare(const std::optional<LogDamage>& damage);
  Status look();
  Status keep_damaged_log(const LogDamage& damage);
  void recover();
  void read_counters();
  void begin_history();
  std::int64_t committed_position() const { return transaction_.position(); }
  template <class T>
  void submit_body(Body<T> body, std::optional<RecordedAnswer<T>> keep, Settled<T> settled, Done<T> done) {
    line_->submit(std::make_unique<TypedWrite<T>>(clock_, std::move(body), std::move(keep),
                                                  std::move(settled), std::move(done)));
  }
  // Queues `body` for the holder of a lease: kAborted when it is lost by the time the write runs.
  template <class T>
  void submit_held(const Lease& lease, std::function<Result<T>(WriteTransaction&, const LiveTask&)> body,
                   Settled<T> settled, Done<T> done) {
    submit_body<T>(
        [this, lease, body = std::move(body)](WriteTransaction& transaction) -> Result<T> {
          const std::optional<LiveTask> live = live_.held(lease);
          if (!live) return lease_lost(lease.task);
          return body(transaction, *live);
        },
        std::nullopt, std::move(settled), std::move(done));
  }
  // Every read has a snapshot.
  template <class T, class Read>
  Result<T> read_with(const Read& read) {
    return readers_->with<T>(read);
  }
  template <class T, class Read>
  Result<T> read_in_snapshot(const Read& read) {
    return readers_->with<T>(read);
  }
  // What memory alone knows of an unfinished task.
  void as_known(const TaskId& id, TaskState& state, int& attempt) const;
  void as_known(TaskRecord& record) const;
  bool end_job(WriteTransaction& transaction, const Lease& lease, WallTime at, ModelId made,
               const std::string& result);
  // What follows once a task has ended, or a new or revived one may be claimed.
  void task_ended(const TaskId& id, TaskState state);
  void open_task(TaskKind kind, const TaskId& id);
  // Writes the end that the sweep has found for a task.
  void end_swept(const Lease& lease, const LiveTask& live, TaskState state, std::string_view reason);
  // What memory has to know of a new task; scheduled when it may not begin yet.
  LiveTask live_task(TaskKind kind, const std::optional<ForeignTerms>& terms) const;
  void registry_moved(std::int64_t version);
  // With what memory alone knows of it.
  Result<TaskRecord> read_known(Database& database, const TaskId& id) const;

  const std::string path_;
  const Queries queries_{"sqlite"};

  // Synchronise themselves.
  LiveTasks live_;
  std::atomic<std::int64_t> users_{0};
  std::atomic<std::int64_t> inferences_{0};
  std::atomic<std::int64_t> catalog_version_{0};
  std::atomic<std::int64_t> registry_version_{0};

  Mutex recovered_mutex_;
  std::vector<std::pair<TaskKind, TaskId>> recovered_ GUARDED_BY(recovered_mutex_);  // still to be announced

  StoreFiles files_;  // synchronises itself

  // Of the writer's thread alone, once the line runs.
  std::unique_ptr<Database> writer_;
  WriteTransaction transaction_;

  Mutex close_mutex_;
  std::unique_ptr<ReaderPool> readers_;  // made by prepare(), like the line
  std::unique_ptr<GroupCommit> line_;    // the last: its thread uses everything above
};

// A row of `open_tasks` or `open_task` as a task that may be claimed.
std::pair<TaskId, LiveTask> live_task_of(const Query& row);
// The items as they were at a version, in the order asked; unknown ones are left out.
std::vector<ItemRecord> find_items(Database& database, std::span<const ItemId> ids, std::int64_t at_version);

template <class Visit>
void stream_states(Database& database, std::span<const ItemId> ids, std::int64_t version,
                   const Visit& visit) {
  bool more = true;
  const auto take = [&](const Query& row) { return more = visit(row); };
  for (std::size_t i = 0; i < ids.size() && more; ++i)
    database.stream("states_of_item", take, ids[i], version);
}

}  // namespace rankloop::storage::sqlite
