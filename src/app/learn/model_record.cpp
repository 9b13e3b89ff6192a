// Puts together what is kept with a trained model.
#include "app/learn/model_record.h"

#include <utility>

#include "app/watch/drift.h"
#include "ml/drift.h"
#include "storage/registry_rules.h"

namespace rankloop::app {

ModelLineage lineage_of(const Domain& domain, const Dataset& dataset, const ml::TrainingPlan& plan,
                        const ml::TrainingReport& report, TrainingFacts facts) {
  return {.dataset = dataset.lineage,
          .family = plan.family,
          .window = facts.window,
          .objective = std::string(ml::name_of(plan.objective)),
          .seed = plan.seed,
          .positions_weighed = facts.positions_weighed,
          .hyperparameters = ml::to_json(report.hyperparameters),
          .features = domain.feature_fingerprint,
          .position_evidence = std::move(facts.position_evidence),
          .warnings = std::move(facts.warnings),
          .cause = std::move(facts.cause),
          .seconds = facts.seconds,
          .snapshot = to_json(ml::take_snapshot(domain, dataset.train.rows)),
          .curve = {}};
}

Result<storage::NewModel> model_record(const ml::Model& model, const Dataset& dataset, std::size_t most) {
  auto train = ml::measure(model, dataset.train.rows);
  if (!train) return train.error();
  train->calibration_curve.clear();  // how well probabilities fit is asked of rows that it has not seen
  const auto test = ml::measure(model, dataset.test.rows);
  if (!test) return test.error();
  storage::NewModel record;
  record.family = std::string{model.family()};
  record.feature_fingerprint = model.feature_fingerprint();
  record.artefact = model.save();
  if (record.artefact.size() > most) return storage::artefact_too_large(record.artefact.size(), most);
  record.metrics = R"({"train":)" + ml::to_json(*train) + R"(,"test":)" + ml::to_json(*test) + "}";
  return record;
}

}  // namespace rankloop::app
