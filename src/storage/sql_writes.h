// What a store writes alike in every dialect: models, ends of jobs, domains, answers and counts. `Self` is
// the store that stands on this; beside what sql_reads.h needs it offers
//   submit_body<T>(body, keep, settled, done)  queues a write; `body` gets the dialect's transaction (a
//   Batch) end_job(batch, lease, at, model, result)   ends the task; false when the lease is lost
//   registry_moved(version)                    tells memory and the listener, after the commit
//   task_ended(id, state)                      the same of a task
//   committed_position()                       the greatest that its last commits gave; on the writer's
//   thread
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/counter.h>

#include "storage/ledger_write.h"
#include "storage/person_changes.h"
#include "storage/registry_changes.h"
#include "storage/sql_reads.h"
#include "telemetry/metrics.h"

namespace rankloop::storage {

// Whoever waits for a task's result.
template <class Connection>
void insert_reply(Connection& connection, const TaskId& task, const std::optional<Reply>& reply) {
  if (reply) connection.execute("add_reply", task, reply->to, reply->correlation);
}

template <class Connection>
Result<TaskRecord> insert_job(Connection& connection, const NewJob& job, WallTime now) {
  if (has_row(connection, "task", job.task)) return task_is_there();
  const ForeignTerms terms = job.foreign.value_or(ForeignTerms{});
  const auto run_at = is_later(terms.not_before, now) ? terms.not_before : std::nullopt;
  const std::string trace = telemetry::to_traceparent(job.trace);
  const std::optional<std::int64_t> alone = job.kind.one_at_a_time ? std::optional{1} : std::nullopt;
  if (connection.execute("add_job", job.task, static_cast<int>(job.kind.kind), alone, job.at, job.arguments,
                         run_at, terms.expires, unless_empty(trace)) == 0) {
    return kind_is_open(job.kind.name);
  }
  insert_reply(connection, job.task, terms.reply);
  if (job.erasure) {
    if (Status noted = insert_erasure(connection, job.task, *job.erasure); !noted) return noted.error();
  }
  return read_task(connection, job.task);
}

template <class Self>
class SqlWrites : public SqlReads<Self> {
 public:
  using SqlReads<Self>::SqlReads;

  // ---- Models ----
  void add_model(NewModel model, Done<ModelId> done) override {
    if (Status checked = check_new_model(model, this->options_.max_artefact); !checked) {
      return done(checked.error());
    }
    std::string hash = sha256_hex(model.artefact);
    const auto version = std::make_shared<std::int64_t>(0);
    write<ModelId>(
        [model = std::move(model), hash = std::move(hash), version](auto& batch) -> Result<ModelId> {
          batch.lock_registry();
          const ModelId id = insert_model(batch, model, hash);
          *version = raise_registry_version(batch);
          return id;
        },
        std::nullopt, registry_moves<ModelId>(version), std::move(done));
  }
  void promote_model(ModelId id, ModelChange change, std::optional<RecordedAnswer<ModelRecord>> keep,
                     Done<ModelRecord> done) override {
    change_model(
        [id, change = std::move(change)](auto& connection) { return promote(connection, id, change); },
        std::move(keep), std::move(done));
  }
  void rollback_model(ModelChange change, std::optional<RecordedAnswer<ModelRecord>> keep,
                      Done<ModelRecord> done) override {
    change_model([change = std::move(change)](auto& connection) { return go_back(connection, change); },
                 std::move(keep), std::move(done));
  }
  void share_traffic(ModelId id, double share, ModelChange change,
                     std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) override {
    change_model([id, share, change = std::move(change)](
                     auto& connection) { return set_share(connection, id, share, change); },
                 std::move(keep), std::move(done));
  }
  void shadow_model(ModelId id, bool shadow, ModelChange change,
                    std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) override {
    change_model([id, shadow, change = std::move(change)](
                     auto& connection) { return set_shadow(connection, id, shadow, change); },
                 std::move(keep), std::move(done));
  }
  void remove_model(ModelId id, ModelChange change, std::optional<RecordedAnswer<ModelRecord>> keep,
                    Done<ModelRecord> done) override {
    change_model([id, change = std::move(change)](
                     auto& connection) { return storage::remove(connection, id, change); },
                 std::move(keep), std::move(done));
  }
  // The lock keeps a model from being added whose artefact has just gone.
  void forget_orphans(Done<std::int64_t> done) override {
    write<std::int64_t>(
        [](auto& batch) -> Result<std::int64_t> {
          batch.lock_registry();
          return batch.connection().execute("forget_orphans");
        },
        std::nullopt, nullptr, std::move(done));
  }

