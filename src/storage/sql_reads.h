// What a store reads alike in every dialect. `Self` is the store that stands on this; it offers
//   read_with<T>(body)         lends a connection that reads; what few statements read
//   read_in_snapshot<T>(body)  the same, and all that is read belongs together
//   as_known(...)              adds what memory alone knows of an unfinished task
// and its dialect, beside what statements.h needs of a connection,
//   find_items(connection, ids, version), stream_states(connection, ids, version, visit)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/experiment_changes.h"
#include "storage/history_rows.h"
#include "storage/joined_rows.h"
#include "storage/person_changes.h"
#include "storage/rows.h"
#include "storage/shared_version.h"
#include "storage/statements.h"
#include "storage/store.h"
#include "storage/task_refusals.h"

namespace rankloop::storage {

// Of the snapshot that is read; the one in memory may be ahead or behind.
template <class Connection>
std::int64_t catalog_version_of(Connection& connection) {
  return counter(connection, "catalog_version");
}

template <class Connection>
Result<TaskRecord> read_task(Connection& connection, const TaskId& id) {
  std::optional<TaskRecord> found = the_row(connection, "task", whole_task_of, id);
  if (!found) return unknown_task();
  return *std::move(found);
}

template <class Self>
class SqlReads : public Store {
 public:
  SqlReads(const StoreOptions& options, const Clock& clock, StoreListener& listener)
      : options_(options), clock_(clock), listener_(listener) {}

  // ---- Inferences ----
  Result<InferenceRecord> inference(const TaskId& task) override {
    return read_inference(task, std::nullopt, unknown_task());
  }
  Result<InferenceRecord> inference(InferenceId id) override {
    return read_inference(std::nullopt, id, unknown_inference(id));
  }
  Result<RankedInference> ranked(const TaskId& task) override {
    return read<RankedInference>([&](auto& connection) -> Result<RankedInference> {
      auto found = the_row(connection, "ranked", ranked_of, task);
      if (!found) return unknown_task();
      if (*found) self().as_known(task, (*found)->state, (*found)->attempt);
      return *std::move(found);
    });
  }
  Result<RequestRecord> user(RequestId id) override {
    return read<RequestRecord>([&](auto& connection) -> Result<RequestRecord> {
      auto found = the_row(connection, "user", user_of, id);
      if (!found) return Error{ErrorCode::kNotFound, "No user has the number " + std::to_string(id.value)};
      return *std::move(found);
    });
  }
  Result<std::vector<RequestRecord>> users(std::int64_t offset, int limit) override {
    return list("users", user_of, offset, limit);
  }
  // ---- People ----
  Result<std::string> stored_of_person(const PersonKey& person) override {
    return read<std::string>([&](auto& connection) -> Result<std::string> {
      const auto payload_of = [](const auto& row) { return row.text("payload"); };
      return the_row(connection, "stored_person", payload_of, person).value_or(std::string());
    });
  }
  Result<PersonRecord> person(const PersonKey& person) override {
    return read<PersonRecord>([&](auto& connection) -> Result<PersonRecord> {
      PersonRecord found = the_row(connection, "person", person_of, person).value();
      if (found.payload.empty() && found.requests == 0 && found.events == 0) return unknown_person();
      return found;
    });
  }
  Result<std::vector<RequestRecord>> requests_of(const PersonKey& person, RequestId after,
                                                 int limit) override {
    return list("requests_of_person", user_of, person, after, limit);
  }
  Result<std::vector<RequestRecord>> newest_requests_of(const PersonKey& person, int limit) override {
    return list("newest_requests_of_person", user_of, person, limit);
  }
  Result<std::vector<PersonEvent>> events_of(const PersonKey& person, std::int64_t after,
                                             int limit) override {
    return list("events_of_person", person_event_of, person, after, limit);
  }

  Result<std::vector<Ranking>> shadow_rankings(InferenceId inference) override {
    using Rankings = std::vector<Ranking>;
    return read<Rankings>([&](auto& connection) -> Result<Rankings> {
      return all_readable(all_rows(connection, "shadow_rankings", ranking_of, inference));
    });
  }

