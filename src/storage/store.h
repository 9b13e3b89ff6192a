// The store: the only truth. One implementation per database (sqlite/, postgres/), one contract suite for all
// (tests/contract/storage).
//
// Writes are asynchronous: they are queued to one group-commit writer, run in order of arrival, each in a
// savepoint of a shared transaction, and answered after its commit. `done` is called exactly once, on the
// writer's thread, or on the caller's own when the write is refused at the door; it must be short and must
// not block or throw. Errors every write can end with: kUnavailable (the disk is full or failing, or the
// store is closing; nothing of the write is there), kResourceExhausted (too many writes wait).
//
// Reads are synchronous, never wait for writes, and may touch the disk: call them from a bounded pool, not
// from an I/O thread, except where a comment says that a call answers from memory. All calls are thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "storage/records.h"

namespace rankloop::telemetry {
class Logger;
struct StorageMetrics;
struct TaskMetrics;
}  // namespace rankloop::telemetry

namespace rankloop::storage {

template <class T>
using Done = std::function<void(Result<T>)>;

// Hears what the store has done, to pass it on as hints. Called on the store's threads, after the commit,
// except that an embedded store may announce a task as ready as soon as its row stands in the writer's line:
// whatever the worker then writes stands behind it; and what memory alone changes (a claim, a release, a
// sweep) is told on the caller's thread.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  virtual void task_ready(TaskKind kind, const TaskId& id) noexcept = 0;
  virtual void task_changed(const TaskId& id, TaskState state) noexcept = 0;
  virtual void catalog_changed(std::int64_t version) noexcept = 0;
  virtual void registry_changed(std::int64_t version) noexcept = 0;
};

