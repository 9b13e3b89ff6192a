// Words in common, distances, angles.
#include "ml/compound_cross.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

constexpr float kAbsentCross = std::numeric_limits<float>::quiet_NaN();
constexpr float kEarthRadiusKm = 6371.0088F;  // the mean radius of IUGG
constexpr float kRadians = std::numbers::pi_v<float> / 180;

// Along the great circle between two points in radians.
float distance_km(float latitude, float longitude, float to_latitude, float to_longitude) {
  const float half_up = std::sin((to_latitude - latitude) / 2);
  const float half_along = std::sin((to_longitude - longitude) / 2);
  const float haversine =
      half_up * half_up + std::cos(latitude) * std::cos(to_latitude) * half_along * half_along;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(haversine, 1.0F)));
}

// Of two ascending lists.
std::size_t in_common(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    common += a[i] == b[j] ? 1 : 0;
    const bool step_a = a[i] <= b[j];
    const bool step_b = b[j] <= a[i];
    i += step_a ? 1 : 0;
    j += step_b ? 1 : 0;
  }
  return common;
}

float share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<float>(part) / static_cast<float>(whole);
}

}  // namespace

CompoundCross::CompoundCross(const Cross& cross, const Catalog& layout)
    : cross_(cross), dictionary_(layout.dictionary()) {
  if (is_of_words(cross.op)) {
    positions_ = {layout.word_position_of(cross.item_column)};
    return;
  }
  for (std::size_t i = 0; i < cross.size; ++i)
    positions_.push_back(layout.position_of(cross.item_column + i));
}

CompoundCross::Asked CompoundCross::asked(const ValuesView& request) const {
  Asked asked;
  if (is_of_words(cross_.op)) {
    const Words& words = request.words[cross_.request_column];
    if (!words) return asked;
    asked.absent = false;
    asked.words = words->size();
    for (const std::string& word : *words) {
      if (const auto code = dictionary_.find(word)) asked.codes.push_back(*code);
    }
    std::sort(asked.codes.begin(), asked.codes.end());
    return asked;
  }
  const bool place = cross_.op == CrossOp::kDistanceKm;
  float squares = 0;
  for (std::size_t i = 0; i < cross_.size; ++i) {
    const float number = feature_value(request.numbers[cross_.request_column + i]);
    asked.numbers.push_back(place ? number * kRadians : number);
    squares += number * number;
  }
  asked.length = std::sqrt(squares);
  asked.absent = std::isnan(squares);
  return asked;
}

float CompoundCross::of_words(const Asked& asked, std::span<const std::int32_t> item) const {
  if (asked.absent || (item.size() == 1 && item.front() == kAbsentCode)) return kAbsentCross;
  const std::size_t common = in_common(asked.codes, item);
  switch (cross_.op) {
    case CrossOp::kSame:
      return common == asked.words && common == item.size() ? 1 : 0;
    case CrossOp::kContains:
      return common > 0 ? 1 : 0;
    case CrossOp::kOverlap:
      return static_cast<float>(common);
    case CrossOp::kJaccard:
      return share(common, asked.words + item.size() - common);
    default:
      return share(common, asked.words);
  }
}

float CompoundCross::of_sums(const Asked& asked, const Sums& sums) const {
  if (asked.absent || std::isnan(sums.squares)) return kAbsentCross;
  const float dot = std::isnan(sums.dot) ? 0 : sums.dot;  // of numbers so large that both signs overflowed
  if (cross_.op == CrossOp::kDistance) return feature_value(static_cast<double>(std::sqrt(sums.apart)));
  if (cross_.op == CrossOp::kDot) return feature_value(static_cast<double>(dot));
  const float lengths = asked.length * std::sqrt(sums.squares);
  return lengths > 0 && std::isfinite(lengths) ? std::clamp(dot / lengths, -1.0F, 1.0F) : 0;
}

float CompoundCross::value(const Asked& asked, const ItemValues& item) const {
  if (is_of_words(cross_.op)) return of_words(asked, item.codes[positions_.front()]);
  if (asked.absent) return kAbsentCross;
  const auto number = [&](std::size_t i) { return item.numbers[positions_[i]]; };
  if (cross_.op == CrossOp::kDistanceKm)
    return distance_km(asked.numbers[0], asked.numbers[1], number(0) * kRadians, number(1) * kRadians);
  Sums sums;
  for (std::size_t i = 0; i < positions_.size(); ++i) sums.add(asked.numbers[i], number(i));
  return of_sums(asked, sums);
}

void CompoundCross::fill(const Asked& asked, const CatalogChunk& chunk, std::size_t first,
                         std::span<float> values) const {
  if (asked.absent) {
    std::ranges::fill(values, kAbsentCross);
  } else if (is_of_words(cross_.op)) {
    const CodeColumn& codes = chunk.codes[positions_.front()];
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = of_words(asked, codes.at(first + i));
  } else if (cross_.op == CrossOp::kDistanceKm) {
    const auto latitudes = chunk.column(positions_[0]).subspan(first);
    const auto longitudes = chunk.column(positions_[1]).subspan(first);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] =
          distance_km(asked.numbers[0], asked.numbers[1], latitudes[i] * kRadians, longitudes[i] * kRadians);
    }
  } else {
    for (std::size_t from = 0; from < values.size(); from += kBlockRows)
      fill_vectors(asked, chunk, first + from,
                   values.subspan(from, std::min(kBlockRows, values.size() - from)));
  }
}

// Number by number, so that the rows of a block stand side by side.
void CompoundCross::fill_vectors(const Asked& asked, const CatalogChunk& chunk, std::size_t first,
                                 std::span<float> values) const {
  std::array<float, kBlockRows> dot{}, squares{}, apart{};
  for (std::size_t n = 0; n < positions_.size(); ++n) {
    const float wanted = asked.numbers[n];
    const float* column = chunk.column(positions_[n]).data() + first;
    for (std::size_t i = 0; i < values.size(); ++i) {
      dot[i] += wanted * column[i];
      squares[i] += column[i] * column[i];
      apart[i] += (wanted - column[i]) * (wanted - column[i]);
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = of_sums(asked, {dot[i], squares[i], apart[i]});
}

}  // namespace rankloop::ml
