// Learns the vectors of a factorisation and the weights of items, over a linear part that is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "ml/families/factorization/factor_rows.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {

struct FactorRecipe {
  double learning_rate = 0.2;
  double penalty = 4;
  std::uint64_t seed = 42;
};

// What is learned: a vector for each slot, a weight for each item, and what the linear part is stretched by.
struct FactorParameters {
  std::vector<float> vectors;  // [slots][k]
  std::vector<float> weights;  // [items]
  float stretch = 1;
};

// Scores of one group of rows and their slopes. Not thread-safe.
class FactorPass {
 public:
  FactorPass(const FactorSlots& slots, std::size_t factors) : slots_(slots), factors_(factors) {}

  // The log-odds of the group's rows.
  std::span<const float> score(const FactorRows& rows, const FactorRows::Group& group,
                               const FactorParameters& at);
  // The loss of the group that was scored last, and its slope by each row's log-odds.
  double loss(const FactorRows& rows, const FactorRows::Group& group);
  // Calls add(slot, slopes of its vector) for every part of every row of that group, after loss().
  template <class Add>
  void each_slope(const FactorParameters& at, Add add);
  std::span<const float> residuals() const { return residuals_; }

 private:
  struct Part {
    std::uint32_t slot = 0;
    float value = 0;
  };
  void add_row(const FactorRows& rows, std::size_t row, bool of_item, const FactorParameters& at, float* sum,
               float& squares);

  const FactorSlots& slots_;
  const std::size_t factors_;
  std::vector<Part> parts_;        // of the request, then of one row after another
  std::vector<std::size_t> ends_;  // of the request's, then of each row's
  std::vector<float> request_;     // [k]
  std::vector<float> items_;       // [rows][k]
  std::vector<float> scores_, residuals_, slopes_;
};

// Adagrad (Duchi, Hazan and Singer, JMLR 2011), a group at a time. Borrows everything. Not thread-safe.
class FactorTrainer {
 public:
  FactorTrainer(const FactorSlots& slots, std::size_t factors, const FactorRows& rows,
                const FactorRecipe& recipe);

  // Goes over all groups in random order; the mean loss of them, or nothing when a stop was requested.
  std::optional<double> epoch(const std::stop_token& stop);
  const FactorParameters& parameters() const { return at_; }

 private:
  void count();
  void draw();
  void learn(const FactorRows::Group& group);
  void touch(std::uint32_t slot);
  void step(float& number, float& squares, float slope) const;

  const FactorSlots& slots_;
  const std::size_t factors_;
  const FactorRows& rows_;
  const FactorRecipe recipe_;
  RandomNumbers random_;
  FactorPass pass_;
  FactorParameters at_;
  FactorParameters squares_;          // of all slopes so far
  std::vector<float> counts_;         // [slots] groups that it occurs in
  std::vector<std::uint32_t> order_;  // of the groups
  std::vector<float> slopes_;         // [slots][k], of the group in hand
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint8_t> is_touched_;  // [slots]
};

// The mean loss of rows, a pick or a row; infinite where none weighs anything.
double mean_loss(const FactorSlots& slots, std::size_t factors, const FactorRows& rows,
                 const FactorParameters& at);

}  // namespace rankloop::ml