  // ---- Tasks ----
  Result<TaskRecord> task(const TaskId& id) override {
    return read<TaskRecord>([&](auto& connection) -> Result<TaskRecord> {
      Result<TaskRecord> record = read_task(connection, id);
      if (!record) return record;
      self().as_known(*record);
      if (record->kind != TaskKind::kTraining) return record;
      return with_verdict(connection, *std::move(record));
    });
  }
  Result<std::vector<TaskRecord>> tasks(const TaskFilter& filter) override {
    using Records = std::vector<TaskRecord>;
    return read<Records>([&](auto& connection) -> Result<Records> {
      Records found = list_tasks(connection, filter);
      for (TaskRecord& record : found) self().as_known(record);
      return found;
    });
  }
  Result<std::vector<DueReply>> due_replies(WallTime ended_by, int limit) override {
    return list("due_replies", due_reply_of, ended_by, limit);
  }

  // ---- Catalog; an incomplete change stands above the current version and is never seen ----
  Result<ItemRecord> item(ItemId id, std::int64_t at_version) override {
    Result<std::vector<ItemRecord>> found = items(std::span(&id, 1), at_version);
    if (!found) return found.error();
    if (found->empty()) return Error{ErrorCode::kNotFound, "No item has the id " + std::to_string(id.value)};
    return std::move(found->front());
  }
  Result<std::vector<ItemRecord>> items(std::span<const ItemId> ids, std::int64_t at_version) override {
    using Records = std::vector<ItemRecord>;
    if (ids.empty()) return Records{};
    return read<Records>(
        [&](auto& connection) -> Result<Records> { return find_items(connection, ids, at_version); });
  }
  // The states of an item follow each other, old to new: the last before the next item is the one that
  // counts.
  Result<std::int64_t> each_item(const std::function<void(const ItemRecord&)>& visit) override {
    return in_snapshot<std::int64_t>([&](auto& connection) -> Result<std::int64_t> {
      const std::int64_t version = catalog_version_of(connection);
      std::optional<ItemRecord> newest;
      const auto visit_newest = [&] {
        if (newest && !newest->deleted) visit(*newest);
      };
      const auto take = [&](const auto& row) {
        ItemRecord state = item_of(row);
        if (newest && newest->id != state.id) visit_newest();
        newest = std::move(state);
        return true;
      };
      connection.stream("item_states", take, version);
      visit_newest();
      return version;
    });
  }
  Result<std::int64_t> each_change(std::int64_t after, std::int64_t up_to,
                                   const std::function<void(const ItemRecord&)>& visit) override {
    return in_snapshot<std::int64_t>([&](auto& connection) -> Result<std::int64_t> {
      const std::int64_t version = std::min(catalog_version_of(connection), up_to);
      const auto take = [&](const auto& row) {
        visit(item_of(row));
        return true;
      };
      connection.stream("changed_items", take, after, version);
      return version;
    });
  }
  // Ids are counted as versions go, so behind the first key of an incomplete change there are only such.
  Status each_item_key(ItemId after, const std::function<void(ItemId, std::string_view)>& visit) override {
    return in_snapshot<void>([&](auto& connection) -> Status {
      const std::int64_t version = catalog_version_of(connection);
      const auto take = [&](const auto& row) {
        if (row.integer("version") > version) return false;
        visit(ItemId{row.integer("item_id")}, row.bytes("key"));
        return true;
      };
      connection.stream("item_keys", take, after);
      return {};
    });
  }
  Status each_item_version(std::span<const ItemId> ids,
                           const std::function<bool(const ItemRecord&)>& visit) override {
    return in_snapshot<void>([&](auto& connection) -> Status {
      const auto take = [&](const auto& row) { return visit(item_of(row)); };
      stream_states(connection, ids, catalog_version_of(connection), take);
      return {};
    });
  }
  Status every_item_version(const std::function<bool(const ItemRecord&)>& visit) override {
    return in_snapshot<void>([&](auto& connection) -> Status {
      const auto take = [&](const auto& row) { return visit(item_of(row)); };
      connection.stream("item_states", take, catalog_version_of(connection));
      return {};
    });
  }