struct StoreOptions {
  std::size_t max_waiting_tasks = 10'000;  // ready or scheduled; more starts are refused (kResourceExhausted)
  std::size_t max_waiting_writes = 20'000;  // in the writer's line
  std::size_t max_batch = 512;              // writes per transaction
  std::chrono::milliseconds lease{60'000};  // how long a claim holds without a heartbeat
  int max_attempts = 4;                     // lost leases count; then the task fails
  std::size_t cache_bytes = 16U << 20;      // page cache of all connections together
  int readers = 2;                          // read connections
  std::size_t max_artefact = 32U << 20;     // bytes of a model's artefact, written or read
  // Of a store on another machine: so long may it leave anybody without an answer (4 s at the least), and so
  // long may a process that writes stand still before the others go on without it.
  std::chrono::milliseconds deadline{5'000};
  std::chrono::milliseconds most_stall{2'000};
  // Whether processes on the store tell each other of tasks by way of the database; asked on any thread.
  // Without it they do. A broker that carries the same hints makes it needless.
  std::function<bool()> tells_tasks;
  // Hears what other processes say of tasks; without it, the store's own listener does. Must outlive the
  // store.
  StoreListener* heard = nullptr;
  // Counted into when given; must outlive the store. Of the tasks: attempts that are made again (after a
  // failure or a lost lease) and tasks that failed for good.
  telemetry::StorageMetrics* metrics = nullptr;
  telemetry::TaskMetrics* task_metrics = nullptr;
  // Told of what an operator has to know (writes that fail, a damaged log) when given; must outlive the
  // store.
  telemetry::Logger* log = nullptr;
  // Embedded only: the store is read and left as it is, also by its opening; writes are refused. It has to
  // have this program's schema.
  bool look = false;
};

// When another process may have it though nobody gave it back: once the process or its connection is gone, or
// also a few seconds after holds() was last asked.
enum class HoldEnds { kWithProcess, kInSilence };

// What one of all processes on a store has; destroyed, it is free for another.
class Hold {
 public:
  virtual ~Hold() = default;
  // Whether it is still had: a lost connection loses it. May block for a round trip.
  virtual bool holds() = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // ---- Inference ----
  // The user, the inference, the task and (by view) its event, in one transaction. kAlreadyExists: the task
  // is there, and nothing was changed.
  virtual void start_inference(NewInference request, std::optional<Keep<StartedInference>> keep,
                               Done<StartedInference> done) = 0;
  // The ranking, what other models would have answered (`shadows`, of distinct models), and the task's final
  // state, in one transaction. kAborted: the lease is no longer held (another fence, cancelled, or already
  // terminal); nothing was changed. kInvalidArgument: a ranking has more than kMaxRank items, or two shadows
  // are of one model.
  virtual void finish_inference(const Lease& lease, Ranking ranking, std::vector<Ranking> shadows,
                                WallTime at, Done<StartedInference> done) = 0;
  // Marks ranks as shown; answers the exposures of the inference as they are after the commit.
  virtual void record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) = 0;
  // kFailedPrecondition: a pick of a rank that was never shown. "None chosen" is recorded of any inference
  // there is, with a weight of 0 when nothing was shown before.
  virtual void record_feedback(NewFeedback feedback, std::optional<Keep<Exposure>> keep,
                               Done<Exposure> done) = 0;  // answers the exposure that showed the pick

  // History of another system, in one transaction: for each a user, an inference (source "import") whose task
  // has succeeded, a ranking without scores (policy "imported", no model), one exposure of all of it, and the
  // feedback. A few hundred at once. A request whose key is there with the same content is left out.
  // kInvalidArgument: feedback names an item or a rank that was not shown; kAlreadyExists: a key is there
  // with other content, or a task is there already.
  virtual void import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                               Done<ImportedCounts> done) = 0;

  // ---- Tasks ----
  // kFailedPrecondition: a training is waiting or running already. kAlreadyExists: the task is there.
  virtual void start_training(NewTraining training, std::optional<Keep<TaskRecord>> keep,
                              Done<TaskRecord> done) = 0;
  // The task's final state, the verdict and the model it made, if any, in one transaction, as add_model does;
  // answers the model's id (0: none, or a dry run). kAborted: the lease is no longer held.
  virtual void finish_training(const Lease& lease, std::optional<NewModel> model, WallTime at,
                               Done<ModelId> done) = 0;
  // Where a transaction costs much beside its rows, whoever works under load does better to wait so long for
  // company between one and the next. 0: it costs nothing.
  virtual std::chrono::milliseconds gather() const noexcept { return {}; }
  // Takes leases on ready tasks: those named, as far as they are still ready, or (named empty) the oldest
  // ones. kRunning from here on; at most `limit`. Blocks at most for one round trip.
  virtual Result<std::vector<ClaimedTask>> claim(TaskKind kind, std::span<const TaskId> named, int limit) = 0;
  // Prolongs a lease and tells how far the work is: a small JSON text that TaskRecord::progress answers until
  // the attempt ends (empty: as before). kAborted when the lease is lost or the task was cancelled: stop
  // working.
  virtual Status heartbeat(const Lease& lease, std::string progress) = 0;
  // An attempt failed. With `retry_in` (and attempts left) the task is scheduled again, otherwise it fails
  // with `reason` for good. Answers the state it got. kAborted: the lease is no longer held.
  virtual void fail_task(const Lease& lease, std::string reason,
                         std::optional<std::chrono::milliseconds> retry_in, Done<TaskState> done) = 0;
  // Gives a task back unharmed (a drain, or a store that could not commit): ready again after `delay`, the
  // attempt is not counted.
  virtual void release(const Lease& lease, std::chrono::milliseconds delay) = 0;
  // kNotFound; kFailedPrecondition when already succeeded or failed; a revoked task answers again.
  virtual void cancel_task(const TaskId& id, std::string reason, std::optional<Keep<TaskRecord>> keep,
                           Done<TaskRecord> done) = 0;
  // failed, cancelled, expired -> ready. kNotFound; kFailedPrecondition in any other state.
  virtual void retry_task(const TaskId& id, std::optional<Keep<TaskRecord>> keep, Done<TaskRecord> done) = 0;
  // Adds a task that has ended already, never begun, so that it is seen and answered like any other. A retry
  // of it is refused. kAlreadyExists: the task is there, and nothing was changed.
  virtual void refuse_task(RefusedTask task, Done<void> done) = 0;
  // These tasks' results were sent to whoever waited for them.
  virtual void forget_replies(std::vector<TaskId> tasks, Done<void> done) = 0;
  // Lets what is due become ready, expires what came too late, and takes back expired leases. Called by the
  // sweeper about once a second.
  virtual Status sweep() = 0;

  // ---- Catalog ----
  // kAborted: the version is not the current one + 1 (someone else changed the catalog).
  virtual void write_items(CatalogWrite write, std::optional<Keep<std::int64_t>> keep,
                           Done<std::int64_t> done) = 0;

  // ---- Models, domain, bookkeeping ----
  // Every change of the models raises registry_version() and adds to their history in its own transaction.
  // Artefact, model and history ("promoted" when it becomes the champion, else what the gate said against it,
  // or "trained"; then "shadow" if it ranks in the shadow). kInvalidArgument: no such verdict;
  // kFailedPrecondition: the artefact is larger than StoreOptions allow.
  virtual void add_model(NewModel model, Done<ModelId> done) = 0;
  // Makes a model the champion, with all the traffic and out of the shadow. The champion answers again and
  // nothing is written. kNotFound.
  virtual void promote_model(ModelId model, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                             Done<ModelRecord> done) = 0;
  // Promotes the model that was champion before the present one; once more goes one further back. Answers it.
  // kFailedPrecondition: there was none before.
  virtual void rollback_model(ModelChange change, std::optional<Keep<ModelRecord>> keep,
                              Done<ModelRecord> done) = 0;
  // Gives a challenger a share of the traffic, in [0, 1); the champion keeps what all others leave.
  // kNotFound; kInvalidArgument: outside that range; kFailedPrecondition: less is left, it is the champion,
  // or there is none.
  virtual void share_traffic(ModelId model, double share, ModelChange change,
                             std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) = 0;
  // Lets a challenger rank beside whatever answers, or no longer. kNotFound; kFailedPrecondition: the
  // champion.
  virtual void shadow_model(ModelId model, bool shadow, ModelChange change,
                            std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) = 0;
  // Takes a model out, and its artefact unless another one has the same bytes. Its history stays, and its
  // number is never given again. Answers it as it was. kNotFound; kFailedPrecondition: it answers somebody,
  // ranks in the shadow, or is what rollback_model() goes back to.
  virtual void remove_model(ModelId model, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                            Done<ModelRecord> done) = 0;
  // Removes artefacts that no model names; answers how many.
  virtual void forget_orphans(Done<std::int64_t> done) = 0;
  // The stored domain versions' newest, or kNotFound on a new store.
  virtual Result<DomainRecord> domain() = 0;
  virtual void adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                            Done<int> done) = 0;  // answers the new domain version
  virtual void count_events(std::vector<EventCount> counts, Done<void> done) = 0;
  // Keeps an answer that no other write carried (e.g. a 422). kAlreadyExists when the key is there.
  virtual void keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) = 0;
  // Removes old answers, perhaps only some of them; answers how many, 0 once there are no more.
  virtual void forget_answers(WallTime older_than, Done<std::int64_t> done) = 0;

  // ---- Reads; kNotFound where a single thing is asked for and is not there ----
  virtual Result<InferenceRecord> inference(const TaskId& task) = 0;
  virtual Result<InferenceRecord> inference(InferenceId id) = 0;
  virtual Result<RankedInference> ranked(const TaskId& task) = 0;
  virtual Result<TaskRecord> task(const TaskId& id) = 0;
  // From memory, never blocks: the state of an inference task that is not terminal, where this process alone
  // knows it (embedded); nothing otherwise.
  virtual std::optional<std::pair<TaskState, int>> live_state(const TaskId& id) const noexcept = 0;
  virtual Result<std::vector<TaskRecord>> tasks(const TaskFilter& filter) = 0;
  // Tasks that ended at this moment or before and that somebody waits for, in order of their ends.
  virtual Result<std::vector<DueReply>> due_replies(WallTime ended_by, int limit) = 0;
  // How many tasks are scheduled, ready and running, by state; from memory or a small index, never a scan of
  // the ledger.
  virtual Result<std::vector<OpenTasks>> open_tasks(TaskKind kind) = 0;
  virtual Result<UserRecord> user(UserId id) = 0;
  virtual Result<std::vector<UserRecord>> users(std::int64_t offset, int limit) = 0;
  // The item as it was at a catalog version (the newest state not newer than it).
  virtual Result<ItemRecord> item(ItemId id, std::int64_t at_version) = 0;
  // Several at once, in the order asked; unknown ones are left out.
  virtual Result<std::vector<ItemRecord>> items(std::span<const ItemId> ids, std::int64_t at_version) = 0;
  // Every item that is not deleted at the current version, in id order, streamed. Answers that version.
  virtual Result<std::int64_t> each_item(const std::function<void(const ItemRecord&)>& visit) = 0;
  // Items that changed after `after_version` (their newest state, deletions too). Answers the current
  // version.
  virtual Result<std::int64_t> each_change(std::int64_t after_version,
                                           const std::function<void(const ItemRecord&)>& visit) = 0;
  // Every completed state of these items, deletions too, those of one item by version, streamed; `visit`
  // answers false to stop.
  virtual Status each_item_version(std::span<const ItemId> ids,
                                   const std::function<bool(const ItemRecord&)>& visit) = 0;
  // Requests of which anything was shown, with greater numbers than `after`, in order of their numbers,
  // streamed from one snapshot; `visit` answers false to stop. It must neither throw nor read from the store.
  virtual Status each_shown(InferenceId after, const std::function<bool(const ShownRequest&)>& visit) = 0;
  // Of the requests with greater numbers than `after`; each count ends at `most`, and reads an index entry of
  // each that it counts.
  virtual Result<OutcomeCounts> outcome_counts(InferenceId after, std::int64_t most) = 0;
  // The request from which on exactly `n` (at least 1) have an outcome; 0 when fewer have one.
  virtual Result<InferenceId> nth_newest_outcome(std::int64_t n) = 0;
  // In order of the models' ids; empty when there are none.
  virtual Result<std::vector<Ranking>> shadow_rankings(InferenceId inference) = 0;
  virtual Counts counts() const noexcept = 0;                 // from memory
  virtual std::int64_t catalog_version() const noexcept = 0;  // from memory, at most a second old elsewhere
  virtual std::int64_t registry_version() const noexcept = 0;
  virtual Result<std::vector<ModelRecord>> models() = 0;
  // Newest first; only rows older than `before` when given.
  virtual Result<std::vector<ModelEvent>> model_history(std::optional<std::int64_t> before, int limit) = 0;
  // Of every model that has shown anything, by id; 0: a random order. Kept up to date by the writes.
  virtual Result<std::vector<ModelCounts>> model_counts() = 0;
  // kNotFound; kFailedPrecondition: it is larger than StoreOptions allow, and was not read.
  virtual Result<std::string> artefact(const std::string& hash) = 0;
  virtual Result<std::optional<KeptAnswer>> kept_answer(const std::string& key) = 0;

  // ---- Several processes on one store ----
  // Nothing when another process has it; an embedded store belongs to one process, which has everything. Who
  // gets it knows the versions of catalog and registry as they are at that moment.
  virtual Result<std::unique_ptr<Hold>> try_hold(std::string_view what, HoldEnds ends) = 0;

  // ---- Life ----
  virtual std::string_view kind() const = 0;        // "sqlite", "postgresql"
  virtual Status ping() = 0;                        // the store answers and can write
  virtual std::optional<std::int64_t> bytes() = 0;  // on its disk; nothing while it cannot be told
  virtual std::size_t waiting_writes() const noexcept = 0;
  // Commits what waits, refuses what comes later, folds the log into the database. Idempotent.
  virtual void close() = 0;
};

// Opens by URL: "sqlite:PATH" (a file; its folder must exist and be locked by the caller) or
// "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" (the database must exist). Creates tables and migrates as
// needed; tasks that the last process left unfinished are ready again: claim() hands them out at once, and
// the first sweep() announces them. `listener` must outlive the store. kInvalidArgument: no such kind of
// store; kDataLoss: the file is damaged; kFailedPrecondition: a newer or another program made it;
// kUnavailable: it cannot be opened or reached.
Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options,
                                          const Clock& clock, StoreListener& listener);

}  // namespace rankloop::storage
