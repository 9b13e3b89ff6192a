// Models, domain versions, event counts and kept answers. Changes of the registry follow each other under the
// lock of its version, whoever makes them.
#include <algorithm>

#include "storage/postgres/hints.h"
#include "storage/postgres/postgres_store.h"
#include "storage/registry_rules.h"

namespace rankloop::storage::postgres {
namespace {

constexpr std::string_view kVersion = "registry_version";
constexpr int kForgottenAtOnce = 2'000;                     // answers
constexpr std::size_t kSentForLong = std::size_t{1} << 20;  // bytes of an artefact, where the network is slow

Result<ModelRecord> find_model(Connection& connection, ModelId id) {
  const Rows rows = connection.run("model", id);
  if (rows.empty()) return unknown_model(id);
  return model_of(rows.front());
}

void add_event(Connection& connection, ModelId id, std::string_view what, const ModelChange& change,
               const std::string& detail) {
  connection.run("add_model_history", change.at, what, id, change.actor, change.reason, detail,
                 change.remark);
}

// The challengers that lose their shares when `id` becomes the champion.
std::vector<ModelId> other_challengers(Connection& connection, ModelId id) {
  std::vector<ModelId> found;
  const Rows rows = connection.run("other_challengers", id);
  for (int i = 0; i < rows.size(); ++i) found.push_back(ModelId{rows[i].integer(0)});
  return found;
}

// What a new champion takes from others stands in the history too, before its own row.
void tell_ended_shares(Connection& connection, const std::vector<ModelId>& challengers, ModelId champion,
                       std::string_view what, const ModelChange& change) {
  const ModelChange ended{change.actor, ended_by(what, champion), {}, change.at, change.remark};
  for (const ModelId id : challengers) add_event(connection, id, "share", ended, share_detail(0));
}

void enthrone(Connection& connection, const ModelRecord& model, std::string_view what,
              const ModelChange& change) {
  const ModelId id = model.id;
  const std::vector<ModelId> challengers = other_challengers(connection, id);
  connection.run("demote_all");
  connection.run("enthrone_model", id);
  tell_ended_shares(connection, challengers, id, what, change);
  if (model.shadow) {
    add_event(connection, id, "shadow", {change.actor, ended_by(what, id), {}, change.at, change.remark},
              shadow_detail(false));
  }
  add_event(connection, id, what, change, change.detail);
}

std::vector<Reign> reigns(Connection& connection) {
  std::vector<Reign> found;
  const Rows rows = connection.run("reigns");
  for (int i = 0; i < rows.size(); ++i) {
    found.push_back({rows[i].boolean(0), ModelId{rows[i].integer(1)}, rows[i].boolean(2)});
  }
  return found;
}

// What all other challengers have together; kFailedPrecondition without a champion.
Result<double> share_of_others(Connection& connection, ModelId challenger) {
  const Rows rows = connection.run("share_of_challengers", challenger);
  if (rows.front().integer(1) == 0) return no_champion();
  return rows.front().real(0);
}

// Two processes that start on a new store at once adopt the same domain once.
Result<int> insert_domain(Connection& connection, const DomainRecord& domain, WallTime at) {
  lock_registry(connection);
  const Rows newest = connection.run("domain");
  if (!newest.empty() && newest.front().text(1) == domain.name &&
      newest.front().text(2) == domain.fingerprint && newest.front().text(3) == domain.source) {
    return newest.front().small(0);
  }
  return connection.run("add_domain", domain.name, domain.fingerprint, domain.source, at).front().small(0);
}

}  // namespace

void lock_registry(Connection& connection) {
  connection.run("lock_counter", kVersion);
}

std::int64_t raise_registry_version(Connection& connection) {
  return connection.run("increase_counter", kVersion).front().integer(0);
}

ModelId insert_model(Connection& connection, const NewModel& model, const std::string& artefact_hash) {
  if (model.artefact.size() > kSentForLong) connection.run("wait_for_long_statement");
  connection.run("add_artefact", artefact_hash, Blob{model.artefact});
  std::vector<ModelId> challengers;
  if (model.promote) {
    challengers = other_challengers(connection, ModelId{});
    connection.run("demote_all");
  }
  const bool shadow = model.shadow && !model.promote;
  const Rows added = connection.run("add_model", model.family, model.feature_fingerprint, artefact_hash,
                                    model.metrics, model.lineage, model.domain_version, model.at,
                                    model.promote, shadow, model.verdict, model.detail);
  const ModelId id{added.front().integer(0)};
  const ModelChange change{model.actor, model.reason, model.detail, model.at};
  tell_ended_shares(connection, challengers, id, "promoted", change);
  add_event(connection, id, event_of(model), change, model.detail);
  if (shadow) add_event(connection, id, "shadow", change, shadow_detail(true));
  return id;
}

void PostgresStore::add_model(NewModel model, Done<ModelId> done) {
  if (Status checked = check_new_model(model, options_.max_artefact); !checked) return done(checked.error());
  std::string hash = sha256_hex(model.artefact);
  const auto version = std::make_shared<std::int64_t>(0);
  submit_body<ModelId>(
      [model = std::move(model), hash = std::move(hash), version](WriteBatch& batch) -> Result<ModelId> {
        lock_registry(batch.connection());
        const ModelId id = insert_model(batch.connection(), model, hash);
        *version = raise_registry_version(batch.connection());
        batch.hint(registry_hint(*version));
        return id;
      },
      std::nullopt,
      [this, version](const Result<ModelId>& added) {
        if (added) registry_moved(*version);
      },
      std::move(done));
}

void PostgresStore::change_model(std::function<Result<ChangedModel>(Connection&)> body,
                                 std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) {
  const auto version = std::make_shared<std::int64_t>(0);
  submit_body<ModelRecord>(
      [body = std::move(body), version](WriteBatch& batch) -> Result<ModelRecord> {
        Connection& connection = batch.connection();
        lock_registry(connection);
        const Result<ChangedModel> outcome = body(connection);
        if (!outcome) return outcome.error();
        *version = outcome->changed ? raise_registry_version(connection) : 0;
        if (outcome->changed) batch.hint(registry_hint(*version));
        if (outcome->removed) return *outcome->removed;
        return find_model(connection, outcome->id);
      },
      std::move(keep),
      [this, version](const Result<ModelRecord>& outcome) {
        if (outcome) registry_moved(*version);
      },
      std::move(done));
}

void PostgresStore::promote_model(ModelId id, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                                  Done<ModelRecord> done) {
  change_model(
      [id, change = std::move(change)](Connection& connection) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(connection, id);
        if (!model) return model.error();
        if (!model->champion) enthrone(connection, *model, "promoted", change);
        return ChangedModel{id, !model->champion};
      },
      std::move(keep), std::move(done));
}

