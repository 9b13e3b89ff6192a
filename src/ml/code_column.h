// A column of codes: any number of them a row, and one where nothing was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domain/schema.h"
#include "ml/dictionary.h"

namespace rankloop::ml {

inline constexpr std::int32_t kAbsentCode = -1;  // the only one of a row of which nothing is known

// Takes four bytes a code, and four a row once a row has another number of them than one.
class CodeColumn {
 public:
  std::size_t rows() const { return ends_.empty() ? codes_.size() : ends_.size(); }
  std::span<const std::int32_t> at(std::size_t row) const {
    if (ends_.empty()) return {&codes_[row], 1};
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return std::span{codes_}.subspan(begin, ends_[row] - begin);
  }
  void append(std::span<const std::int32_t> codes);
  // Of a row that is there.
  void set(std::size_t row, std::span<const std::int32_t> codes);

 private:
  void count_rows();

  std::vector<std::uint32_t> ends_;  // [rows] in `codes_`; empty: a code each
  std::vector<std::int32_t> codes_;
};

// The codes of words, each once, ascending; those that the dictionary does not know get their numbers.
std::vector<std::int32_t> codes_of(const Words& words, Dictionary& dictionary);
// Likewise, each as often as it stands there.
std::vector<std::int32_t> every_code_of(const Words& words, Dictionary& dictionary);
// Of the first `most` different ones, in the order of the list; none where nothing was given.
std::vector<std::int32_t> first_codes_of(const Words& words, std::size_t most, Dictionary& dictionary);

}  // namespace rankloop::ml
