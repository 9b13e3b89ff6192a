// Sorts pairs of code and row.
#include "ml/postings.h"

#include <algorithm>

namespace rankloop::ml {

Postings::Postings(const CodeColumn& codes, std::span<const std::uint8_t> live) {
  struct Pair {
    std::int32_t code = 0;
    std::uint16_t row = 0;
    std::uint16_t times = 1;
    auto operator<=>(const Pair&) const = default;
  };
  std::vector<Pair> pairs;
  for (std::size_t row = 0; row < live.size(); ++row) {
    if (live[row] == 0) continue;
    const auto of_row = codes.at(row);
    for (auto code = of_row.begin(); code != of_row.end();) {
      const auto next = std::find_if(code, of_row.end(), [&](std::int32_t other) { return other != *code; });
      pairs.push_back({*code, static_cast<std::uint16_t>(row), static_cast<std::uint16_t>(next - code)});
      code = next;
    }
    if (of_row.size() == 1 && of_row.front() == kAbsentCode) continue;
    ++given_;
    count_ += of_row.size();
  }
  std::sort(pairs.begin(), pairs.end());
  rows_.reserve(pairs.size());
  for (const auto& [code, row, times] : pairs) {
    if (codes_.empty() || codes_.back() != code) {
      codes_.push_back(code);
      ends_.push_back(0);
    }
    rows_.emplace_back(row, times);
    ends_.back() = static_cast<std::uint32_t>(rows_.size());
  }
}

std::span<const Posting> Postings::rows_with(std::int32_t code) const {
  const auto found = std::lower_bound(codes_.begin(), codes_.end(), code);
  if (found == codes_.end() || *found != code) return {};
  const auto at = static_cast<std::size_t>(found - codes_.begin());
  const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
  return std::span{rows_}.subspan(begin, ends_[at] - begin);
}

}  // namespace rankloop::ml
