// Words in common, BM25, distances, angles.
#include "ml/compound_cross.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>
#include <utility>

#include "domain/text_words.h"
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

std::size_t in_common(const CodeSet& asked, std::span<const std::int32_t> item) {
  std::size_t common = 0;
  for (const std::int32_t code : item) common += asked.has(code) ? 1 : 0;
  return common;
}

bool is_absent(std::span<const std::int32_t> codes) {
  return codes.size() == 1 && codes.front() == kAbsentCode;
}

// What a word weighs that n of N texts have.
double inverse_frequency(std::size_t texts, std::size_t with) {
  const auto n = static_cast<double>(std::min(with, texts));
  return std::log1p((static_cast<double>(texts) - n + 0.5) / (n + 0.5));
}

float share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<float>(part) / static_cast<float>(whole);
}

}  // namespace

CompoundCross::CompoundCross(const Cross& cross, const Catalog& layout)
    : cross_(cross), dictionary_(is_of_texts(cross.op) ? layout.text_dictionary() : layout.dictionary()) {
  if (is_of_texts(cross.op)) {
    positions_ = {layout.text_position_of(cross.item_column)};
    corpora_ = corpora_of(layout);
    return;
  }
  if (cross.op == CrossOp::kHistory) return;
  if (is_of_words(cross.op)) {
    positions_ = {layout.word_position_of(cross.item_column)};
    return;
  }
  for (std::size_t i = 0; i < cross.size; ++i)
    positions_.push_back(layout.position_of(cross.item_column + i));
}

CompoundCross::Asked CompoundCross::asked_words(const Words& words) const {
  Asked asked;
  if (!words) return asked;
  asked.absent = false;
  asked.count = words->size();
  std::vector<std::int32_t> codes;
  for (const std::string& word : *words) {
    if (const auto code = dictionary_.find(word)) codes.push_back(*code);
  }
  std::sort(codes.begin(), codes.end());
  asked.codes = CodeSet(codes);
  return asked;
}

CompoundCross::Asked CompoundCross::asked_text(const Words& words, const Corpora& corpora) const {
  Asked asked;
  if (!words) return asked;
  asked.absent = false;
  const std::vector<std::string> different = different_words(*words);
  asked.count = different.size();
  std::vector<std::pair<std::int32_t, std::string_view>> known;
  for (const std::string& word : different) {
    if (const auto code = dictionary_.find(word)) known.emplace_back(*code, word);
  }
  std::sort(known.begin(), known.end());
  for (const auto& [code, word] : known) asked.words.push_back(code);
  if (cross_.op != CrossOp::kMatch) return asked;
  const Corpus corpus = corpora(cross_.item_column);
  for (const auto& [code, word] : known) {
    asked.weights.push_back(
        static_cast<float>(inverse_frequency(corpus.texts, corpus.texts_with(word)) * (cross_.k1 + 1)));
  }
  asked.always = static_cast<float>(cross_.k1 * (1 - cross_.b));
  if (corpus.words > 0) {
    asked.per_word = static_cast<float>(cross_.k1 * cross_.b * static_cast<double>(corpus.texts) /
                                        static_cast<double>(corpus.words));
  }
  return asked;
}

