// A factorisation machine as plain numbers.
//
// Rendle, "Factorization Machines", ICDM 2010: beside its linear weight every input has a vector of k
// factors, and two inputs that meet in a row add the product of their values and of their vectors to its
// log-odds. The inputs are numbers on a scale of their own, words, and two that are of no feature: which item
// it is and who asks. So what people who picked alike have in common is learned, whether or not a feature
// says it.
//
// Pairs of an input of the request with one of the item, and pairs of two inputs of the item, are kept. Two
// inputs of the request add the same to every item and would order nothing; they are left out. Crosses have a
// linear weight and no vector, for they are such pairs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/domain.h"
#include "ml/families/logistic/linear.h"
#include "ml/model.h"

namespace rankloop::ml {

// A number of a feature that has a vector, and another for its absence.
struct FactorInput {
  std::uint32_t column = 0;  // index into FeatureSpace::numbers()
  float mean = 0;
  float scale = 1;  // 1 / deviation
  float reach = 0;  // on that scale: what lies further from the mean counts as so far
  float value(float given) const { return std::clamp((given - mean) * scale, -reach, reach); }
};

// Keys in ascending order; the n-th has the n-th vector.
template <class Key>
std::optional<std::size_t> place_of(std::span<const Key> keys, Key key) {
  const auto found = std::lower_bound(keys.begin(), keys.end(), key);
  if (found == keys.end() || *found != key) return std::nullopt;
  return static_cast<std::size_t>(found - keys.begin());
}

struct Factorisation {
  Linear linear;            // of numbers, crosses and words, with the intercept
  std::size_t factors = 0;  // k
  std::vector<FactorInput> inputs;
  std::vector<float> of_inputs;  // [inputs][2][k]: of its value, of its absence
  std::vector<float> of_words;   // [linear.words.size()][k]
  std::vector<ItemId> items;
  std::vector<float> item_weights;  // [items] log-odds
  std::vector<float> of_items;      // [items][k]
  std::vector<Person> people;
  std::vector<float> of_people;  // [people][k]
  // What a row has several words of is one input as the others are: each counts by 1 / sqrt(how many there
  // are), so that what is liked of a hundred films is as large as what is liked of one (Koren, "Factorization
  // meets the neighborhood", KDD 2008). Models of artefact format 1 count each whole.
  bool evened = true;

  // Calls take(place, column, value) for the places of a row's words, which stand in the order of their
  // columns.
  template <class Take>
  void each_word(std::span<const std::uint32_t> places, Take take) const {
    for (std::size_t first = 0; first < places.size();) {
      const std::size_t column = linear.words.column_of(places[first]);
      const std::uint32_t end = linear.words.first_of(column) + linear.words.of(column).size();
      std::size_t last = first + 1;
      while (last < places.size() && places[last] < end) ++last;
      const float value = evened ? 1 / std::sqrt(static_cast<float>(last - first)) : 1.0F;
      for (; first < last; ++first) take(places[first], column, value);
    }
  }
  std::span<const float> vector(const std::vector<float>& of, std::size_t place) const {
    return std::span{of}.subspan(place * factors, factors);
  }
  // Of an input as a row has it: what multiplies the vector, and the vector.
  std::span<const float> vector_of(std::size_t input, float given, float& value) const {
    const bool absent = std::isnan(given);
    value = absent ? 1 : inputs[input].value(given);
    return vector(of_inputs, 2 * input + (absent ? 1 : 0));
  }
};

// Which inputs are the item's.
struct FactorSides {
  FactorSides(const Factorisation& of, const Domain& domain);
  std::vector<std::uint8_t> input_is_items;   // [inputs]
  std::vector<std::uint8_t> column_is_items;  // [columns of words]; of pairs, kNeither: they meet nothing
  static constexpr std::uint8_t kNeither = 2;
};

// A sum of vectors, and what its parts add with each other: for sets of inputs that all meet.
class FactorSum {
 public:
  explicit FactorSum(std::size_t factors) : sum_(factors) {}
  void clear();
  void add(std::span<const float> vector, float value = 1);
  std::span<const float> sum() const { return sum_; }
  // Sum over all pairs of parts of their products: (|sum|^2 - sum of |part|^2) / 2.
  float among() const;
  float with(std::span<const float> other) const;

 private:
  std::vector<float> sum_;
  float squares_ = 0;
};

// A model of the function, for domains with this feature fingerprint.
std::shared_ptr<const Model> make_factorization_model(Factorisation of, const Domain& domain);

}  // namespace rankloop::ml