  // ---- Experiments ----
  void add_experiment(NewExperiment experiment, ModelChange by,
                      std::optional<RecordedAnswer<ExperimentRecord>> keep,
                      Done<ExperimentRecord> done) override {
    write<ExperimentRecord>(
        [experiment = std::move(experiment), by = std::move(by)](auto& batch) {
          batch.lock_registry();
          return insert_experiment(batch.connection(), experiment, by);
        },
        std::move(keep), nullptr, std::move(done));
  }
  void change_experiment(ExperimentChange change, ModelChange by,
                         std::optional<RecordedAnswer<ExperimentRecord>> keep,
                         Done<ExperimentRecord> done) override {
    const auto version = std::make_shared<std::int64_t>(0);
    write<ExperimentRecord>(
        [change = std::move(change), by = std::move(by), version](auto& batch) {
          batch.lock_registry();
          auto changed = storage::change_experiment(batch.connection(), change, by);
          if (changed) *version = raise_registry_version(batch);
          return changed;
        },
        std::move(keep), registry_moves<ExperimentRecord>(version), std::move(done));
  }

  // ---- Jobs ----
  void finish_job(const Lease& lease, JobResult result, WallTime at, Done<ModelId> done) override {
    if (result.model) {
      if (Status checked = check_new_model(*result.model, this->options_.max_artefact); !checked) {
        return done(checked.error());
      }
    }
    std::string hash = result.model ? sha256_hex(result.model->artefact) : std::string();
    const auto version = std::make_shared<std::int64_t>(0);
    write<ModelId>(
        [this, lease, result = std::move(result), hash = std::move(hash), at, version](auto& batch)
            -> Result<ModelId> { return this->end_with_result(batch, lease, result, hash, at, *version); },
        std::nullopt,
        [this, id = lease.task, version](const Result<ModelId>& finished) {
          if (!finished) return;
          this->self().task_ended(id, TaskState::kSucceeded);
          if (*version > 0) this->self().registry_moved(*version);
        },
        std::move(done));
  }

  // ---- Tasks ----
  void refuse_task(RefusedTask task, Done<void> done) override {
    const auto shared = std::make_shared<const RefusedTask>(std::move(task));
    write<void>(
        [shared](auto& batch) -> Status {
          const std::string trace = telemetry::to_traceparent(shared->trace);
          if (batch.connection().execute("add_ended_task", shared->id, static_cast<int>(shared->kind),
                                         static_cast<int>(shared->state), shared->at, shared->reason,
                                         unless_empty(trace)) == 0) {
            return task_is_there();
          }
          insert_reply(batch.connection(), shared->id, shared->reply);
          batch.tell_changed(shared->id, shared->state);
          return {};
        },
        std::nullopt,
        [this, shared](const Status& added) {
          if (added) this->self().task_ended(shared->id, shared->state);
        },
        std::move(done));
  }

  // ---- People ----
  void change_person(PersonChange change, std::optional<RecordedAnswer<std::string>> keep,
                     Done<std::string> done) override {
    write<std::string>(
        [change = std::move(change)](auto& batch) { return write_person(batch.connection(), change); },
        std::move(keep), nullptr, std::move(done));
  }
  void erase_portion(ErasurePortion portion, Done<Erasure> done) override {
    write<Erasure>(
        [portion = std::move(portion)](auto& batch) {
          batch.overwrite_deleted(true);
          auto erased = erase_some(batch.connection(), portion);
          batch.overwrite_deleted(false);
          return erased;
        },
        std::nullopt, nullptr, std::move(done));
  }
  void forget_erasures(WallTime ended_by, Done<void> done) override {
    write<void>(
        [ended_by](auto& batch) -> Status {
          batch.connection().execute("forget_erasures", ended_by);
          return {};
        },
        std::nullopt, nullptr, std::move(done));
  }

