// What holds for experiments in every store: which change a state allows, and the words of their history.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "storage/experiments.h"

namespace rankloop::storage {

Error unknown_experiment(ExperimentId id);
// kInvalidArgument, or kFailedPrecondition with the reason.
Status check_change(const ExperimentRecord& experiment, const ExperimentChange& change);
// The slice of the layer that an experiment gets beside those that run. kFailedPrecondition: less is free.
Result<CircleRanges> slice_for(const ExperimentRecord& experiment,
                               const std::vector<ExperimentRecord>& others);
// Details of the history's rows, as JSON.
std::string detail_of(const ExperimentChange& change);
// The rows of a statement that answers an experiment once for each of its arms, as experiments.
std::vector<ExperimentRecord> joined(std::vector<ExperimentRecord> rows);

}  // namespace rankloop::storage