  // ---- Learning ----
  Status each_shown(InferenceId after, const std::function<bool(const ShownRequest&)>& visit) override {
    return joined<ShownRequests>("shown_requests", visit, after);
  }
  Result<OutcomeCounts> outcome_counts(InferenceId after, std::int64_t most) override {
    return read<OutcomeCounts>([&](auto& connection) -> Result<OutcomeCounts> {
      return the_row(connection, "outcome_counts", outcome_counts_of, after, most).value();
    });
  }
  Result<InferenceId> nth_newest_outcome(std::int64_t n) override {
    if (n < 1) {
      return Error{ErrorCode::kInvalidArgument,
                   "Requests with an outcome are counted from 1; asked was number " + std::to_string(n)};
    }
    return read<InferenceId>([&](auto& connection) -> Result<InferenceId> {
      const auto id_of = [](const auto& row) { return InferenceId{row.integer("inference_id")}; };
      return the_row(connection, "nth_newest_outcome", id_of, n).value_or(InferenceId{});
    });
  }

  // ---- What happened ----
  Status each_happening(std::int64_t after, HistoryReads::Requests requests,
                        const std::function<bool(const Happening&)>& visit) override {
    return in_snapshot<void>([&](auto& connection) {
      return stream_happenings(connection, "happenings", after, requests, visit);
    });
  }
  Status each_happening_of(const PersonKey& person, HistoryReads::Requests requests,
                           const std::function<bool(const Happening&)>& visit) override {
    return in_snapshot<void>([&](auto& connection) {
      return stream_happenings(connection, "happenings_of", person, requests, visit);
    });
  }
  std::int64_t history_position() const noexcept override { return history_position_.get(); }

  // ---- Models, domain, answers ----
  Result<std::vector<ModelRecord>> models() override { return list("models", model_of); }
  Result<std::vector<ModelEvent>> model_history(std::optional<std::int64_t> before, int limit) override {
    return list("model_history", model_event_of, before, limit);
  }
  Result<std::vector<ModelCounts>> model_counts() override { return list("model_counts", model_counts_of); }
  Result<std::string> artefact(const std::string& hash) override {
    return read<std::string>([&](auto& connection) -> Result<std::string> {
      const auto most = static_cast<std::int64_t>(options_.max_artefact);
      const auto sized = [](const auto& row) { return std::pair(row.integer("size"), row.text("bytes")); };
      auto found = the_row(connection, "artefact", sized, hash, most);
      if (!found) return Error{ErrorCode::kNotFound, "No model artefact has the hash " + hash};
      if (found->first > most) {
        return artefact_too_large(static_cast<std::size_t>(found->first), options_.max_artefact);
      }
      return std::move(found->second);
    });
  }
  // ---- Experiments ----
  Result<std::vector<ExperimentRecord>> experiments() override {
    return read<std::vector<ExperimentRecord>>([](auto& connection) { return find_experiments(connection); });
  }
  Result<ExperimentRecord> experiment(ExperimentId id) override {
    return read<ExperimentRecord>([id](auto& connection) { return find_experiment(connection, id); });
  }
  Result<std::vector<ExperimentEvent>> experiment_history(ExperimentId id, std::optional<std::int64_t> before,
                                                          int limit) override {
    return list("experiment_history", experiment_event_of, id, before, limit);
  }
  Status each_of_experiment(ExperimentId id, InferenceId after, bool with_payload,
                            const std::function<bool(const ArmRequest&)>& visit) override {
    return joined<ArmRequests>("experiment_requests", visit, id, after, with_payload);
  }
  Status each_outcome(InferenceId after, InferenceId until,
                      const std::function<bool(const RequestOutcome&)>& visit) override {
    return joined<RequestOutcomes>("earlier_requests", visit, after, until);
  }

