// Words as numbers that trees can split, column by column in one of two ways.
//
// Shares: how often what has the word was picked, (picks + 10 x mean) / (showings + 10), both weighted; a
// set's is the mean of its words', of a set without words and of one that is absent it is none (NaN). A
// training row sees what was known before its request, so no label tells of itself: ordered target statistics
// (Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", NeurIPS 2018), with the
// order that requests have.
//
// Themselves: each word has a number of its own and says no more; a split takes any of them to one side, by
// their gradients (Fisher, "On grouping for maximum homogeneity", JASA 1958, as XGBoost has it). One that the
// training rows do not have is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "domain/domain.h"
#include "domain/schema.h"
#include "ml/artefact.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

enum class WordsAs : std::uint8_t { kShares, kThemselves };

// By column of words.
using WordWays = std::vector<WordsAs>;

// Columns of one word a row, of few enough words that a level of trees so deep keeps their sums in bounds,
// are themselves; the others are shares.
WordWays words_themselves(const Domain& domain, const LabelledRows& rows, int depth);

// Immutable once fitted; thread-safe.
class WordNumbers {
 public:
  static constexpr std::size_t kMostWords = 100'000;     // of one column of shares, the most shown ones
  static constexpr std::size_t kMostThemselves = 4'096;  // of one column

  WordNumbers() = default;
  // Of parts that follow each other in time, with one dictionary; the first is learned from. Gives the rows
  // of `encoded`, one for each part, the numbers of the rows and then those of their words.
  static WordNumbers fit(std::span<const LabelledRows* const> parts, const WordWays& ways,
                         std::span<LabelledRows> encoded);

  std::size_t columns() const { return columns_.size(); }
  WordsAs way(std::size_t column) const { return columns_[column].way; }
  // Is any column's way kThemselves?
  bool any_themselves() const;
  float number(std::size_t column, const Words& words) const;

  // By the codes of a dictionary, as it is now.
  class Translation {
   public:
    Translation(const WordNumbers& numbers, const Dictionary& dictionary);
    float number(std::size_t column, std::span<const std::int32_t> codes) const;

   private:
    struct Column {
      std::vector<float> numbers;  // by code
      float unknown = 0;
    };
    std::vector<Column> columns_;
  };

  void write(ByteWriter& writer) const;
  // What write() wrote; of version 0.2, which had `only_shares`. Not sound: no numbers of so many columns, or
  // shares beyond 0..1.
  static WordNumbers read(ByteReader& reader, std::size_t columns, bool only_shares, bool& sound);

 private:
  struct Column {
    WordsAs way = WordsAs::kShares;
    std::map<std::string, float, std::less<>> numbers;
  };

  static void count_off(Column& column);
  float unknown(const Column& column) const;

  std::vector<Column> columns_;
  float mean_ = 0;  // of all rows: what a share without a known word counts as
};

}  // namespace rankloop::ml
