#include "app/explanation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/inference.h"
#include "ml/catalog.h"
#include "ml/feature_maker.h"

namespace rankloop::app {

Result<std::shared_ptr<const ml::Model>> Explanations::model_of(ModelId id) {
  if (id.value == 0) return ml::random_model();
  const auto models = store_.models();
  if (!models) return models.error();
  const auto found =
      std::find_if(models->begin(), models->end(), [&](const auto& model) { return model.id == id; });
  if (found == models->end()) return Error(ErrorCode::kNotFound, "Model not found");
  const Result<std::string> artefact = store_.artefact(found->artefact_hash);
  if (!artefact) return artefact.error();
  return ml::load_model(*artefact, domain_);
}

Result<ResultExplanation> Explanations::explain(const TaskId& task, ItemId item) {
  const auto record = store_.inference(task);
  if (!record) {
    return record.error().code == ErrorCode::kNotFound ? Error(ErrorCode::kNotFound, "Task not found")
                                                       : record.error();
  }
  if (record->state != TaskState::kSucceeded) return not_ready(nullptr, record->state);
  const int rank = rank_in(record->ranking, item);
  if (rank == 0) {
    return Error(ErrorCode::kNotFound, "Result not found: invalid task_id or " + domain_.item_id_field);
  }
  if (record->ranking.policy.name == "imported") {
    return Error(ErrorCode::kFailedPrecondition,
                 "Another system made this ranking: there is no model of ours to explain it");
  }
  const auto model = model_of(record->ranking.model);
  if (!model) return model.error();
  const auto user = store_.user(record->user);
  if (!user) return user.error();
  const auto request = domain_.requests.read(user->payload);
  if (!request) return request.error();
  const auto stored = store_.item(item, record->ranking.catalog_version);
  if (!stored) return stored.error();
  const auto values = domain_.items.read(stored->payload);
  if (!values) return values.error();

  const auto layout = ml::Catalog::empty({std::shared_ptr<void>{}, &domain_});
  const ml::FeatureMaker maker(domain_, layout->item_columns());
  std::vector<float> row;
  maker.append(request->columns, layout->pick_columns(values->columns), row);
  const ml::Explanation why = (*model)->explain({row, row.size(), std::span(&item, 1)});

  ResultExplanation explanation;
  explanation.task = task;
  explanation.item = item;
  explanation.model = record->ranking.model;
  explanation.family = (*model)->family();
  explanation.position = rank;
  explanation.score = record->ranking.items[static_cast<std::size_t>(rank) - 1].score;
  float raw = explanation.score;
  // A list in random order has the scores of the draw; what the model thinks of the item is another number.
  if (drawn_uniformly(record->ranking.policy) && !(*model)->draws()) {
    (*model)->score_features({row, row.size(), std::span(&item, 1)}, 0, std::span(&raw, 1));
  }
  explanation.probability = (*model)->calibration().apply(static_cast<double>(raw));
  explanation.base = why.base;
  for (std::size_t c = 0; c < why.contributions.size(); ++c) {
    const std::size_t features = domain_.features.size();
    explanation.contributions.push_back(
        {c < features ? domain_.features[c].name : domain_.crosses[c - features].name,
         static_cast<double>(row[c]), why.contributions[c]});
  }
  std::stable_sort(explanation.contributions.begin(), explanation.contributions.end(),
                   [](const FeatureContribution& a, const FeatureContribution& b) {
                     return std::abs(a.contribution) > std::abs(b.contribution);
                   });
  return explanation;
}

std::string to_json(const ResultExplanation& explanation, const Domain& domain) {
  boost::json::object json;
  json["task_id"] = explanation.task.to_string();
  json[domain.item_id_field] = explanation.item.value;
  json["model_id"] = explanation.model.value == 0 ? boost::json::value(nullptr)
                                                  : boost::json::value(explanation.model.value);
  json["family"] = explanation.family;
  json["position"] = explanation.position;
  json["score"] = static_cast<double>(explanation.score);
  json["probability"] = explanation.probability;
  json["base"] = explanation.base;
  boost::json::array contributions;
  for (const FeatureContribution& part : explanation.contributions) {
    boost::json::object entry;
    entry["feature"] = part.feature;
    entry["value"] = std::isnan(part.value) ? boost::json::value(nullptr) : boost::json::value(part.value);
    entry["contribution"] = part.contribution;
    contributions.push_back(std::move(entry));
  }
  json["contributions"] = std::move(contributions);
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
