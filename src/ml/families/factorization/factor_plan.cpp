// Sums up the vectors of requests and items, and multiplies them.
#include "ml/families/factorization/factor_plan.h"

#include <algorithm>
#include <array>

#include "ml/families/mlp/sigmoid.h"
#include "ml/feature_space.h"
#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

using Block = std::array<float, kBlockRows>;

// Adds a vector times a value to one row of a half, and to the squares of its parts.
void add_to_row(std::span<const float> vector, float value, float* half, std::size_t lane, Block& squares) {
  for (std::size_t f = 0; f < vector.size(); ++f) {
    const float part = value * vector[f];
    half[(1 + f) * kBlockRows + lane] += part;
    squares[lane] += part * part;
  }
}

// Adds, for each row, its value times the vector.
void add_to_block(std::span<const float> vector, const Block& values, float* half, Block& squares) {
  for (std::size_t f = 0; f < vector.size(); ++f) {
    float* sums = half + (1 + f) * kBlockRows;
    for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
      const float part = values[lane] * vector[f];
      sums[lane] += part;
      squares[lane] += part * part;
    }
  }
}

}  // namespace

FactorPlan::FactorPlan(const Factorisation& of, const Catalog& catalog)
    : of_(of), linear_(of.linear, catalog), words_(of.linear.words, catalog) {
  const FeatureSpace space(catalog.domain());
  for (std::size_t i = 0; i < of.inputs.size(); ++i) {
    const NumberInput& number = space.numbers()[of.inputs[i].column];
    if (number.side == Side::kItem) {
      item_inputs_.push_back({i, catalog.position_of(number.column)});
    } else {
      request_inputs_.push_back({i, number.column});
    }
  }
}

FactorRequest FactorPlan::request(const Query& query) const {
  FactorSum sum(of_.factors);
  for (const Source& source : request_inputs_) {
    float value = 0;
    const auto vector =
        of_.vector_of(source.input, feature_value(query.values.numbers[source.position]), value);
    sum.add(vector, value);
  }
  of_.each_word(words_.places_of(query.values),
                [&](std::uint32_t place, std::size_t /*column*/, float value) {
                  sum.add(of_.vector(of_.of_words, place), value);
                });
  if (const auto person = place_of<Person>(of_.people, query.person))
    sum.add(of_.vector(of_.of_people, *person));
  return {linear_.request(query), {sum.sum().begin(), sum.sum().end()}};
}

void FactorPlan::item_half(const CatalogChunk& chunk, std::size_t first, float* half) const {
  std::fill_n(half, half_size(), 0.0F);
  linear_.item_half(chunk, first, half);
  Block squares{};
  for (const Source& source : item_inputs_) {
    const float* column = chunk.column(source.position).data() + first;
    Block values{};
    Block absences{};
    for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
      absences[lane] = std::isnan(column[lane]) ? 1.0F : 0.0F;
      values[lane] = std::isnan(column[lane]) ? 0.0F : of_.inputs[source.input].value(column[lane]);
    }
    add_to_block(of_.vector(of_.of_inputs, 2 * source.input), values, half, squares);
    add_to_block(of_.vector(of_.of_inputs, 2 * source.input + 1), absences, half, squares);
  }
  const std::size_t last = std::min(first + kBlockRows, chunk.rows);
  if (words_.any_of_items()) {
    words_.each_row(chunk, first, last, [&](std::size_t row, std::span<const std::uint32_t> places) {
      of_.each_word(places, [&](std::uint32_t place, std::size_t /*column*/, float value) {
        add_to_row(of_.vector(of_.of_words, place), value, half, row - first, squares);
      });
    });
  }
  for (std::size_t row = first; row < last; ++row) {
    const auto place = place_of<ItemId>(of_.items, chunk.ids[row]);
    if (!place) continue;
    half[row - first] += of_.item_weights[*place];
    add_to_row(of_.vector(of_.of_items, *place), 1, half, row - first, squares);
  }
  for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
    float square = 0;
    for (std::size_t f = 1; f <= of_.factors; ++f)
      square += half[f * kBlockRows + lane] * half[f * kBlockRows + lane];
    half[lane] += (square - squares[lane]) / 2;
  }
}

void FactorPlan::score(const FactorRequest& request, const CatalogChunk& chunk, std::size_t first,
                       const float* half, float* scores) const {
  std::copy_n(half, kBlockRows, scores);
  linear_.add_crosses(request.linear, chunk, first, scores);
  for (std::size_t lane = 0; lane < kBlockRows; lane += kLanes) {
    Lanes sums;
    load(sums, scores + lane);
    sums += request.linear.sum;
    for (std::size_t f = 0; f < of_.factors; ++f) {
      Lanes factors;
      load(factors, half + (1 + f) * kBlockRows + lane);
      sums += factors * request.factors[f];
    }
    sigmoid(sums);
    store(sums, scores + lane);
  }
}

}  // namespace rankloop::ml
