// Finds a ranked item and its model again, and asks the model what each feature added.
#include "app/serve/explanation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/learn/dataset.h"
#include "app/serve/history_walk.h"
#include "app/serve/inference.h"
#include "app/serve/registered_model.h"
#include "domain/candidate_fields.h"
#include "ml/catalog.h"
#include "ml/feature_space.h"
#include "ml/interleave.h"

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

// Of an interleaved list, as far down as it was merged.
const Placement* placement_at(const Ranking& ranking, int rank) {
  const auto at = static_cast<std::size_t>(rank) - 1;
  return at < ranking.placed.size() ? &ranking.placed[at] : nullptr;
}

ModelId placed_by(const Ranking& ranking, int rank) {
  const Placement* placement = placement_at(ranking, rank);
  if (placement == nullptr || !placement->by_second) return ranking.model;
  const auto drafted = ml::drafted_by(ranking.policy);
  return drafted ? drafted->second : ranking.model;
}

// What the ledger says of the item at a rank.
ResultExplanation as_ranked(const TaskId& task, const Ranking& ranking, int rank) {
  const RankedItem& ranked = ranking.items[static_cast<std::size_t>(rank) - 1];
  ResultExplanation explanation;
  explanation.task = task;
  explanation.item = ranked.item;
  explanation.model = placed_by(ranking, rank);
  if (const Placement* placement = placement_at(ranking, rank)) explanation.by_second = placement->by_second;
  explanation.policy = to_text(ranking.policy);
  explanation.position = rank;
  explanation.score = ranked.score;
  explanation.propensity = ranked.propensity;
  return explanation;
}

}  // namespace

Result<storage::InferenceRecord> Explanations::succeeded(const TaskId& task) {
  auto record = store_.inference(task);
  if (!record) {
    return record.error().code == ErrorCode::kNotFound ? Error(ErrorCode::kNotFound, "Task not found")
                                                       : record.error();
  }
  if (record->state != TaskState::kSucceeded) return not_ready(nullptr, record->state);
  return record;
}

Result<std::vector<std::vector<float>>> Explanations::known_then(
    const storage::InferenceRecord& record, ml::Person person, const ml::Catalog& layout,
    const std::vector<std::pair<ItemId, const ml::ItemValues*>>& items, Values& request) {
  std::vector<std::vector<float>> known(items.size());
  if (plan_.inputs().empty() || !record.ranking.known) return known;
  const Status looked =
      look_back(plan_, store_, {*record.ranking.known, person}, [&](const KnownHistory& then) -> Status {
        const ml::KnownPast past(plan_, then.fold, then.person, moment_of(record.created),
                                 ml::session_of(domain_, request), layout);
        past.tell(request);
        for (std::size_t i = 0; i < items.size(); ++i)
          past.append(ml::known_item(plan_, layout, items[i].first, *items[i].second), known[i]);
        return {};
      });
  if (!looked) return looked.error();
  return known;
}

