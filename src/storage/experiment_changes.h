// What a change of an experiment writes, inside a write of any dialect, under batch.lock_registry().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/experiment_rules.h"
#include "storage/rows.h"
#include "storage/statements.h"

namespace rankloop::storage {

template <class Connection>
Result<std::vector<ExperimentRecord>> find_experiments(Connection& connection) {
  auto rows = all_readable(all_rows(connection, "experiments", experiment_of));
  if (!rows) return rows.error();
  return joined(*std::move(rows));
}

template <class Connection>
Result<ExperimentRecord> find_experiment(Connection& connection, ExperimentId id) {
  auto rows = all_readable(all_rows(connection, "experiment", experiment_of, id));
  if (!rows) return rows.error();
  auto found = joined(*std::move(rows));
  if (found.empty()) return unknown_experiment(id);
  return std::move(found.front());
}

template <class Connection>
void add_experiment_event(Connection& connection, ExperimentId id, ExperimentEventKind what,
                          const ModelChange& by, const std::string& detail) {
  connection.execute("add_experiment_history", by.at, name_of(what), id, by.actor, by.reason,
                     by.detail.empty() ? detail : by.detail, by.remark);
}

template <class Connection>
Status check_models(Connection& connection, const std::vector<ExperimentArm>& arms) {
  for (const ExperimentArm& arm : arms) {
    if (arm.model == ModelId{} || has_row(connection, "model", arm.model)) continue;
    return Error{ErrorCode::kInvalidArgument, "The arm '" + arm.name + "' names model " +
                                                  std::to_string(arm.model.value) + ", which there is not"};
  }
  return {};
}

template <class Connection>
Result<ExperimentRecord> insert_experiment(Connection& connection, const NewExperiment& wanted,
                                           const ModelChange& by) {
  if (Status there = check_models(connection, wanted.arms); !there) return there.error();
  const auto id_of = [](const auto& row) { return ExperimentId{row.integer("id")}; };
  const ExperimentId id =
      the_row(connection, "add_experiment", id_of, wanted.name, name_of(wanted.unit), wanted.design, by.at,
              wanted.interleaving ? name_of(*wanted.interleaving) : std::string_view{})
          .value();
  for (const ExperimentArm& arm : wanted.arms)
    connection.execute("add_experiment_arm", id, arm.name, arm.model, arm.share);
  add_experiment_event(connection, id, ExperimentEventKind::kCreated, by, {});
  return find_experiment(connection, id);
}

template <class Connection>
Status start_on_free_slice(Connection& connection, const ExperimentRecord& experiment,
                           const ExperimentChange& change, const ModelChange& by) {
  if (Status there = check_models(connection, experiment.arms); !there) return there;
  const auto others = find_experiments(connection);
  if (!others) return others.error();
  const Result<CircleRanges> slice = slice_for(experiment, *others);
  if (!slice) return slice.error();
  connection.execute("start_experiment", experiment.id, to_text(*slice), change.exposure, by.at);
  return {};
}

template <class Connection>
Result<ExperimentRecord> change_experiment(Connection& connection, const ExperimentChange& change,
                                           const ModelChange& by) {
  const Result<ExperimentRecord> before = find_experiment(connection, change.id);
  if (!before) return before.error();
  if (Status checked = check_change(*before, change); !checked) return checked.error();
  switch (change.what) {
    case ExperimentEventKind::kCreated:
      break;  // no change allows it
    case ExperimentEventKind::kStarted:
      if (Status started = start_on_free_slice(connection, *before, change, by); !started)
        return started.error();
      break;
    case ExperimentEventKind::kRamped:
      connection.execute("ramp_experiment", change.id, change.exposure, by.at);
      break;
    case ExperimentEventKind::kStopped:
      connection.execute("stop_experiment", change.id, by.at);
      break;
    case ExperimentEventKind::kConcluded:
      connection.execute("conclude_experiment", change.id, name_of(change.conclusion), change.winner, by.at);
      break;
  }
  add_experiment_event(connection, change.id, change.what, by, detail_of(change));
  return find_experiment(connection, change.id);
}

}  // namespace rankloop::storage
