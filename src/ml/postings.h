// An inverted index of a chunk's column of codes: which rows have a code, and how often.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ml/code_column.h"

namespace rankloop::ml {

// A row that has a code: two bytes.
class Posting {
 public:
  static constexpr std::size_t kMostRows = 4'096;
  static constexpr std::size_t kMany = 16;

  Posting(std::size_t row, std::size_t times)
      : bits_(static_cast<std::uint16_t>(row * kMany + (times < kMany ? times : kMany) - 1)) {}

  std::size_t row() const { return bits_ / kMany; }
  // How often it has the code; kMany: so often or more.
  std::size_t times() const { return bits_ % kMany + 1; }

 private:
  std::uint16_t bits_;
};

// Immutable. Takes two bytes for each different code of a row and eight for each code of the chunk.
class Postings {
 public:
  // Of the rows that are live, at most Posting::kMostRows; the codes of a row ascend.
  Postings(const CodeColumn& codes, std::span<const std::uint8_t> live);

  // The rows that have a code, each once, ascending; of kAbsentCode, those of which nothing is known.
  std::span<const Posting> rows_with(std::int32_t code) const;
  std::size_t given() const { return given_; }  // live rows that are not absent
  std::size_t codes() const { return count_; }  // how many codes these have together

 private:
  std::vector<std::int32_t> codes_;  // ascending, each once
  std::vector<std::uint32_t> ends_;  // by code, in `rows_`
  std::vector<Posting> rows_;
  std::size_t given_ = 0;
  std::size_t count_ = 0;
};

}  // namespace rankloop::ml
