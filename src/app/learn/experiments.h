// Experiments as they are asked for and changed: drafts, their sizes, starts, stops and conclusions.
//
// Reads block; changes answer through `done`, and block before it for what they look up. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "app/learn/experiment_design.h"
#include "app/learn/models.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "error/result.h"
#include "ml/sample_size.h"
#include "storage/experiments.h"
#include "storage/store.h"

namespace rankloop::app {

// What a calculation of a size asks.
struct SizeQuestion {
  double baseline = 0;              // the control's rate; of no use with a deviation
  double effect = 0;                // that is to be seen, in the metric's unit
  std::optional<double> deviation;  // between people: the metric is a mean, no rate
  ml::Precision precision{};
  bool interleaved = false;  // the deviation is that of the difference between both arms
};
// People in each of two equal arms, or who see lists of both. kInvalidArgument as ml/sample_size.h.
Result<std::int64_t> people_per_arm(const SizeQuestion& question);

class ExperimentChanges {
 public:
  using KeptWith = std::optional<storage::RecordedAnswer<storage::ExperimentRecord>>;
  using Done = storage::Done<storage::ExperimentRecord>;

  ExperimentChanges(const Domain& domain, storage::Store& store, const Clock& clock)
      : domain_(domain), store_(store), clock_(clock) {}

  // Rises with every change of what runs; from memory.
  std::int64_t version() const noexcept { return store_.registry_version(); }
  Result<std::vector<storage::ExperimentRecord>> list() { return store_.experiments(); }
  Result<storage::ExperimentRecord> get(ExperimentId id);  // kNotFound "Experiment not found"
  Result<std::vector<storage::ExperimentEvent>> history(ExperimentId id, std::optional<std::int64_t> before,
                                                        int limit);

  // A draft. kInvalidArgument at the field: a model there is not, or a size that cannot be computed without
  // more being said.
  void create(ExperimentRequest request, Signed by, KeptWith keep, Done done);
  // With the first step of its ramp, or all at once. kFailedPrecondition also: without a champion there is no
  // order that an interleaved arm could have.
  void start(ExperimentId id, Signed by, KeptWith keep, Done done);
  void stop(ExperimentId id, Signed by, KeptWith keep, Done done);
  void conclude(ExperimentId id, Conclusion conclusion, std::string winner, Signed by, KeptWith keep,
                Done done);
  void ramp(ExperimentId id, double exposure, Signed by, Done done);

 private:
  Status check_models(const storage::NewExperiment& experiment);
  Result<std::int64_t> planned_people(const ExperimentRequest& request);
  Status check_champion(const storage::ExperimentRecord& experiment);
  Result<double> measured(const ListMetric& rate);
  void change(storage::ExperimentChange change, Signed by, KeptWith keep, Done done);
  storage::ModelChange signed_now(Signed by) const;

  const Domain& domain_;
  storage::Store& store_;
  const Clock& clock_;
};

}  // namespace rankloop::app