  // ---- Domain, counts, answers ----
  void adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                    Done<int> done) override {
    DomainRecord domain{0, std::move(name), std::move(fingerprint), std::move(source)};
    write<int>(
        [domain = std::move(domain), at](auto& batch) -> Result<int> {
          batch.lock_registry();
          return insert_domain(batch.connection(), domain, at);
        },
        std::nullopt, nullptr, std::move(done));
  }
  void count_events(std::vector<EventCount> counts, Done<void> done) override {
    write<void>(
        [counts = std::move(counts)](auto& batch) -> Status {
          for (const EventCount& event : counts) batch.count(event);
          return {};
        },
        std::nullopt, nullptr, std::move(done));
  }
  void keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) override {
    write<void>(
        [key = std::move(key), answer = std::move(answer), at](auto& batch) -> Status {
          if (insert_answer(batch.connection(), key, answer.fingerprint, answer, at)) return {};
          return kept_already();
        },
        std::nullopt, nullptr, std::move(done));
  }
  void forget_answers(WallTime older_than, Done<std::int64_t> done) override {
    write<std::int64_t>(
        [older_than](auto& batch) -> Result<std::int64_t> {
          return batch.connection().execute("forget_answers", older_than, kAtOnce);
        },
        std::nullopt, nullptr, std::move(done));
  }

 protected:
  // Of a write that gives positions.
  template <class T>
  Settled<T> history_moves() {
    if (!this->options_.histories) return nullptr;
    return [this](const Result<T>& written) {
      if (written) this->history_moved(this->self().committed_position());
    };
  }
  void count_retries(std::size_t attempts) {
    if (this->options_.task_metrics == nullptr) return;
    this->options_.task_metrics->retried->Increment(static_cast<double>(attempts));
  }
  void count_failure() {
    if (this->options_.task_metrics != nullptr) this->options_.task_metrics->failed->Increment();
  }
  // Reading proves little about writing: a row is written to see whether it works.
  Status write_heartbeat() {
    constexpr std::chrono::seconds kTimeout{5};
    auto outcome = std::make_shared<std::promise<Status>>();
    std::future<Status> written = outcome->get_future();
    write<void>(
        [](auto& batch) -> Status {
          batch.connection().execute("increase_counter", std::string_view("heartbeat"));
          return {};
        },
        std::nullopt, nullptr, [outcome](Status status) { outcome->set_value(std::move(status)); });
    if (written.wait_for(kTimeout) != std::future_status::ready) {
      return Error{ErrorCode::kDeadlineExceeded, "The store did not write in time"};
    }
    return written.get();
  }

 private:
  static constexpr int kAtOnce = 2'000;  // answers that are forgotten

  template <class T, class Body>
  void write(Body body, std::optional<RecordedAnswer<T>> keep, Settled<T> settled, Done<T> done) {
    this->self().template submit_body<T>(std::move(body), std::move(keep), std::move(settled),
                                         std::move(done));
  }
  // The version is 0 when nothing was changed.
  template <class T>
  Settled<T> registry_moves(const std::shared_ptr<std::int64_t>& version) {
    return [this, version](const Result<T>& outcome) {
      if (outcome && *version > 0) this->self().registry_moved(*version);
    };
  }
  // Queues a change of one model; `change` answers which one, and whether anything was changed.
  template <class Change>
  void change_model(Change change, std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) {
    const auto version = std::make_shared<std::int64_t>(0);
    write<ModelRecord>(
        [change = std::move(change), version](auto& batch) -> Result<ModelRecord> {
          batch.lock_registry();
          const Result<ChangedModel> outcome = change(batch.connection());
          if (!outcome) return outcome.error();
          *version = outcome->changed ? raise_registry_version(batch) : 0;
          if (outcome->removed) return *outcome->removed;
          return find_model(batch.connection(), outcome->id);
        },
        std::move(keep), registry_moves<ModelRecord>(version), std::move(done));
  }
  template <class Batch>
  Result<ModelId> end_with_result(Batch& batch, const Lease& lease, const JobResult& result,
                                  const std::string& hash, WallTime at, std::int64_t& version) {
    const std::optional<NewModel>& model = result.model;
    const bool keeps = model && !model->dry_run;
    if (keeps) batch.lock_registry();
    const ModelId made = keeps ? insert_model(batch, *model, hash) : ModelId{};
    if (!this->self().end_job(batch, lease, at, made, result.json)) return lease_lost(lease.task);
    if (model && model->verdict) {
      const std::string_view detail = keeps ? std::string_view() : std::string_view(model->detail);
      batch.connection().execute("keep_verdict", lease.task, name_of(*model->verdict), detail);
    }
    version = keeps ? raise_registry_version(batch) : 0;
    batch.tell_changed(lease.task, TaskState::kSucceeded);
    return made;
  }
};

}  // namespace rankloop::storage