void PostgresStore::rollback_model(ModelChange change, std::optional<Keep<ModelRecord>> keep,
                                   Done<ModelRecord> done) {
  change_model(
      [change = std::move(change)](Connection& connection) -> Result<ChangedModel> {
        const Result<ModelId> before = champion_before(reigns(connection));
        if (!before) return before.error();
        const Result<ModelRecord> model = find_model(connection, *before);
        if (!model) return model.error();
        enthrone(connection, *model, "rolled_back", change);
        return ChangedModel{*before, true};
      },
      std::move(keep), std::move(done));
}

void PostgresStore::share_traffic(ModelId id, double share, ModelChange change,
                                  std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) {
  change_model(
      [id, share, change = std::move(change)](Connection& connection) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(connection, id);
        if (!model) return model.error();
        if (model->champion) return champion_keeps_the_rest(id);
        const Result<double> others = share_of_others(connection, id);
        if (!others) return others.error();
        if (Status checked = check_share(id, share, *others); !checked) return checked.error();
        if (model->share == share) return ChangedModel{id, false};
        connection.run("set_share", id, share);
        connection.run("set_share_of_champion", share_of_champion(share, *others));
        add_event(connection, id, "share", change,
                  change.detail.empty() ? share_detail(share) : change.detail);
        return ChangedModel{id, true};
      },
      std::move(keep), std::move(done));
}

void PostgresStore::shadow_model(ModelId id, bool shadow, ModelChange change,
                                 std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) {
  change_model(
      [id, shadow, change = std::move(change)](Connection& connection) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(connection, id);
        if (!model) return model.error();
        if (model->champion) return champion_casts_no_shadow(id);
        if (model->shadow == shadow) return ChangedModel{id, false};
        connection.run("set_shadow", id, shadow);
        add_event(connection, id, "shadow", change,
                  change.detail.empty() ? shadow_detail(shadow) : change.detail);
        return ChangedModel{id, true};
      },
      std::move(keep), std::move(done));
}

void PostgresStore::remove_model(ModelId id, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                                 Done<ModelRecord> done) {
  change_model(
      [id, change = std::move(change)](Connection& connection) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(connection, id);
        if (!model) return model.error();
        const Status removable = check_removable(*model, champion_before(reigns(connection)));
        if (!removable) return removable.error();
        connection.run("remove_model", id);
        connection.run("forget_artefact", model->artefact_hash);
        add_event(connection, id, "removed", change, removed_detail(*model));
        return ChangedModel{id, true, *model};
      },
      std::move(keep), std::move(done));
}

// The lock keeps a model from being added whose artefact has just gone.
void PostgresStore::forget_orphans(Done<std::int64_t> done) {
  submit_body<std::int64_t>(
      [](WriteBatch& batch) -> Result<std::int64_t> {
        lock_registry(batch.connection());
        return batch.connection().run("forget_orphans").changed();
      },
      std::nullopt, nullptr, std::move(done));
}

void PostgresStore::adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                                 Done<int> done) {
  DomainRecord domain{0, std::move(name), std::move(fingerprint), std::move(source)};
  submit_body<int>([domain = std::move(domain),
                    at](WriteBatch& batch) { return insert_domain(batch.connection(), domain, at); },
                   std::nullopt, nullptr, std::move(done));
}

void PostgresStore::count_events(std::vector<EventCount> counts, Done<void> done) {
  submit_body<void>(
      [counts = std::move(counts)](WriteBatch& batch) -> Status {
        for (const EventCount& event : counts) batch.count(event);
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

void PostgresStore::keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) {
  submit_body<void>(
      [key = std::move(key), answer = std::move(answer), at](WriteBatch& batch) -> Status {
        const Rows kept = batch.connection().run("keep_answer", key, Blob{answer.fingerprint}, answer.status,
                                                 Blob{answer.body}, answer.task, at);
        if (kept.changed() == 1) return {};
        return Error{ErrorCode::kAlreadyExists, "An answer is kept under this Idempotency-Key"};
      },
      std::nullopt, nullptr, std::move(done));
}

void PostgresStore::forget_answers(WallTime older_than, Done<std::int64_t> done) {
  submit_body<std::int64_t>(
      [older_than](WriteBatch& batch) -> Result<std::int64_t> {
        return batch.connection().run("forget_answers", older_than, kForgottenAtOnce).changed();
      },
      std::nullopt, nullptr, std::move(done));
}

}  // namespace rankloop::storage::postgres
