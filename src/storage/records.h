// What goes into a store and what comes out of it, as plain types.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/clock.h"
#include "domain/hash_circle.h"
#include "domain/ids.h"
#include "domain/ledger_words.h"
#include "domain/ranking.h"
#include "domain/schema.h"
#include "domain/task.h"
#include "error/result.h"
#include "storage/feedback_records.h"
#include "telemetry/trace.h"

namespace rankloop::storage {

// ---- Answers kept under an Idempotency-Key --------------------------------------------------------------

struct KeptAnswer {
  std::string fingerprint;  // of method, path, query and body (32 bytes)
  int status = 0;
  std::string body;            // the first answer's body; unused when `task` is set
  std::optional<TaskId> task;  // the answer is this task's status, made afresh each time
};

// Asks a write to keep its answer in its own transaction. When the key is already there, the write does
// nothing and reports kAlreadyExists; the caller then reads the kept answer. `answer` is called on the
// writer's thread with the outcome (null: success) and returns what to keep, or nothing.
template <class T>
struct RecordedAnswer {
  std::string key;
  std::string fingerprint;
  std::function<std::optional<KeptAnswer>(const Result<T>&)> answer;
};

// ---- Tasks that other programs sent ----------------------------------------------------------------------

// Who waits for the result of a task.
struct Reply {
  std::string to;  // a queue of the broker, or empty: the result back-end alone
  std::string correlation;
};

// What another program says of the task it sends.
struct ForeignTerms {
  std::optional<Reply> reply;          // empty: nobody waits
  std::optional<WallTime> not_before;  // scheduled until then
  std::optional<WallTime> expires;     // expired when it has not begun by then, give or take a sweep
};

// ---- Inference -------------------------------------------------------------------------------------------

// A request that was checked against the domain and is about to become a user, an inference and a task.
struct NewInference {
  TaskId task;
  std::string payload;  // the request's canonical JSON (Record::payload)
  Values values;        // Record::values: handed to the worker, not stored
  PersonKey person;     // the person's own id, or empty
  std::vector<ItemId> candidates;
  bool candidates_given = false;
  std::string candidate_fields{};    // what it says of them (domain/candidate_fields.h)
  std::string unknown_candidates{};  // those that name nothing (domain/ranking.h)
  std::string wishes{};              // that it names (domain/wish_json.h)
  int domain_version = 0;
  WallTime at;
  Monotonic accepted{};  // when, for measuring; not stored
  RequestSource source = RequestSource::kApi;
  std::optional<ForeignTerms> foreign{};
  std::optional<telemetry::TraceContext> trace{};  // the span that asked for it
};

struct StartedInference {
  RequestId user;
  InferenceId inference;
};

// A claimed task: what a worker needs to run it. Only the holder of the current fence may finish it.
struct Lease {
  TaskId task;
  std::int64_t fence = 0;
};

struct ClaimedTask {
  Lease lease;
  TaskKind kind = TaskKind::kInference;
  int attempt = 1;                                // this one, from 1
  std::shared_ptr<const NewInference> inference;  // for kInference; `values` may be empty (read from payload)
  std::string arguments;                          // of a job: JSON
  std::optional<telemetry::TraceContext> trace{};
};

struct InferenceRecord {
  InferenceId id;
  TaskId task;
  RequestId user;
  WallTime created;
  int domain_version = 0;
  TaskState state = TaskState::kReady;
  int attempt = 0;                                  // attempts begun; 0 for imported history
  std::string error;                                // why it failed or was revoked
  std::optional<std::vector<ItemId>> candidates{};  // empty: the whole catalog
  std::string candidate_fields{};                   // what the request says of its candidates
  Ranking ranking;                                  // empty unless succeeded
  std::vector<Exposure> exposures;                  // in order of rank, contiguous from rank 1
  std::vector<Feedback> feedback;                   // in order of arrival
};

// What answering takes of an inference.
struct RankedInference {
  InferenceId id;
  RequestId user;
  TaskState state = TaskState::kReady;
  int attempt = 0;
  std::string error;
  std::string candidate_fields{};  // what the request says of its candidates
  Ranking ranking;                 // empty unless succeeded
  int shown = 0;                   // ranks, from the first on
};

// A request as it was answered and what came of it: what a dataset is made from.
struct ShownRequest {
  InferenceId id;
  TaskId task;
  RequestId user;
  PersonKey person;  // empty: the person did not say who it is
  WallTime created;
  int domain_version = 0;
  std::string payload;               // the request's
  std::vector<ItemId> candidates{};  // to be ranked alone ...
  bool candidates_given = false;     // ... when given
  std::string candidate_fields{};    // what it says of them
  RequestSource source = RequestSource::kApi;
  Ranking ranking;  // its items are cut to the ranks that were shown, at least one
  // Ranking::known; where that is empty, the position before that at which it was first shown. Empty: that
  // has none.
  std::optional<std::int64_t> known{};
  std::vector<Feedback> feedback;  // in order of arrival
};

// A request has an outcome when it was shown and then something was picked, or none was chosen. "None chosen"
// before anything was shown is kept and is no evidence, so no outcome.
struct OutcomeCounts {
  std::int64_t shown = 0;  // requests of which anything was shown
  std::int64_t with_outcome = 0;
};

// A request that another system answered: what it showed, best first, and what came of it.
struct ImportedRequest {
  TaskId task;          // made by the caller, from `at`
  std::string key;      // the other system's id of it, or empty: it has none
  std::string content;  // with a key: SHA-256 of what the request says (32 bytes)
  std::string payload;
  PersonKey person;  // empty: who asks did not say
  int domain_version = 0;
  std::vector<ItemId> shown;
  std::string candidate_fields{};   // what was true of these in the request
  std::vector<float> propensities;  // in step with `shown`; empty: not known
  std::vector<Feedback> feedback;   // `rank` is that of `item` in `shown`
  WallTime at;
};

struct ImportedCounts {
  std::int64_t requests = 0;  // written
  std::int64_t repeated = 0;  // known by their keys, with the same content: there already
};

// ---- Users, items, events --------------------------------------------------------------------------------

struct RequestRecord {
  RequestId id;
  WallTime created;
  PersonKey person;  // empty: who asks did not say
  std::string payload;
  int domain_version = 0;
};

struct ItemRecord {
  ItemId id;
  std::int64_t version = 0;  // the catalog version that brought this state of the item
  bool deleted = false;
  std::string payload;  // canonical JSON (Record::payload); empty when deleted
  // Since when it has been in the catalog without being deleted; nothing: it is deleted, or came before the
  // store kept this.
  std::optional<WallTime> since{};
};

struct ItemWrite {
  ItemId id;
  std::optional<std::string> payload;  // empty: delete
  std::string new_key{};  // the text that the id stands for from now on; empty: none, or no new one
};

// One part of a catalog change. All parts name the version they make (current + 1); readers see none of them
// before the part with `last`, and a start after a crash removes parts that were never completed.
struct CatalogWrite {
  std::int64_t version = 0;
  std::vector<ItemWrite> items;
  bool first = true;  // removes what an earlier, never completed attempt at this version left
  bool last = true;
};

struct EventCount {  // "status", "results": counted per minute, not kept one by one
  std::string kind;
  std::int64_t minute = 0;  // since the epoch
  std::int64_t count = 0;
};

struct Counts {
  std::int64_t users = 0;
  std::int64_t inferences = 0;
};

// ---- Tasks -----------------------------------------------------------------------------------------------

struct TaskRecord {
  TaskId id;
  TaskKind kind = TaskKind::kInference;
  TaskState state = TaskState::kReady;
  int attempt = 0;  // attempts begun
  WallTime created;
  std::optional<WallTime> run_at;   // scheduled
  std::optional<WallTime> started;  // of the last attempt
  std::optional<WallTime> finished;
  std::string error;      // public reason of a failure, cancellation or expiry
  InferenceId inference;  // 0 unless kind is kInference
  ModelId model;          // that a training made; 0: none (yet)
  std::string arguments;  // of a job: JSON
  std::string progress;   // the last heartbeat's, of the running attempt: JSON or empty
  std::optional<telemetry::TraceContext> trace{};  // the span that asked for it
  std::string result{};  // what a job that has succeeded came to, read by its id: JSON or empty
  // Of a training that has succeeded, read by its id: what the gate said, and of one that kept no model the
  // gate's outcome as JSON.
  std::optional<Verdict> verdict{};
  std::string detail{};
};

// Whose erasure a job is.
struct NewErasure {
  PersonKey person;
  std::string asked_by;  // the role that was shown
};

// A task of any kind but inference.
struct NewJob {
  TaskId task;
  TaskKindTraits kind;
  std::string arguments;  // JSON, for the worker
  WallTime at;
  std::optional<ForeignTerms> foreign{};
  std::optional<telemetry::TraceContext> trace{};
  std::optional<NewErasure> erasure{};  // noted with it (storage/persons.h)
};

// A task of another program that is not run; its id is kept all the same.
struct RefusedTask {
  TaskId id;
  TaskKind kind = TaskKind::kInference;
  TaskState state = TaskState::kFailed;  // or cancelled or expired
  std::string reason;
  std::optional<Reply> reply;
  WallTime at;
  std::optional<telemetry::TraceContext> trace{};
};

// An ended task, and who waits for its result.
struct DueReply {
  TaskRecord task;
  Reply reply;
};

struct TaskFilter {
  std::optional<TaskKind> kind;
  std::optional<TaskState> state;
  std::optional<TaskId> before;  // older than this one (pages go from new to old)
  int limit = 100;
};

// Those of one kind and state that have not ended.
struct OpenTasks {
  TaskState state = TaskState::kReady;
  std::int64_t count = 0;
  WallTime oldest{};  // when the first of them was made
};

// ---- Models ----------------------------------------------------------------------------------------------

struct NewModel {
  std::string family;
  std::string feature_fingerprint;
  std::string artefact;  // bytes, kept by content hash in the same transaction as the row
  std::string metrics;   // JSON object
  std::string lineage;   // JSON object: where the data came from
  int domain_version = 0;
  WallTime at;
  bool promote = false;            // make it the champion in the same transaction
  std::string actor;               // who or what promoted it
  std::string reason;              // and why
  std::optional<Verdict> verdict;  // empty: the gate has not judged it
  std::string detail;              // the gate's outcome as JSON, or empty
  bool shadow = false;             // let it rank beside the model that answers; a champion never does
  bool dry_run = false;  // of a training: it was judged only, and what the gate said belongs to the task
};

// What a job came to.
struct JobResult {
  std::string json{};               // kept with the task; empty: nothing
  std::optional<NewModel> model{};  // added in the same transaction, as add_model does
};

struct ModelRecord {
  ModelId id;
  std::string family;
  std::string feature_fingerprint;
  std::string artefact_hash;  // SHA-256, hex
  std::string metrics;
  std::string lineage;
  int domain_version = 0;
  WallTime created;
  bool champion = false;
  double share = 0;       // of the traffic; the shares of all models sum to 1
  CircleRanges ranges{};  // of a challenger: which hashes its share stands for
  bool shadow = false;
  std::optional<Verdict> verdict;  // as in NewModel
  std::string detail;
};

// Who or what changes the registry, and why.
struct ModelChange {
  std::string actor;  // the role that was shown, or the part of the program; never what a body says
  std::string reason;
  std::string detail;  // JSON or empty
  WallTime at;
  std::string remark{};  // whom the request named by itself
};

// A row of the registry's history; it is never changed.
struct ModelEvent {
  std::int64_t id = 0;  // counted from 1
  WallTime at;
  ModelEventKind what = ModelEventKind::kTrained;
  ModelId model;
  std::string actor;
  std::string reason;
  std::string detail;  // JSON or empty
  std::string remark;
};

// Whom a list counts for that two models made together: neither of them.
inline constexpr ModelId kTwoModels{-1};

// What became of the requests that a model answered. picked + none is the number of those with an outcome.
struct ModelCounts {
  ModelId model;
  std::int64_t shown = 0;   // requests of which anything was shown
  std::int64_t picked = 0;  // requests of which anything was picked
  std::int64_t none = 0;    // requests with "none chosen" after they were shown, and no pick before or since
  double value = 0;         // of the picks, each item once a request
  ModelCounts& operator+=(const ModelCounts& more) {
    shown += more.shown;
    picked += more.picked;
    none += more.none;
    value += more.value;
    return *this;
  }
  bool operator==(const ModelCounts&) const = default;
};

struct DomainRecord {
  int version = 0;
  std::string name;
  std::string fingerprint;
  std::string source;  // the file's text
};

}  // namespace rankloop::storage
