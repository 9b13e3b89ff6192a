// An inverted index of a chunk's column of codes: which rows have a code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ml/code_column.h"

namespace rankloop::ml {

// Immutable. Takes two bytes for each code of a row and eight for each code of the chunk.
class Postings {
 public:
  // Of the rows that are live; at most 65,536 rows.
  Postings(const CodeColumn& codes, std::span<const std::uint8_t> live);

  // The rows that have a code, each once, ascending; of kAbsentCode, those of which nothing is known.
  std::span<const std::uint16_t> rows_with(std::int32_t code) const;
  std::size_t given() const { return given_; }  // live rows that are not absent
  std::size_t codes() const { return count_; }  // how many codes these have together

 private:
  std::vector<std::int32_t> codes_;  // ascending, each once
  std::vector<std::uint32_t> ends_;  // by code, in `rows_`
  std::vector<std::uint16_t> rows_;
  std::size_t given_ = 0;
  std::size_t count_ = 0;
};

}  // namespace rankloop::ml
