// The rows of a training as a factorisation sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ml/families/factorization/factors.h"
#include "ml/labelled_rows.h"
#include "ml/train.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

// What is known of rows before the first epoch. Borrows the rows.
struct FactorRows {
  // `shape` has the linear part, the inputs and the keys; its vectors need not be there.
  FactorRows(const LabelledRows& of, const Factorisation& shape, Objective objective);

  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Group {  // the rows of a request; or one row by itself
    std::size_t first = 0;
    std::size_t last = 0;
    double weight = 0;  // of its picks; or of the row
  };

  // How many picks a row speaks for.
  static double picks(const LabelledRows& of, std::size_t row) {
    return static_cast<double>(of.weight(row)) * static_cast<double>(of.labels[row]);
  }

  const LabelledRows& rows;
  const Objective objective;
  PlacesOfRows places;                      // of words
  std::vector<float> linear;                // [rows] log-odds
  std::vector<std::uint32_t> item, person;  // [rows] places among the keys, or kNone
  std::vector<Group> groups;                // that weigh something
};

// The inputs of rows by what is learned for them. A slot has a vector: there are two for each number (of its
// value, of its absence), then one for each word, item and person. Immutable; refers to what it is made of.
class FactorSlots {
 public:
  FactorSlots(const Factorisation& shape, const FactorSides& sides)
      : shape_(shape),
        sides_(sides),
        first_word_(static_cast<std::uint32_t>(2 * shape.inputs.size())),
        first_item_(first_word_ + shape.linear.words.size()),
        first_person_(first_item_ + static_cast<std::uint32_t>(shape.items.size())),
        size_(first_person_ + static_cast<std::uint32_t>(shape.people.size())) {}

  std::uint32_t size() const { return size_; }
  std::uint32_t first_word() const { return first_word_; }
  std::uint32_t first_item() const { return first_item_; }
  std::uint32_t first_person() const { return first_person_; }

  // Calls take(slot, value) for every input of the row that is the item's, or that is the request's.
  template <class Take>
  void each(const FactorRows& rows, std::size_t row, bool of_item, Take take) const {
    const auto wanted = static_cast<std::uint8_t>(of_item ? 1 : 0);
    for (std::uint32_t i = 0; i < shape_.inputs.size(); ++i) {
      if (sides_.input_is_items[i] != wanted) continue;
      const FactorInput& input = shape_.inputs[i];
      const float given = rows.rows.values[row * rows.rows.width + input.column];
      if (std::isnan(given)) {
        take(2 * i + 1, 1.0F);
      } else {
        take(2 * i, input.value(given));
      }
    }
    shape_.each_word(rows.places.at(row), [&](std::uint32_t place, std::size_t column, float value) {
      if (sides_.column_is_items[column] == wanted) take(first_word_ + place, value);
    });
    const std::uint32_t key = of_item ? rows.item[row] : rows.person[row];
    if (key != FactorRows::kNone) take((of_item ? first_item_ : first_person_) + key, 1.0F);
  }

 private:
  const Factorisation& shape_;
  const FactorSides& sides_;
  const std::uint32_t first_word_, first_item_, first_person_, size_;
};

}  // namespace rankloop::ml
