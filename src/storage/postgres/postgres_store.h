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
// The members stand in one class, their code in files by subject: postgres_store.cpp (life),
// write_inference.cpp, write_tasks.cpp, leases.cpp, write_catalog.cpp, write_registry.cpp, write_import.cpp,
// read_inference.cpp, read_tasks.cpp, read_catalog.cpp, read_learning.cpp.
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
#include "storage/registry_rules.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

// A version that only grows, and is told to the listener once for each step. Thread-safe.
class SharedVersion {
 public:
  std::int64_t get() const noexcept { return value_.load(); }
  // Calls `tell` when the version is newer; has told whatever was known before it returns.
  template <class Tell>
  void raise(std::int64_t version, const Tell& tell) {
    const Lock lock(mutex_);
    if (version <= value_.load()) return;
    value_.store(version);
    tell(version);
  }

 private:
  Mutex mutex_;
  std::atomic<std::int64_t> value_{0};
};

class PostgresStore final : public Store {
 public:
  // `rest`: the URI after its scheme. kInvalidArgument: it cannot be read; kFailedPrecondition: the database
  // is newer or another program's; kUnavailable: it cannot be reached.
  static Result<std::unique_ptr<Store>> open(const std::string& rest, const StoreOptions& options,
                                             const Clock& clock, StoreListener& listener);
  ~PostgresStore() override;

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
  std::chrono::milliseconds gather() const noexcept override;
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
  std::optional<std::pair<TaskState, int>> live_state(const TaskId&) const noexcept override {
    return std::nullopt;  // another process may have changed it
  }
  Result<std::vector<TaskRecord>> tasks(const TaskFilter& filter) override;
  Result<std::vector<DueReply>> due_replies(WallTime ended_by, int limit) override;
  Result<std::vector<OpenTasks>> open_tasks(TaskKind kind) override;
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
  std::int64_t catalog_version() const noexcept override { return catalog_version_.get(); }
  std::int64_t registry_version() const noexcept override { return registry_version_.get(); }
  Result<std::vector<ModelRecord>> models() override;
  Result<std::vector<ModelEvent>> model_history(std::optional<std::int64_t> before, int limit) override;
  Result<std::vector<ModelCounts>> model_counts() override;
  Result<std::string> artefact(const std::string& hash) override;
  Result<std::optional<KeptAnswer>> kept_answer(const std::string& key) override;

  Result<std::unique_ptr<Hold>> try_hold(std::string_view what, HoldEnds ends) override;
  std::string_view kind() const override { return "postgresql"; }
  Status ping() override;
  std::optional<std::int64_t> bytes() override;
  std::size_t waiting_writes() const noexcept override { return line_->waiting(); }
  void close() override;

 private:
  PostgresStore(const std::string& url, const StoreOptions& options, const Clock& clock,
                StoreListener& listener);

  class Heard;

  Result<std::unique_ptr<Connection>> prepare();
  Listening::Callbacks callbacks();
  void look(Connection& connection);
  void read_versions(Connection& connection, bool tell);
  void hear(const std::string& payload);
  void catalog_moved(std::int64_t version);
  void registry_moved(std::int64_t version);
  void requests_grew(std::int64_t number) noexcept;
  void start_foreign(NewInference request, std::optional<Keep<StartedInference>> keep,
                     Done<StartedInference> done);

  template <class T>
  void submit(Statement<T> statement, std::optional<Keep<T>> keep, Settled<T> settled, Done<T> done) {
    line_->submit(std::make_unique<TypedWrite<T>>(clock_, std::move(statement), nullptr, std::move(keep),
                                                  std::move(settled), std::move(done)));
  }
  template <class T>
  void submit_body(Body<T> body, std::optional<Keep<T>> keep, Settled<T> settled, Done<T> done) {
    line_->submit(std::make_unique<TypedWrite<T>>(clock_, Statement<T>{}, std::move(body), std::move(keep),
                                                  std::move(settled), std::move(done)));
  }
  // Reads that belong together, from one snapshot.
  template <class T, class Read>
  Result<T> in_snapshot(const Read& read) {
    return readers_.with<T>([&](Connection& connection) -> Result<T> {
      connection.run("begin_read");
      Result<T> result = read(connection);
      connection.run("commit");
      return result;
    });
  }
  // Queues a change of one model; `body` answers which one, and whether anything was changed.
  void change_model(std::function<Result<ChangedModel>(Connection&)> body,
                    std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done);
  ClaimedTask claimed_task(const Row& row);
  void forget_batches(Connection& connection);
  void count_retries(std::size_t attempts);
  void count_failure();
  Result<InferenceRecord> read_inference(std::optional<TaskId> task, std::optional<InferenceId> id);

  const StoreOptions options_;
  const Clock& clock_;
  StoreListener& listener_;
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

// Texts that may be absent are NULL then.
std::optional<std::string_view> unless_empty(const std::string& text);
// A row of `ranking`, `shadow_rankings` or `shown_requests`, whose columns of the ranking begin at `first`.
Result<Ranking> ranking_of(const Row& row, int first);
// The columns of a feedback from `first` on.
Feedback feedback_of(const Row& row, int first);
// A row of `model` or `models`.
ModelRecord model_of(const Row& row);
// A row of `task`, `tasks` or `unfinished_tasks`.
TaskRecord task_of(const Row& row);
// Whoever waits for a task's result, in the body of a write.
void insert_reply(Connection& connection, const TaskId& task, const std::optional<Reply>& reply);
// Adds a model, and makes it the champion if asked to, in the body of a write.
ModelId insert_model(Connection& connection, const NewModel& model, const std::string& artefact_hash);
// The registry's version after a change; its counter's lock was taken before with lock_registry().
std::int64_t raise_registry_version(Connection& connection);
void lock_registry(Connection& connection);

}  // namespace rankloop::storage::postgres
