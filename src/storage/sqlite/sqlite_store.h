// The store in one SQLite file, private to one process.
//
// The disk holds what must survive; who works on which task is kept in memory (live_tasks.h). A start puts
// its task into memory and announces it while its row still stands in the writer's line: the line is first
// in, first out, so whatever a worker writes for the task stands behind that row.
//
// After open, tasks that the last process left unfinished are ready: claim() hands them out at once, and the
// first sweep() announces them to the listener.
//
// The members stand in one class, their code in files by subject: sqlite_store.cpp (life),
// write_inference.cpp, write_tasks.cpp, write_catalog.cpp, write_registry.cpp, write_import.cpp,
// read_inference.cpp, read_tasks.cpp, read_catalog.cpp, read_learning.cpp.
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
#include "storage/registry_rules.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/ledger_write.h"
#include "storage/sqlite/live_tasks.h"
#include "storage/sqlite/reader_pool.h"
#include "storage/sqlite/store_files.h"
#include "storage/sqlite/transaction.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::storage::sqlite {

class SqliteStore final : public Store {
 public:
  // kDataLoss: the file is damaged; kFailedPrecondition: it is newer or another program's; kUnavailable: it
  // cannot be opened.
  static Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options,
                                             const Clock& clock, StoreListener& listener);
  ~SqliteStore() override;

  void start_inference(NewInference request, std::optional<Keep<StartedInference>> keep,
                       Done<StartedInference> done) override;
  void finish_inference(const Lease& lease, Ranking ranking, std::vector<Ranking> shadows, WallTime at,
                        Done<StartedInference> done) override;
  void record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) override;
  void record_feedback(NewFeedback feedback, std::optional<Keep<Exposure>> keep,
                       Done<Exposure> done) override;
  void import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                       Done<ImportedCounts> done) override;

  void start_training(NewTraining training, std::optional<Keep<TaskRecord>> keep,
                      Done<TaskRecord> done) override;
  void finish_training(const Lease& lease, std::optional<NewModel> model, WallTime at,
                       Done<ModelId> done) override;
  Result<std::vector<ClaimedTask>> claim(TaskKind kind, std::span<const TaskId> named, int limit) override;
  Status heartbeat(const Lease& lease, std::string progress) override;
  void fail_task(const Lease& lease, std::string reason, std::optional<std::chrono::milliseconds> retry_in,
                 Done<TaskState> done) override;
  void release(const Lease& lease, std::chrono::milliseconds delay) override;
  void cancel_task(const TaskId& id, std::string reason, std::optional<Keep<TaskRecord>> keep,
                   Done<TaskRecord> done) override;
  void retry_task(const TaskId& id, std::optional<Keep<TaskRecord>> keep, Done<TaskRecord> done) override;
  void refuse_task(RefusedTask task, Done<void> done) override;
  void forget_replies(std::vector<TaskId> tasks, Done<void> done) override;
  Status sweep() override;

  void write_items(CatalogWrite write, std::optional<Keep<std::int64_t>> keep,
                   Done<std::int64_t> done) override;

  void add_model(NewModel model, Done<ModelId> done) override;
  void promote_model(ModelId model, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                     Done<ModelRecord> done) override;
  void rollback_model(ModelChange change, std::optional<Keep<ModelRecord>> keep,
                      Done<ModelRecord> done) override;
  void share_traffic(ModelId model, double share, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                     Done<ModelRecord> done) override;
  void shadow_model(ModelId model, bool shadow, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                    Done<ModelRecord> done) override;
  void remove_model(ModelId model, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                    Done<ModelRecord> done) override;
  void forget_orphans(Done<std::int64_t> done) override;
  Result<DomainRecord> domain() override;
  void adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                    Done<int> done) override;
  void count_events(std::vector<EventCount> counts, Done<void> done) override;
  void keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) override;
  void forget_answers(WallTime older_than, Done<std::int64_t> done) override;

  Result<InferenceRecord> inference(const TaskId& task) override;
  Result<InferenceRecord> inference(InferenceId id) override;
  Result<RankedInference> ranked(const TaskId& task) override;
  Result<TaskRecord> task(const TaskId& id) override;
  std::optional<std::pair<TaskState, int>> live_state(const TaskId& id) const noexcept override;
  Result<std::vector<TaskRecord>> tasks(const TaskFilter& filter) override;
  Result<std::vector<DueReply>> due_replies(WallTime ended_by, int limit) override;
  Result<std::vector<OpenTasks>> open_tasks(TaskKind kind) override { return live_.open(kind); }
  Result<UserRecord> user(UserId id) override;
  Result<std::vector<UserRecord>> users(std::int64_t offset, int limit) override;
  Result<ItemRecord> item(ItemId id, std::int64_t at_version) override;
  Result<std::vector<ItemRecord>> items(std::span<const ItemId> ids, std::int64_t at_version) override;
  Result<std::int64_t> each_item(const std::function<void(const ItemRecord&)>& visit) override;
  Result<std::int64_t> each_change(std::int64_t after_version,
                                   const std::function<void(const ItemRecord&)>& visit) override;
  Status each_item_version(std::span<const ItemId> ids,
                           const std::function<bool(const ItemRecord&)>& visit) override;
  Status each_shown(InferenceId after, const std::function<bool(const ShownRequest&)>& visit) override;
  Result<OutcomeCounts> outcome_counts(InferenceId after, std::int64_t most) override;
  Result<InferenceId> nth_newest_outcome(std::int64_t n) override;
  Result<std::vector<Ranking>> shadow_rankings(InferenceId inference) override;
  Counts counts() const noexcept override;
  std::int64_t catalog_version() const noexcept override { return catalog_version_.load(); }
  std::int64_t registry_version() const noexcept override { return registry_version_.load(); }
  Result<std::vector<ModelRecord>> models() override;
  Result<std::vector<ModelEvent>> model_history(std::optional<std::int64_t> before, int limit) override;
  Result<std::vector<ModelCounts>> model_counts() override;
  Result<std::string> artefact(const std::string& hash) override;
  Result<std::optional<KeptAnswer>> kept_answer(const std::string& key) override;

  Result<std::unique_ptr<Hold>> try_hold(std::string_view what, HoldEnds ends) override;
  std::string_view kind() const override { return "sqlite"; }
  Status ping() override;
  std::optional<std::int64_t> bytes() override;
  std::size_t waiting_writes() const noexcept override { return line_->waiting(); }
  void close() override;

 private:
  // Throws DatabaseError.
  SqliteStore(const std::string& path, const StoreOptions& options, const Clock& clock,
              StoreListener& listener);

  // `damage` is what its log was found to have.
  Status prepare(const std::optional<LogDamage>& damage);
  Status look();
  Status keep_damaged_log(const LogDamage& damage);
  void recover();
  void read_counters();
  std::int64_t counter(std::string_view name);
  template <class T>
  void submit(typename LedgerWrite<T>::Body body, std::optional<Keep<T>> keep,
              typename LedgerWrite<T>::Settled settled, Done<T> done) {
    line_->submit(std::make_unique<LedgerWrite<T>>(transaction_, clock_, std::move(body), std::move(keep),
                                                   std::move(settled), std::move(done)));
  }
  // Queues `body` for the holder of a lease: kAborted when it is lost by the time the write runs.
  template <class T>
  void submit_held(const Lease& lease, std::function<Result<T>(WriteTransaction&, const LiveTask&)> body,
                   typename LedgerWrite<T>::Settled settled, Done<T> done) {
    submit<T>(
        [this, lease, body = std::move(body)](WriteTransaction& transaction) -> Result<T> {
          const std::optional<LiveTask> live = live_.held(lease);
          if (!live) return lease_lost(lease.task);
          return body(transaction, *live);
        },
        std::nullopt, std::move(settled), std::move(done));
  }
  // What follows once a task has ended, or a new or revived one may be claimed.
  void task_ended(const TaskId& id, TaskState state);
  void task_failed(const TaskId& id);
  void count_retries(std::size_t attempts);
  void open_task(TaskKind kind, const TaskId& id);
  // Writes the end that the sweep has found for a task.
  void end_swept(const Lease& lease, const LiveTask& live, TaskState state, std::string_view reason);
  // What memory has to know of a new task; scheduled when it may not begin yet.
  LiveTask live_task(TaskKind kind, const std::optional<ForeignTerms>& terms) const;
  void registry_moved();
  // Queues a change of one model.
  void change_model(std::function<Result<ChangedModel>(Database&)> body,
                    std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done);
  // A row of `task` or `tasks`, with what memory alone knows of it.
  TaskRecord record_of(const Query& row) const;
  Result<TaskRecord> read_task(Database& database, const TaskId& id) const;
  Result<InferenceRecord> read_inference(Database& database, InferenceId id) const;

  const std::string path_;
  const StoreOptions options_;
  const Clock& clock_;
  StoreListener& listener_;
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
// Whoever waits for a task's result, in the body of a write.
void insert_reply(Database& database, const TaskId& task, const std::optional<ForeignTerms>& terms);
// Adds a model, and makes it the champion if asked to, in the body of a write.
ModelId insert_model(Database& database, const NewModel& model, const std::string& artefact_hash);
// Texts that may be absent are NULL then.
std::optional<std::string_view> unless_empty(const std::string& text);
// A row of `ranking`, `shadow_rankings` or `shown_requests`, whose columns of the ranking begin at `first`.
Result<Ranking> ranking_of(const Query& row, int first);
// A row of `feedback` or `feedback_after` whose columns of the feedback begin at `first`.
Feedback feedback_of(const Query& row, int first);
// A row of `model` or `models`.
ModelRecord model_of(const Query& row);

}  // namespace rankloop::storage::sqlite