CompoundCross::Asked CompoundCross::asked(const Query& query, const Corpora& corpora) const {
  const ValuesView& request = query.values;
  if (is_of_words(cross_.op)) return asked_words(request.words[cross_.request_column]);
  if (is_of_texts(cross_.op)) return asked_text(request.texts[cross_.request_column], corpora);
  Asked asked;
  if (cross_.op == CrossOp::kHistory) {
    asked.past = query.past;
    asked.absent = query.past == nullptr;
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
  if (asked.absent || is_absent(item)) return kAbsentCross;
  const std::size_t common = in_common(asked.codes, item);
  switch (cross_.op) {
    case CrossOp::kSame:
      return common == asked.count && common == item.size() ? 1 : 0;
    case CrossOp::kContains:
      return common > 0 ? 1 : 0;
    case CrossOp::kOverlap:
      return static_cast<float>(common);
    case CrossOp::kJaccard:
      return share(common, asked.count + item.size() - common);
    default:
      return share(common, asked.count);
  }
}

// What the asked text's word adds that an item's text of so many words has so often.
float CompoundCross::of_word(const Asked& asked, std::size_t word, std::size_t times,
                             std::size_t words) const {
  if (cross_.op != CrossOp::kMatch) return 1;
  const float length = asked.always + asked.per_word * static_cast<float>(words);
  return asked.weights[word] * static_cast<float>(times) / (static_cast<float>(times) + length);
}

// Of the sum of these; NaN stays.
float CompoundCross::of_text(const Asked& asked, float sum) const {
  const bool is_share = cross_.op != CrossOp::kMatch && asked.count > 0;
  return is_share ? sum / static_cast<float>(asked.count) : sum;
}

// Of the codes of all words of the item's text, ascending.
float CompoundCross::of_text(const Asked& asked, std::span<const std::int32_t> item) const {
  if (asked.absent || is_absent(item)) return kAbsentCross;
  float sum = 0;
  auto from = item.begin();
  for (std::size_t w = 0; w < asked.words.size(); ++w) {
    const auto [first, last] = std::equal_range(from, item.end(), asked.words[w]);
    from = last;
    if (first != last) sum += of_word(asked, w, static_cast<std::size_t>(last - first), item.size());
  }
  return of_text(asked, sum);
}

// Only the rows that have a word of the request are looked at: all others have 0. Word by word, so that the
// terms of a row are added in the same order as those of an item's own text.
void CompoundCross::match(const Asked& asked, const CatalogChunk& chunk) const {
  if (asked.chunk == &chunk) return;
  const CodeColumn& texts = chunk.texts[positions_.front()];
  const Postings& postings = *chunk.text_postings[positions_.front()];
  asked.chunk = &chunk;
  asked.of_chunk.assign(chunk.rows, 0.0F);
  for (const Posting posting : postings.rows_with(kAbsentCode)) asked.of_chunk[posting.row()] = kAbsentCross;
  for (std::size_t w = 0; w < asked.words.size(); ++w) {
    for (const Posting posting : postings.rows_with(asked.words[w])) {
      const auto text = texts.at(posting.row());
      std::size_t times = posting.times();
      if (times == Posting::kMany) times = std::ranges::equal_range(text, asked.words[w]).size();
      asked.of_chunk[posting.row()] += of_word(asked, w, times, text.size());
    }
  }
  if (cross_.op == CrossOp::kMatch) return;
  for (float& value : asked.of_chunk) value = of_text(asked, value);
}

// `terms`: products or squared differences; `squares`: of the item's numbers.
float CompoundCross::of_sums(const Asked& asked, float terms, float squares) const {
  if (asked.absent || std::isnan(squares)) return kAbsentCross;
  if (cross_.op == CrossOp::kDistance) return feature_value(static_cast<double>(std::sqrt(terms)));
  const float dot = std::isnan(terms) ? 0 : terms;  // of numbers so large that both signs overflowed
  if (cross_.op == CrossOp::kDot) return feature_value(static_cast<double>(dot));
  const float lengths = asked.length * std::sqrt(squares);
  return lengths > 0 && std::isfinite(lengths) ? std::clamp(dot / lengths, -1.0F, 1.0F) : 0;
}

float CompoundCross::value(const Asked& asked, const ItemValues& item) const {
  if (is_of_words(cross_.op)) return of_words(asked, item.codes[positions_.front()]);
  if (is_of_texts(cross_.op)) return of_text(asked, item.texts[positions_.front()]);
  if (cross_.op == CrossOp::kHistory) return asked.known;
  if (asked.absent) return kAbsentCross;
  const auto number = [&](std::size_t i) { return item.numbers[positions_[i]]; };
  if (cross_.op == CrossOp::kDistanceKm)
    return distance_km(asked.numbers[0], asked.numbers[1], number(0) * kRadians, number(1) * kRadians);
  float terms = 0, squares = 0;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const float other = cross_.op == CrossOp::kDistance ? asked.numbers[i] - number(i) : number(i);
    terms += other * (cross_.op == CrossOp::kDistance ? other : asked.numbers[i]);
    squares += number(i) * number(i);
  }
  return of_sums(asked, terms, squares);
}

void CompoundCross::fill(const Asked& asked, const CatalogChunk& chunk, std::size_t first,
                         std::span<float> values) const {
  if (asked.absent) {
    std::ranges::fill(values, kAbsentCross);
  } else if (cross_.op == CrossOp::kHistory) {
    asked.past->fill(cross_.history, chunk, first, values);
  } else if (is_of_words(cross_.op)) {
    const CodeColumn& codes = chunk.codes[positions_.front()];
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = of_words(asked, codes.at(first + i));
  } else if (is_of_texts(cross_.op)) {
    match(asked, chunk);
    std::copy_n(asked.of_chunk.begin() + static_cast<std::ptrdiff_t>(first), values.size(), values.begin());
  } else if (cross_.op == CrossOp::kDistanceKm) {
    const auto latitudes = chunk.column(positions_[0]).subspan(first);
    const auto longitudes = chunk.column(positions_[1]).subspan(first);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] =
          distance_km(asked.numbers[0], asked.numbers[1], latitudes[i] * kRadians, longitudes[i] * kRadians);
    }
  } else {
    fill_vectors(asked, chunk, first, values);
  }
}

void CompoundCross::fill_vectors(const Asked& asked, const CatalogChunk& chunk, std::size_t first,
                                 std::span<float> values) const {
  // The numbers of a vector stand side by side among the catalog's columns.
  const float* items = chunk.column(positions_.front()).data();
  const VectorTerm term = cross_.op == CrossOp::kDistance ? VectorTerm::kDifference : VectorTerm::kProduct;
  VectorSums sums;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t lane = (first + i) % kBlockRows;
    if (i == 0 || lane == 0) sum_vectors_(term, asked.numbers, items + first + i - lane, sums);
    values[i] = of_sums(asked, sums.terms[lane], sums.squares[lane]);
  }
}

}  // namespace rankloop::ml