Result<ResultExplanation> Explanations::explain(const TaskId& task, ItemId item) {
  const auto record = succeeded(task);
  if (!record) return record.error();
  const int rank = rank_in(record->ranking, item);
  if (rank == 0) {
    return Error(ErrorCode::kNotFound, "Result not found: invalid task_id or " + domain_.item_id_field);
  }
  if (const Status ours = made_by_our_model(record->ranking); !ours) return ours.error();
  const ModelId made_by = placed_by(record->ranking, rank);
  const auto model = registered_model(made_by, domain_, store_);
  if (!model && model.error().code == ErrorCode::kNotFound) {
    return Error(ErrorCode::kFailedPrecondition,
                 "Model " + std::to_string(made_by.value) + " made this ranking and was removed since");
  }
  if (!model) return model.error();
  const auto user = store_.user(record->user);
  if (!user) return user.error();
  auto request = domain_.requests.read(user->payload);
  if (!request) return request.error();
  const auto stored = store_.item(item, record->ranking.catalog_version);
  if (!stored) return stored.error();
  const auto said = CandidateFields::read(record->candidate_fields);
  if (!said) return said.error();
  const auto values = candidate_record(domain_, stored->payload, said->of(item));
  if (!values) return values.error();

  const auto layout = ml::Catalog::empty({std::shared_ptr<void>{}, &domain_});
  const ml::FeatureMaker maker(domain_, *layout);
  ml::LabelledRows row = maker.no_rows();
  const ml::ItemValues picked = layout->pick(values->values, stored->since);
  const auto serving = serving_.current();
  const auto known =
      known_then(*record, ml::person_number(user->person), *layout, {{item, &picked}}, request->values);
  if (!known) return known.error();
  auto asked = maker.asked(request->values, ml::corpora_of(*serving->catalog));
  maker.know(asked, known->front());
  maker.append(asked, picked, row);
  row.items.push_back(item);
  row.people.push_back(ml::person_number(user->person));
  const ml::Explanation why = (*model)->explain(row.view());

  ResultExplanation explanation = as_ranked(task, record->ranking, rank);
  explanation.family = (*model)->family();
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
  const auto model = registered_model(other, domain_, store_);
  if (!model) return model.error();
  const auto user = store_.user(record->user);
  if (!user) return user.error();
  auto request = domain_.requests.read(user->payload);
  if (!request) return request.error();
  const Ranking& ranking = record->ranking;
  std::vector<ItemId> items;
  for (const RankedItem& ranked : ranking.items) items.push_back(ranked.item);
  const auto stored = store_.items(items, ranking.catalog_version);
  if (!stored) return stored.error();
  const auto said = CandidateFields::read(record->candidate_fields);
  if (!said) return said.error();

  const auto layout = ml::Catalog::empty({std::shared_ptr<void>{}, &domain_});
  const ml::FeatureMaker maker(domain_, *layout);
  Reordering reordering{task, other, std::string{(*model)->family()}, {}};
  ml::LabelledRows rows = maker.no_rows();
  std::vector<ml::ItemValues> picked;
  for (const storage::ItemRecord& item : *stored) {
    const auto fields = candidate_record(domain_, item.payload, said->of(item.id));
    if (!fields) return fields.error();
    picked.push_back(layout->pick(fields->values, item.since));
    const int rank = rank_in(ranking, item.id);
    const RankedItem& stood = ranking.items[static_cast<std::size_t>(rank) - 1];
    reordering.places.push_back({item.id, 0, rank, stood.propensity});
    rows.items.push_back(item.id);
    rows.people.push_back(ml::person_number(user->person));
  }
  if (rows.items.empty()) return reordering;
  const auto serving = serving_.current();
  std::vector<std::pair<ItemId, const ml::ItemValues*>> of_then;
  for (std::size_t i = 0; i < picked.size(); ++i) of_then.emplace_back(rows.items[i], &picked[i]);
  const auto known = known_then(*record, ml::person_number(user->person), *layout, of_then, request->values);
  if (!known) return known.error();
  auto asked = maker.asked(request->values, ml::corpora_of(*serving->catalog));
  for (std::size_t i = 0; i < picked.size(); ++i) {
    maker.know(asked, (*known)[i]);
    maker.append(asked, picked[i], rows);
  }
  std::vector<float> scores(rows.items.size());
  (*model)->score_features(rows.view(), ranking.seed, scores);
  for (std::size_t i = 0; i < scores.size(); ++i) reordering.places[i].score = scores[i];
  std::stable_sort(reordering.places.begin(), reordering.places.end(),
                   [](const Reordering::Place& a, const Reordering::Place& b) { return a.score > b.score; });
  return reordering;
}

Result<Importance> Explanations::importance(ModelId id) {
  const auto model = registered_model(id, domain_, store_);
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
    entry["propensity"] = static_cast<double>(place.propensity);
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

namespace {

boost::json::object policy_json(const PolicyText& policy) {
  boost::json::object json;
  json["name"] = policy.name;
  boost::system::error_code fault;  // of another version's text, perhaps
  boost::json::value parameters = boost::json::parse(policy.parameters, fault);
  json["parameters"] =
      fault || !parameters.is_object() ? boost::json::value(boost::json::object()) : std::move(parameters);
  return json;
}

}  // namespace

std::string to_json(const ResultExplanation& explanation, ItemNames& names) {
  boost::json::object json;
  json["task_id"] = explanation.task.to_string();
  json[names.domain().item_id_field] = names.value(explanation.item);
  json["model_id"] = explanation.model.value == 0 ? boost::json::value(nullptr)
                                                  : boost::json::value(explanation.model.value);
  json["family"] = explanation.family;
  json["policy"] = policy_json(explanation.policy);
  json["placed_by"] = explanation.by_second ? boost::json::value(*explanation.by_second ? "second" : "first")
                                            : boost::json::value(nullptr);
  json["position"] = explanation.position;
  json["propensity"] = static_cast<double>(explanation.propensity);
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
