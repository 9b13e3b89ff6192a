// What a change of the registry writes, inside a write of any dialect: models, their shares and shadows, and
// their history. `Batch` is the dialect's transaction; changes follow each other under batch.lock_registry().
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/registry_rules.h"
#include "storage/rows.h"
#include "storage/statements.h"

namespace rankloop::storage {

template <class Connection>
Result<ModelRecord> find_model(Connection& connection, ModelId id) {
  auto found = the_row(connection, "model", model_of, id);
  if (!found) return unknown_model(id);
  return *std::move(found);
}

// The registry's version after a change; other processes are told of it with the commit.
template <class Batch>
std::int64_t raise_registry_version(Batch& batch) {
  const auto version = the_row(
      batch.connection(), "increase_counter", [](const auto& row) { return row.integer("value"); },
      std::string_view("registry_version"));
  batch.tell_registry(version.value());
  return *version;
}

template <class Connection>
void add_event(Connection& connection, ModelId id, ModelEventKind what, const ModelChange& change,
               const std::string& detail) {
  connection.execute("add_model_history", change.at, name_of(what), id, change.actor, change.reason, detail,
                     change.remark);
}

// The challengers that lose their shares when `id` becomes the champion.
template <class Connection>
std::vector<ModelId> other_challengers(Connection& connection, ModelId id) {
  return all_rows(
      connection, "other_challengers", [](const auto& row) { return ModelId{row.integer("id")}; }, id);
}

// What a new champion takes from others stands in the history too, before its own row.
template <class Connection>
void tell_ended_shares(Connection& connection, const std::vector<ModelId>& challengers, ModelId champion,
                       ModelEventKind what, const ModelChange& change) {
  const ModelChange ended{change.actor, ended_by(what, champion), {}, change.at, change.remark};
  for (const ModelId id : challengers)
    add_event(connection, id, ModelEventKind::kShare, ended, share_detail(0));
}

template <class Connection>
void make_champion(Connection& connection, const ModelRecord& model, ModelEventKind what,
                   const ModelChange& change) {
  const ModelId id = model.id;
  const std::vector<ModelId> challengers = other_challengers(connection, id);
  connection.execute("demote_all");
  connection.execute("make_champion", id);
  tell_ended_shares(connection, challengers, id, what, change);
  if (model.shadow) {
    add_event(connection, id, ModelEventKind::kShadow,
              {change.actor, ended_by(what, id), {}, change.at, change.remark}, shadow_detail(false));
  }
  add_event(connection, id, what, change, change.detail);
}

// kFailedPrecondition: there was no champion before.
template <class Connection>
Result<ModelId> find_champion_before(Connection& connection) {
  return champion_before(all_rows(connection, "tenures", tenure_of));
}

// What all other challengers have together; kFailedPrecondition without a champion.
template <class Connection>
Result<double> share_of_others(Connection& connection, ModelId challenger) {
  const auto shares_of = [](const auto& row) {
    return std::pair(row.real("share"), row.integer("champions"));
  };
  const auto shares = the_row(connection, "share_of_challengers", shares_of, challenger).value();
  if (shares.second == 0) return no_champion();
  return shares.first;
}

// Adds a model, and makes it the champion if asked to.
template <class Batch>
ModelId insert_model(Batch& batch, const NewModel& model, const std::string& artefact_hash) {
  auto& connection = batch.connection();
  batch.expect_long_statement(model.artefact.size());
  connection.execute("add_artefact", artefact_hash, Blob{model.artefact});
  std::vector<ModelId> challengers;
  if (model.promote) {
    challengers = other_challengers(connection, ModelId{});
    connection.execute("demote_all");
  }
  const bool shadow = model.shadow && !model.promote;
  const auto id_of = [](const auto& row) { return ModelId{row.integer("id")}; };
  const ModelId id = the_row(connection, "add_model", id_of, model.family, model.feature_fingerprint,
                             artefact_hash, model.metrics, model.lineage, model.domain_version, model.at,
                             model.promote, shadow, stored(model.verdict), model.detail)
                         .value();
  const ModelChange change{model.actor, model.reason, model.detail, model.at};
  tell_ended_shares(connection, challengers, id, ModelEventKind::kPromoted, change);
  add_event(connection, id, event_of(model), change, model.detail);
  if (shadow) add_event(connection, id, ModelEventKind::kShadow, change, shadow_detail(true));
  return id;
}

template <class Connection>
Result<ChangedModel> promote(Connection& connection, ModelId id, const ModelChange& change) {
  const Result<ModelRecord> model = find_model(connection, id);
  if (!model) return model.error();
  if (!model->champion) make_champion(connection, *model, ModelEventKind::kPromoted, change);
  return ChangedModel{id, !model->champion};
}

template <class Connection>
Result<ChangedModel> go_back(Connection& connection, const ModelChange& change) {
  const Result<ModelId> before = find_champion_before(connection);
  if (!before) return before.error();
  const Result<ModelRecord> model = find_model(connection, *before);
  if (!model) return model.error();
  make_champion(connection, *model, ModelEventKind::kRolledBack, change);
  return ChangedModel{*before, true};
}

// The hashes of a challenger with a new share: its own as far as they go, and then such as no other has.
template <class Connection>
Result<CircleRanges> ranges_for(Connection& connection, const ModelRecord& model, double share) {
  const auto models = all_readable(all_rows(connection, "models", model_of));
  if (!models) return models.error();
  CircleRanges others;
  for (const ModelRecord& other : *models) {
    if (other.id != model.id) others = united(others, other.ranges);
  }
  return resized_share(model, share, others);
}

template <class Connection>
Result<ChangedModel> set_share(Connection& connection, ModelId id, double share, const ModelChange& change) {
  const Result<ModelRecord> model = find_model(connection, id);
  if (!model) return model.error();
  if (model->champion) return champion_keeps_the_rest(id);
  const Result<double> others = share_of_others(connection, id);
  if (!others) return others.error();
  if (Status checked = check_share(id, share, *others); !checked) return checked.error();
  if (model->share == share) return ChangedModel{id, false};
  const Result<CircleRanges> ranges = ranges_for(connection, *model, share);
  if (!ranges) return ranges.error();
  connection.execute("set_share", id, share, to_text(*ranges));
  connection.execute("set_share_of_champion", share_of_champion(share, *others));
  add_event(connection, id, ModelEventKind::kShare, change,
            change.detail.empty() ? share_detail(share) : change.detail);
  return ChangedModel{id, true};
}

template <class Connection>
Result<ChangedModel> set_shadow(Connection& connection, ModelId id, bool shadow, const ModelChange& change) {
  const Result<ModelRecord> model = find_model(connection, id);
  if (!model) return model.error();
  if (model->champion) return champion_casts_no_shadow(id);
  if (model->shadow == shadow) return ChangedModel{id, false};
  connection.execute("set_shadow", id, shadow);
  add_event(connection, id, ModelEventKind::kShadow, change,
            change.detail.empty() ? shadow_detail(shadow) : change.detail);
  return ChangedModel{id, true};
}

template <class Connection>
Result<ChangedModel> remove(Connection& connection, ModelId id, const ModelChange& change) {
  const Result<ModelRecord> model = find_model(connection, id);
  if (!model) return model.error();
  const Status removable = check_removable(*model, find_champion_before(connection));
  if (!removable) return removable.error();
  const auto experiment_of_arm = [](const auto& row) { return ExperimentId{row.integer("id")}; };
  if (const auto held = the_row(connection, "experiments_with_model", experiment_of_arm, id))
    return held_by_experiment(id, *held);
  connection.execute("remove_model", id);
  connection.execute("forget_artefact", model->artefact_hash);
  add_event(connection, id, ModelEventKind::kRemoved, change, removed_detail(*model));
  return ChangedModel{id, true, *model};
}

// Two processes that start on a new store at once adopt the same domain once.
template <class Connection>
int insert_domain(Connection& connection, const DomainRecord& domain, WallTime at) {
  const auto newest = the_row(connection, "domain", domain_of);
  if (newest && newest->name == domain.name && newest->fingerprint == domain.fingerprint &&
      newest->source == domain.source) {
    return newest->version;
  }
  const auto version_of = [](const auto& row) { return row.small("version"); };
  return the_row(connection, "add_domain", version_of, domain.name, domain.fingerprint, domain.source, at)
      .value();
}

}  // namespace rankloop::storage
