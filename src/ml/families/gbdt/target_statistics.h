// Words as numbers that trees can split: how often what has the word was picked.
//
// A word's number is (picks + 10 x mean) / (showings + 10), both weighted; a set's is the mean of its words',
// of a set without words and of one that is absent it is none (NaN). A training row sees what was known
// before its request, so no label tells of itself: ordered target statistics (Prokhorenkova et al.,
// "CatBoost: unbiased boosting with categorical features", NeurIPS 2018), with the order that requests have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "domain/schema.h"
#include "ml/artefact.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

// Immutable once fitted; thread-safe.
class TargetStatistics {
 public:
  static constexpr std::size_t kMostWords = 100'000;  // of one column, the most shown ones

  TargetStatistics() = default;
  // Of parts that follow each other in time, with one dictionary. Gives the rows of `encoded`, one for each
  // part, the numbers of the rows and then those of their words.
  static TargetStatistics fit(std::span<const LabelledRows* const> parts, std::span<LabelledRows> encoded);

  std::size_t columns() const { return columns_.size(); }
  float number(std::size_t column, const Words& words) const;

  // By the codes of a dictionary, as it is now.
  class Translation {
   public:
    Translation(const TargetStatistics& statistics, const Dictionary& dictionary);
    float number(std::size_t column, std::span<const std::int32_t> codes) const;

   private:
    std::vector<std::vector<float>> columns_;  // by code
    float unknown_ = 0;
  };

  void write(ByteWriter& writer) const;
  // Not sound: no statistics of so many columns, or numbers beyond 0..1.
  static TargetStatistics read(ByteReader& reader, std::size_t columns, bool& sound);

 private:
  using Column = std::map<std::string, float, std::less<>>;

  std::vector<Column> columns_;
  float mean_ = 0;  // of all rows: what an unknown word counts as
};

}  // namespace rankloop::ml
