// Finds a ranked item and its model again, and asks the model what each feature added.
#include "app/serve/explanation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/learn/dataset.h"
#include "app/serve/inference.h"
#include "ml/catalog.h"
#include "ml/feature_space.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kImportanceRequests = 100;
constexpr std::size_t kImportanceRows = 60;  // a network takes milliseconds to explain a row

// The values and weights of a model are bounded each, their products and sums are not; JSON has no word for
// what lies beyond its numbers.
double finite(double number) {
  constexpr double kFurthest = 1e300;
  return std::isnan(number) ? 0 : std::clamp(number, -kFurthest, kFurthest);
}

boost::json::value number_or_null(float number) {
  return std::isnan(number) ? boost::json::value(nullptr) : boost::json::value(static_cast<double>(number));
}

boost::json::value words_of(const Feature& feature, std::span<const std::int32_t> codes,
                            const ml::Dictionary& dictionary) {
  if (!codes.empty() && codes.front() == ml::kAbsentCode) return nullptr;
  boost::json::array words;
  for (const std::int32_t code : codes) words.emplace_back(dictionary.word(code));
  if (feature.kind == FeatureKind::kCode && words.size() == 1) return words.front();
  return words;
}

// The request's word and the item's.
boost::json::value pair_of(std::span<const std::int32_t> codes, const ml::Dictionary& dictionary) {
  if (codes.empty() || codes.front() == ml::kAbsentCode) return nullptr;
  const std::string_view pair = dictionary.word(codes.front());
  const std::size_t between = pair.find(kBetweenPair);
  return boost::json::array{pair.substr(0, between), pair.substr(between + 1)};
}

// What the first row says of each feature and cross: a number or null, a word, a list of either.
std::vector<boost::json::value> given_values(const ml::FeatureSpace& space, const ml::LabelledRows& row) {
  std::vector<boost::json::value> given(space.features());
  for (std::size_t i = 0; i < row.width; ++i) {
    const ml::NumberInput& input = space.numbers()[i];
    boost::json::value& value = given[input.feature];
    if (input.cross != nullptr || space.domain().features[input.feature].kind == FeatureKind::kNumber) {
      value = number_or_null(row.values[i]);
    } else {
      if (!value.is_array()) value.emplace_array();
      value.get_array().push_back(number_or_null(row.values[i]));
    }
  }
  for (std::size_t c = 0; c < space.codes().size(); ++c) {
    const std::size_t feature = space.codes()[c].feature;
    const auto codes = row.codes[c].at(0);
    given[feature] = space.codes()[c].pair != nullptr
                         ? pair_of(codes, *row.dictionary)
                         : words_of(space.domain().features[feature], codes, *row.dictionary);
  }
  return given;
}

// kFailedPrecondition: no model of ours made the ranking.
Status made_by_our_model(const Ranking& ranking) {
  switch (ranking.policy.kind) {
    case PolicyKind::kImported:
      return Error(ErrorCode::kFailedPrecondition,
                   "Another system made this ranking: there is no model of ours to explain it");
    case PolicyKind::kExternal:
      return Error(ErrorCode::kFailedPrecondition,
                   "A Python worker made this ranking: there is no model of ours to explain it");
    default:
      return {};
  }
}

}  // namespace

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

Result<storage::InferenceRecord> Explanations::succeeded(const TaskId& task) {
  auto record = store_.inference(task);
  if (!record) {
    return record.error().code == ErrorCode::kNotFound ? Error(ErrorCode::kNotFound, "Task not found")
                                                       : record.error();
  }
  if (record->state != TaskState::kSucceeded) return not_ready(nullptr, record->state);
  return record;
}

Result<ResultExplanation> Explanations::explain(const TaskId& task, ItemId item) {
  const auto record = succeeded(task);
  if (!record) return record.error();
  const int rank = rank_in(record->ranking, item);
  if (rank == 0) {
    return Error(ErrorCode::kNotFound, "Result not found: invalid task_id or " + domain_.item_id_field);
  }
  if (const Status ours = made_by_our_model(record->ranking); !ours) return ours.error();
  const auto model = model_of(record->ranking.model);
  if (!model && model.error().code == ErrorCode::kNotFound) {
    return Error(ErrorCode::kFailedPrecondition, "Model " + std::to_string(record->ranking.model.value) +
                                                     " made this ranking and was removed since");
  }
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
  const ml::FeatureMaker maker(domain_, *layout);
  ml::LabelledRows row = maker.no_rows();
  const ml::ItemValues picked = layout->pick(values->values);
  const auto serving = serving_.current();
  maker.append(maker.asked(request->values, ml::corpora_of(*serving->catalog)), picked, row);
  row.items.push_back(item);
  row.people.push_back(ml::person_number(user->person));
  const ml::Explanation why = (*model)->explain(row.view());

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
    (*model)->score_features(row.view(), 0, std::span(&raw, 1));
  }
  explanation.probability = (*model)->calibration().apply(static_cast<double>(raw));
  explanation.base = finite(why.base);
  const std::vector<double> contributions = maker.space().by_feature(why.contributions, row.width);
  std::vector<boost::json::value> given = given_values(maker.space(), row);
  for (std::size_t f = 0; f < contributions.size(); ++f) {
    explanation.contributions.push_back(
        {std::string{maker.space().name(f)}, std::move(given[f]), finite(contributions[f])});
  }
  std::stable_sort(explanation.contributions.begin(), explanation.contributions.end(),
                   [](const FeatureContribution& a, const FeatureContribution& b) {
                     return std::abs(a.contribution) > std::abs(b.contribution);
                   });
  return explanation;
}

