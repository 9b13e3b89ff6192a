// A model that was trained on a dataset, as the registry keeps it: its figures and where it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/learn/dataset.h"
#include "app/learn/lineage.h"
#include "ml/train.h"
#include "storage/records.h"

namespace rankloop::app {

// How a training was done, beside what its plan says.
struct TrainingFacts {
  std::int64_t window = 0;
  bool positions_weighed = false;
  std::string position_evidence;  // how it is known what positions draw
  std::string cause;
  std::vector<std::string> warnings;
  double seconds = 0;
};

// Without the curve of its losses.
ModelLineage lineage_of(const Domain& domain, const Dataset& dataset, const ml::TrainingPlan& plan,
                        const ml::TrainingReport& report, TrainingFacts facts);

// Family, artefact and metrics; lineage, moment and what becomes of it are the caller's. kFailedPrecondition:
// the artefact has more than `most` bytes; else as ml::measure().
Result<storage::NewModel> model_record(const ml::Model& model, const Dataset& dataset, std::size_t most);

}  // namespace rankloop::app
