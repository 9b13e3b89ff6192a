// Models, domain versions, event counts and kept answers.
#include <utility>
#include <vector>

#include "storage/registry_rules.h"
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

Result<ModelRecord> find_model(Database& database, ModelId id) {
  Query row = database.query("model", id);
  if (!row.step()) return unknown_model(id);
  return model_of(row);
}

void add_event(Database& database, ModelId id, std::string_view what, const ModelChange& change,
               const std::string& detail) {
  database.run("add_model_history", change.at, what, id, change.actor, change.reason, detail, change.remark);
}

// The challengers that lose their shares when `id` becomes the champion.
std::vector<ModelId> other_challengers(Database& database, ModelId id) {
  std::vector<ModelId> found;
  Query row = database.query("other_challengers", id);
  while (row.step()) found.push_back(ModelId{row.integer(0)});
  return found;
}

// What a new champion takes from others stands in the history too, before its own row.
void tell_ended_shares(Database& database, const std::vector<ModelId>& challengers, ModelId champion,
                       std::string_view what, const ModelChange& change) {
  const ModelChange ended{change.actor, ended_by(what, champion), {}, change.at, change.remark};
  for (const ModelId id : challengers) add_event(database, id, "share", ended, share_detail(0));
}

void enthrone(Database& database, const ModelRecord& model, std::string_view what,
              const ModelChange& change) {
  const ModelId id = model.id;
  const std::vector<ModelId> challengers = other_challengers(database, id);
  database.run("demote_all");
  database.run("enthrone_model", id);
  tell_ended_shares(database, challengers, id, what, change);
  if (model.shadow) {
    add_event(database, id, "shadow", {change.actor, ended_by(what, id), {}, change.at, change.remark},
              shadow_detail(false));
  }
  add_event(database, id, what, change, change.detail);
}

std::vector<Reign> reigns(Database& database) {
  std::vector<Reign> rows;
  Query row = database.query("reigns");
  while (row.step()) rows.push_back({row.small(0) == 1, ModelId{row.integer(1)}, row.small(2) == 1});
  return rows;
}

// What all other challengers have together; kFailedPrecondition without a champion.
Result<double> share_of_others(Database& database, ModelId challenger) {
  Query row = database.query("share_of_challengers", challenger);
  row.step();
  if (row.integer(1) == 0) return no_champion();
  return row.real(0);
}

}  // namespace

ModelId insert_model(Database& database, const NewModel& model, const std::string& artefact_hash) {
  database.run("add_artefact", artefact_hash, Blob{model.artefact});
  std::vector<ModelId> challengers;
  if (model.promote) {
    challengers = other_challengers(database, ModelId{});
    database.run("demote_all");
  }
  database.run("add_model", model.family, model.feature_fingerprint, artefact_hash, model.metrics,
               model.lineage, model.domain_version, model.at, model.promote, model.shadow && !model.promote,
               model.verdict, model.detail);
  const ModelId id{database.last_id()};
  const ModelChange change{model.actor, model.reason, model.detail, model.at};
  tell_ended_shares(database, challengers, id, "promoted", change);
  add_event(database, id, event_of(model), change, model.detail);
  if (model.shadow && !model.promote) add_event(database, id, "shadow", change, shadow_detail(true));
  database.run("increase_counter", std::string_view("registry_version"));
  return id;
}

// The writer's thread alone counts, one by one, so memory and the stored counter stay in step.
void SqliteStore::registry_moved() {
  listener_.registry_changed(++registry_version_);
}

void SqliteStore::add_model(NewModel model, Done<ModelId> done) {
  if (Status checked = check_new_model(model, options_.max_artefact); !checked) return done(checked.error());
  std::string hash = sha256_hex(model.artefact);
  submit<ModelId>(
      [model = std::move(model), hash = std::move(hash)](WriteTransaction& transaction) -> Result<ModelId> {
        return insert_model(transaction.database(), model, hash);
      },
      std::nullopt,
      [this](const Result<ModelId>& added) {
        if (added) registry_moved();
      },
      std::move(done));
}

void SqliteStore::change_model(std::function<Result<ChangedModel>(Database&)> body,
                               std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) {
  const auto changed = std::make_shared<bool>(false);
  submit<ModelRecord>(
      [body = std::move(body), changed](WriteTransaction& transaction) -> Result<ModelRecord> {
        Database& database = transaction.database();
        const Result<ChangedModel> outcome = body(database);
        if (!outcome) return outcome.error();
        *changed = outcome->changed;
        if (*changed) database.run("increase_counter", std::string_view("registry_version"));
        if (outcome->removed) return *outcome->removed;
        return find_model(database, outcome->id);
      },
      std::move(keep),
      [this, changed](const Result<ModelRecord>& outcome) {
        if (outcome && *changed) registry_moved();
      },
      std::move(done));
}