Result<Reordering> Explanations::reorder(const TaskId& task, ModelId other) {
  const auto record = succeeded(task);
  if (!record) return record.error();
  const auto model = model_of(other);
  if (!model) return model.error();
  const auto user = store_.user(record->user);
  if (!user) return user.error();
  const auto request = domain_.requests.read(user->payload);
  if (!request) return request.error();
  const Ranking& ranking = record->ranking;
  std::vector<ItemId> items;
  for (const RankedItem& ranked : ranking.items) items.push_back(ranked.item);
  const auto stored = store_.items(items, ranking.catalog_version);
  if (!stored) return stored.error();

  const auto layout = ml::Catalog::empty({std::shared_ptr<void>{}, &domain_});
  const ml::FeatureMaker maker(domain_, *layout);
  Reordering reordering{task, other, std::string{(*model)->family()}, {}};
  ml::LabelledRows rows = maker.no_rows();
  std::vector<ml::ItemValues> picked;
  for (const storage::ItemRecord& item : *stored) {
    const auto fields = domain_.items.read(item.payload);
    if (!fields) return fields.error();
    picked.push_back(layout->pick(fields->values));
    reordering.places.push_back({item.id, 0, rank_in(ranking, item.id)});
    rows.items.push_back(item.id);
    rows.people.push_back(ml::person_number(user->person));
  }
  if (rows.items.empty()) return reordering;
  const auto serving = serving_.current();
  const auto asked = maker.asked(request->values, ml::corpora_of(*serving->catalog));
  for (const ml::ItemValues& item : picked) maker.append(asked, item, rows);
  std::vector<float> scores(rows.items.size());
  (*model)->score_features(rows.view(), ranking.seed, scores);
  for (std::size_t i = 0; i < scores.size(); ++i) reordering.places[i].score = scores[i];
  std::stable_sort(reordering.places.begin(), reordering.places.end(),
                   [](const Reordering::Place& a, const Reordering::Place& b) { return a.score > b.score; });
  return reordering;
}

Result<Importance> Explanations::importance(ModelId id) {
  const auto model = model_of(id);
  if (!model) return model.error();
  const auto read = read_recent_rows(store_, domain_, kImportanceRequests, RecentRows::kWithCrosses);
  if (!read) return read.error();
  // Rows from all over, so that every position has its say.
  const std::size_t step = read->rows() / kImportanceRows + 1;
  Importance importance{id, 0, {}};
  const ml::FeatureSpace space(domain_);
  std::vector<double> sums(space.features());
  for (std::size_t r = 0; r < read->rows(); r += step) {
    const ml::Explanation why = (*model)->explain(read->view().some(r, 1));
    const std::vector<double> contributions = space.by_feature(why.contributions, read->width);
    for (std::size_t f = 0; f < sums.size(); ++f) sums[f] += std::abs(finite(contributions[f]));
    ++importance.rows;
  }
  if (importance.rows == 0) return importance;
  for (std::size_t f = 0; f < sums.size(); ++f) {
    importance.features.emplace_back(space.name(f), finite(sums[f]) / static_cast<double>(importance.rows));
  }
  std::stable_sort(importance.features.begin(), importance.features.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return importance;
}

std::string to_json(const Reordering& reordering, ItemNames& names) {
  boost::json::object json;
  json["task_id"] = reordering.task.to_string();
  json["model_id"] = reordering.model.value;
  json["family"] = reordering.family;
  boost::json::array items;
  for (const Reordering::Place& place : reordering.places) {
    boost::json::object entry;
    entry[names.domain().item_id_field] = names.value(place.item);
    entry["score"] = static_cast<double>(place.score);
    entry["before"] = place.before;
    items.push_back(std::move(entry));
  }
  json["items"] = std::move(items);
  return boost::json::serialize(json);
}

std::string to_json(const Importance& importance) {
  boost::json::object json;
  json["model_id"] = importance.model.value;
  json["rows"] = importance.rows;
  boost::json::array features;
  for (const auto& [name, size] : importance.features) {
    boost::json::object entry;
    entry["feature"] = name;
    entry["importance"] = size;
    features.push_back(std::move(entry));
  }
  json["features"] = std::move(features);
  return boost::json::serialize(json);
}

std::string to_json(const ResultExplanation& explanation, ItemNames& names) {
  boost::json::object json;
  json["task_id"] = explanation.task.to_string();
  json[names.domain().item_id_field] = names.value(explanation.item);
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
    entry["value"] = part.value;
    entry["contribution"] = part.contribution;
    contributions.push_back(std::move(entry));
  }
  json["contributions"] = std::move(contributions);
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