  Result<DomainRecord> domain() override {
    return read<DomainRecord>([&](auto& connection) -> Result<DomainRecord> {
      auto found = the_row(connection, "domain", domain_of);
      if (!found) return Error{ErrorCode::kNotFound, "The store has no domain yet"};
      return *std::move(found);
    });
  }
  Result<std::optional<KeptAnswer>> kept_answer(const std::string& key) override {
    using Kept = std::optional<KeptAnswer>;
    return read<Kept>([&](auto& connection) -> Result<Kept> {
      return Kept{the_row(connection, "kept_answer", kept_answer_of, key)};
    });
  }

 protected:
  Self& self() { return static_cast<Self&>(*this); }
  // All up to this position is committed; at the opening nobody is told.
  void history_begins(std::int64_t position) {
    history_position_.raise(position, [](std::int64_t) {});
  }
  void history_moved(std::int64_t position) {
    history_position_.raise(position, [this](std::int64_t now) { listener_.happened(now); });
  }

  const StoreOptions options_;
  const Clock& clock_;
  StoreListener& listener_;

 private:
  template <class T, class Body>
  Result<T> read(const Body& body) {
    return self().template read_with<T>(body);
  }
  template <class T, class Body>
  Result<T> in_snapshot(const Body& body) {
    return self().template read_in_snapshot<T>(body);
  }
  template <class Map, class... Values>
  auto list(std::string_view name, const Map& map, const Values&... values) {
    using Records =
        decltype(all_readable(std::declval<std::vector<Mapped<Map, typename Self::Connection>>>()));
    return read<typename Records::value_type>([&](auto& connection) -> Records {
      return all_readable(all_rows(connection, name, map, values...));
    });
  }
  // Requests with their feedback, from one snapshot.
  template <class Joined, class Visit, class... Values>
  Status joined(std::string_view name, const Visit& visit, const Values&... values) {
    return in_snapshot<void>([&](auto& connection) -> Status {
      Joined requests(visit);
      connection.stream(name, [&](const auto& row) { return requests.take(row); }, values...);
      requests.finish();
      return requests.status();
    });
  }
  // A training, with what the gate said.
  template <class Connection>
  static Result<TaskRecord> with_verdict(Connection& connection, TaskRecord training) {
    Status status;
    const auto take = [&](const auto& row) {
      const auto verdict = verdict_of(row);
      if (verdict) {
        training.verdict = *verdict;
        training.detail = row.text("detail");
      } else {
        status = verdict.error();
      }
      return true;
    };
    connection.each_row("kept_verdict", take, training.id);
    if (!status) return status.error();
    return training;
  }
  // Found by the task or by the number.
  Result<InferenceRecord> read_inference(std::optional<TaskId> task, std::optional<InferenceId> id,
                                         const Error& unknown) {
    return read<InferenceRecord>([&](auto& connection) -> Result<InferenceRecord> {
      WholeInference whole;
      connection.each_row("inference", [&](const auto& row) { return whole.take(row); }, task, id);
      if (!whole.record()) return unknown;
      Result<InferenceRecord> record = *std::move(whole.record());
      if (record) self().as_known(record->task, record->state, record->attempt);
      return record;
    });
  }
  template <class Connection>
  static std::vector<TaskRecord> list_tasks(Connection& connection, const TaskFilter& filter) {
    const TaskId before = filter.before.value_or(beyond_all());
    const auto state = number(filter.state);
    if (filter.kind && *filter.kind != TaskKind::kInference) {
      return all_rows(connection, "jobs", task_of, number(filter.kind), before, state, filter.limit);
    }
    return all_rows(connection, list_of(filter.state), task_of, before, number(filter.kind), state,
                    filter.limit);
  }
  // Greater than every id of a task.
  static TaskId beyond_all() {
    TaskId id;
    id.bytes.fill(0xff);
    return id;
  }
  template <class Enum>
  static std::optional<std::int64_t> number(const std::optional<Enum>& value) {
    if (!value) return std::nullopt;
    return static_cast<std::int64_t>(*value);
  }
  // The statement that lists tasks of a state by an index which holds few others.
  static std::string_view list_of(const std::optional<TaskState>& state) {
    if (!state || *state == TaskState::kSucceeded) return "tasks";
    return is_terminal(*state) ? "tasks_with_error" : "unfinished_tasks";
  }

  SharedVersion history_position_;
};

}  // namespace rankloop::storage