void SqliteStore::promote_model(ModelId id, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                                Done<ModelRecord> done) {
  change_model(
      [id, change = std::move(change)](Database& database) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(database, id);
        if (!model) return model.error();
        if (!model->champion) enthrone(database, *model, "promoted", change);
        return ChangedModel{id, !model->champion};
      },
      std::move(keep), std::move(done));
}

void SqliteStore::rollback_model(ModelChange change, std::optional<Keep<ModelRecord>> keep,
                                 Done<ModelRecord> done) {
  change_model(
      [change = std::move(change)](Database& database) -> Result<ChangedModel> {
        const Result<ModelId> before = champion_before(reigns(database));
        if (!before) return before.error();
        const Result<ModelRecord> model = find_model(database, *before);
        if (!model) return model.error();
        enthrone(database, *model, "rolled_back", change);
        return ChangedModel{*before, true};
      },
      std::move(keep), std::move(done));
}

void SqliteStore::share_traffic(ModelId id, double share, ModelChange change,
                                std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) {
  change_model(
      [id, share, change = std::move(change)](Database& database) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(database, id);
        if (!model) return model.error();
        if (model->champion) return champion_keeps_the_rest(id);
        const Result<double> others = share_of_others(database, id);
        if (!others) return others.error();
        if (Status checked = check_share(id, share, *others); !checked) return checked.error();
        if (model->share == share) return ChangedModel{id, false};
        database.run("set_share", id, share);
        database.run("set_share_of_champion", share_of_champion(share, *others));
        add_event(database, id, "share", change, change.detail.empty() ? share_detail(share) : change.detail);
        return ChangedModel{id, true};
      },
      std::move(keep), std::move(done));
}

void SqliteStore::shadow_model(ModelId id, bool shadow, ModelChange change,
                               std::optional<Keep<ModelRecord>> keep, Done<ModelRecord> done) {
  change_model(
      [id, shadow, change = std::move(change)](Database& database) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(database, id);
        if (!model) return model.error();
        if (model->champion) return champion_casts_no_shadow(id);
        if (model->shadow == shadow) return ChangedModel{id, false};
        database.run("set_shadow", id, shadow);
        add_event(database, id, "shadow", change,
                  change.detail.empty() ? shadow_detail(shadow) : change.detail);
        return ChangedModel{id, true};
      },
      std::move(keep), std::move(done));
}

void SqliteStore::remove_model(ModelId id, ModelChange change, std::optional<Keep<ModelRecord>> keep,
                               Done<ModelRecord> done) {
  change_model(
      [id, change = std::move(change)](Database& database) -> Result<ChangedModel> {
        const Result<ModelRecord> model = find_model(database, id);
        if (!model) return model.error();
        const Status removable = check_removable(*model, champion_before(reigns(database)));
        if (!removable) return removable.error();
        database.run("remove_model", id);
        database.run("forget_artefact", model->artefact_hash);
        add_event(database, id, "removed", change, removed_detail(*model));
        return ChangedModel{id, true, *model};
      },
      std::move(keep), std::move(done));
}

void SqliteStore::forget_orphans(Done<std::int64_t> done) {
  submit<std::int64_t>(
      [](WriteTransaction& transaction) -> Result<std::int64_t> {
        return transaction.database().run("forget_orphans");
      },
      std::nullopt, nullptr, std::move(done));
}

void SqliteStore::adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                               Done<int> done) {
  submit<int>(
      [name = std::move(name), fingerprint = std::move(fingerprint), source = std::move(source),
       at](WriteTransaction& transaction) -> Result<int> {
        Database& database = transaction.database();
        database.run("add_domain", name, fingerprint, source, at);
        return static_cast<int>(database.last_id());
      },
      std::nullopt, nullptr, std::move(done));
}

void SqliteStore::count_events(std::vector<EventCount> counts, Done<void> done) {
  submit<void>(
      [counts = std::move(counts)](WriteTransaction& transaction) -> Status {
        for (const EventCount& event : counts) {
          transaction.database().run("count_event", event.kind, event.minute, event.count);
        }
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

// The write is empty: what is kept with it is all there is.
void SqliteStore::keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) {
  submit<void>(
      [key = std::move(key), answer = std::move(answer), at](WriteTransaction& transaction) -> Status {
        std::optional<Blob> task;
        if (answer.task) task = blob(*answer.task);
        transaction.database().run("keep_answer", key, Blob{answer.fingerprint}, answer.status,
                                   Blob{answer.body}, task, at);
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

void SqliteStore::forget_answers(WallTime older_than, Done<std::int64_t> done) {
  submit<std::int64_t>(
      [older_than](WriteTransaction& transaction) -> Result<std::int64_t> {
        return transaction.database().run("forget_answers", older_than);
      },
      std::nullopt, nullptr, std::move(done));
}

}  // namespace rankloop::storage::sqlite
