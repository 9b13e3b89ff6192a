#include "simulate/labelled.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/strict_json.h"
#include "simulate/choice.h"

namespace rankloop::simulate {
namespace {

Result<std::vector<double>> columns_of(const Schema& schema, std::string_view json) {
  auto value = parse_strict_json(json);
  if (!value) return std::move(value).error();
  const std::array<std::string_view, 1> loc = {"simulated"};
  auto record = schema.check(*value, loc);
  if (!record) return std::move(record).error();
  return std::move(record->columns);
}

void append_features(const Domain& domain, std::span<const double> request, std::span<const double> item,
                     std::vector<float>& values) {
  for (const Feature& feature : domain.features) {
    const std::span<const double> side = feature.side == Side::kRequest ? request : item;
    values.push_back(static_cast<float>(side[feature.column]));
  }
}

}  // namespace

Result<ml::LabelledRows> make_labelled(const Domain& domain, std::span<const Place> places,
                                       const Profile& profile, const LabelledOptions& options) {
  if (places.empty() || options.guests < 1 || options.places_per_guest < 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "a labelled set needs at least one place, guest and place per guest"};
  }
  std::vector<std::vector<double>> items;
  for (const Place& place : places) {
    auto columns = columns_of(domain.items, to_json(place));
    if (!columns) return std::move(columns).error();
    items.push_back(std::move(*columns));
  }

  ml::LabelledRows rows;
  rows.features = domain.features.size();
  const auto shown = static_cast<std::size_t>(options.places_per_guest);
  std::vector<std::size_t> drawn(shown);
  std::vector<double> scores(shown);
  for (std::int64_t number = 0; number < options.guests; ++number) {
    Random random = Random::stream(options.seed, static_cast<std::uint64_t>(number));
    const Guest guest = draw_guest(profile, random);
    std::string json;
    append_json(json, guest);
    auto request = columns_of(domain.requests, json);
    if (!request) return std::move(request).error();
    for (std::size_t i = 0; i < shown; ++i) {
      drawn[i] = random.below(places.size());
      scores[i] = true_score(guest, places[drawn[i]]);
    }
    const auto pick = choose(scores, guest.kind->taste, Choosing{}, random);
    for (std::size_t i = 0; i < shown; ++i) {
      append_features(domain, *request, items[drawn[i]], rows.values);
      rows.labels.push_back(pick == i ? 1 : 0);
      rows.requests.push_back(number);
    }
  }
  return rows;
}

std::size_t first_test_row(const ml::LabelledRows& rows, double test_share) {
  if (rows.requests.empty()) return 0;
  const auto requests = static_cast<double>(rows.requests.back() + 1);
  const auto first_test_request = static_cast<std::int64_t>(requests - requests * test_share + 0.5);
  const auto row = std::lower_bound(rows.requests.begin(), rows.requests.end(), first_test_request);
  return static_cast<std::size_t>(row - rows.requests.begin());
}

std::string to_tsv(const Domain& domain, const ml::LabelledRows& rows, std::size_t first, std::size_t last) {
  std::string text;
  for (const Feature& feature : domain.features) {
    text += feature.name;
    text += '\t';
  }
  text += "label\trequest\n";
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t f = 0; f < rows.features; ++f) {
      append_json_number(text, rows.values[row * rows.features + f]);
      text += '\t';
    }
    text += rows.labels[row] != 0 ? '1' : '0';
    text += '\t';
    text += std::to_string(rows.requests[row]);
    text += '\n';
  }
  return text;
}

}  // namespace rankloop::simulate
