// The rows of a fit as a matrix: numbers written down a block at a time, words as the places of their ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <Eigen/Core>

#include "ml/labelled_rows.h"
#include "ml/standardise.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

// Rows are standardised anew in every step, a block at a time: a copy of them all in double precision would
// be twice as large as the rows themselves. A block holds whole requests.
inline constexpr std::size_t kFitRows = 512;

// Some rows: their numbers, standardised, with the 1 of the intercept as the last one, and the places of
// their words. Slopes stand in the order numbers, places, intercept.
class Design {
 public:
  Design(const Eigen::Ref<const Eigen::MatrixXd>& numbers, const PlacesOfRows& places, std::size_t first,
         Eigen::Index words)
      : numbers_(numbers), places_(places), first_(first), words_(words) {}

  Eigen::Index rows() const { return numbers_.rows(); }
  const Eigen::Ref<const Eigen::MatrixXd>& numbers() const { return numbers_; }

  Eigen::VectorXd times(const Eigen::VectorXd& slopes) const;
  // Adds the design's transpose times one number a row.
  void add_transposed(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const;
  // The same of the squares of what the design holds.
  void add_squares(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const;

 private:
  Eigen::Index count() const { return numbers_.cols() - 1; }
  std::span<const std::uint32_t> places(Eigen::Index row) const {
    return places_.at(first_ + static_cast<std::size_t>(row));
  }
  void add_to_places(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const;

  Eigen::Ref<const Eigen::MatrixXd> numbers_;
  const PlacesOfRows& places_;
  const std::size_t first_;
  const Eigen::Index words_;
};

// Makes designs, one at a time.
class Block {
 public:
  Block(std::span<const StandardInput> inputs, const Vocabularies& words)
      : inputs_(inputs),
        words_(static_cast<Eigen::Index>(words.size())),
        values_(static_cast<Eigen::Index>(kFitRows), static_cast<Eigen::Index>(inputs.size()) + 1) {}

  Eigen::Index slopes() const { return values_.cols() + words_; }
  bool has_words() const { return words_ > 0; }

  Design load(const LabelledRows& rows, const PlacesOfRows& places, std::size_t first, std::size_t count);

 private:
  const std::span<const StandardInput> inputs_;
  const Eigen::Index words_;
  Eigen::MatrixXd values_;
};

}  // namespace rankloop::ml
