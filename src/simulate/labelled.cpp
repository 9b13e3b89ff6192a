// Draws guests, shows them places, and writes the rows.
#include "simulate/labelled.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/strict_json.h"
#include "ml/feature_space.h"
#include "simulate/choice.h"

namespace rankloop::simulate {
namespace {

Result<Values> values_of(const Schema& schema, std::string_view json) {
  auto value = parse_strict_json(json);
  if (!value) return std::move(value).error();
  const std::array<std::string_view, 1> loc = {"simulated"};
  auto record = schema.check(*value, loc);
  if (!record) return std::move(record).error();
  return std::move(record->values);
}

}  // namespace

Result<ml::LabelledRows> make_labelled(const Domain& domain, std::span<const Place> places,
                                       const Profile& profile, const LabelledOptions& options,
                                       std::vector<double>* true_scores) {
  if (places.empty() || options.guests < 1 || options.places_per_guest < 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "a labelled set needs at least one place, guest and place per guest"};
  }
  const auto layout = ml::Catalog::empty({std::shared_ptr<void>{}, &domain});
  std::vector<ml::ItemValues> items;
  for (const Place& place : places) {
    const auto values = values_of(domain.candidates, to_json(place));
    if (!values) return values.error();
    items.push_back(layout->pick(*values));
  }

  const ml::FeatureMaker features(domain, *layout, options.crosses);
  ml::LabelledRows rows = features.no_rows();
  const auto shown = static_cast<std::size_t>(options.places_per_guest);
  std::vector<std::size_t> drawn(shown);
  std::vector<double> scores(shown);
  for (std::int64_t number = 0; number < options.guests; ++number) {
    auto [guest, random] = draw_visit(profile, options.seed, static_cast<std::uint64_t>(number));
    std::string json;
    append_json(json, guest);
    auto request = values_of(domain.requests, json);
    if (!request) return std::move(request).error();
    for (std::size_t i = 0; i < shown; ++i) {
      drawn[i] = random.below(places.size());
      scores[i] = true_score(guest, places[drawn[i]]);
    }
    const auto pick = choose(scores, guest.kind->taste, Choosing{}, random);
    for (std::size_t i = 0; i < shown; ++i) {
      features.append(*request, items[drawn[i]], rows);
      rows.items.push_back(places[drawn[i]].id);
      rows.labels.push_back(pick == i ? 1.0F : 0.0F);
      rows.requests.push_back(number);
    }
    if (true_scores != nullptr) true_scores->insert(true_scores->end(), scores.begin(), scores.end());
  }
  return rows;
}

std::string to_tsv(const Domain& domain, const ml::LabelledRows& rows, std::size_t first, std::size_t last,
                   std::span<const double> true_scores) {
  std::string text;
  for (const Feature& feature : domain.features) {
    text += feature.name;
    text += '\t';
  }
  text += true_scores.empty() ? "label\trequest\n" : "label\trequest\tscore\n";
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t f = 0; f < domain.features.size(); ++f) {
      append_json_number(text, rows.values[row * rows.width + f]);
      text += '\t';
    }
    text += rows.labels[row] > 0 ? '1' : '0';
    text += '\t';
    text += std::to_string(rows.requests[row]);
    if (!true_scores.empty()) {
      text += '\t';
      append_json_number(text, true_scores[row]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace rankloop::simulate
