// Checks of changes of experiments, their slices of the traffic, and the words of their history.
#include "storage/experiment_rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/registry_rules.h"

namespace rankloop::storage {
namespace {

using What = ExperimentEventKind;

bool allowed(ExperimentState state, const ExperimentChange& change) {
  switch (change.what) {
    case What::kCreated:
      return false;
    case What::kStarted:
      return state == ExperimentState::kDraft;
    case What::kRamped:
    case What::kStopped:
      return state == ExperimentState::kRunning;
    case What::kConcluded:
      return state == ExperimentState::kRunning || state == ExperimentState::kStopped ||
             (state == ExperimentState::kDraft && change.conclusion == Conclusion::kAbandoned);
  }
  return false;
}

std::string_view verb_of(What what) {
  switch (what) {
    case What::kCreated:
      return "created";
    case What::kStarted:
      return "started";
    case What::kRamped:
      return "ramped";
    case What::kStopped:
      return "stopped";
    case What::kConcluded:
      return "concluded";
  }
  return "changed";
}

Status check_winner(const ExperimentRecord& experiment, const ExperimentChange& change) {
  if (change.what != What::kConcluded) return {};
  if (change.winner.empty()) {
    if (change.conclusion != Conclusion::kWinner) return {};
    return Error{ErrorCode::kInvalidArgument, "A winner has to be named: one of the experiment's arms"};
  }
  if (std::ranges::count(experiment.arms, change.winner, &ExperimentArm::name) > 0) return {};
  std::string names;
  for (const ExperimentArm& arm : experiment.arms) names += (names.empty() ? "" : ", ") + arm.name;
  return Error{ErrorCode::kInvalidArgument,
               "The experiment has no arm '" + change.winner + "'; its arms are " + names};
}

double share_of(const ExperimentRecord& experiment) {
  double share = 0;
  for (const ExperimentArm& arm : experiment.arms) share += arm.share;
  return share;
}

std::string share_text(std::uint32_t points) {
  return number_text(static_cast<double>(points) / kCirclePoints);
}

}  // namespace

Error unknown_experiment(ExperimentId id) {
  return {ErrorCode::kNotFound, "No experiment has the number " + std::to_string(id.value)};
}

Status check_change(const ExperimentRecord& experiment, const ExperimentChange& change) {
  if (Status winner = check_winner(experiment, change); !winner) return winner;
  if (allowed(experiment.state, change)) return {};
  std::string reason = "Experiment " + std::to_string(experiment.id.value) + " cannot be " +
                       std::string{verb_of(change.what)} + ": it is " +
                       (experiment.state == ExperimentState::kDraft ? "a " : "") +
                       std::string{name_of(experiment.state)};
  if (experiment.state == ExperimentState::kDraft)
    reason += ", which can be started, or concluded as abandoned";
  return Error{ErrorCode::kFailedPrecondition, std::move(reason)};
}

Result<CircleRanges> slice_for(const ExperimentRecord& experiment,
                               const std::vector<ExperimentRecord>& others) {
  CircleRanges taken;
  for (const ExperimentRecord& other : others) taken = united(taken, other.slice);
  const std::uint32_t wanted = circle_points(share_of(experiment));
  auto slice = resized({}, wanted, taken, first_look(experiment.id.value));
  if (slice) return *std::move(slice);
  return Error{ErrorCode::kFailedPrecondition,
               "Experiment " + std::to_string(experiment.id.value) + " needs " + share_text(wanted) +
                   " of the traffic; those that run leave " + share_text(kCirclePoints - size_of(taken))};
}

std::string detail_of(const ExperimentChange& change) {
  switch (change.what) {
    case What::kCreated:
    case What::kStopped:
      return {};
    case What::kStarted:
    case What::kRamped:
      return R"({"exposure":)" + number_text(change.exposure) + "}";
    case What::kConcluded:
      break;
  }
  return R"({"conclusion":")" + std::string{name_of(change.conclusion)} + R"("})";
}

std::vector<ExperimentRecord> joined(std::vector<ExperimentRecord> rows) {
  std::vector<ExperimentRecord> experiments;
  for (ExperimentRecord& row : rows) {
    if (!experiments.empty() && experiments.back().id == row.id) {
      std::ranges::move(row.arms, std::back_inserter(experiments.back().arms));
    } else {
      experiments.push_back(std::move(row));
    }
  }
  return experiments;
}

}  // namespace rankloop::storage
