// Columns of codes.
#include "ml/code_column.h"

#include <algorithm>

namespace rankloop::ml {

void CodeColumn::append(std::span<const std::int32_t> codes) {
  if (ends_.empty() && codes.size() != 1) count_rows();
  const bool counted = !ends_.empty() || codes.size() != 1;
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  if (counted) ends_.push_back(static_cast<std::uint32_t>(codes_.size()));
}

void CodeColumn::set(std::size_t row, std::span<const std::int32_t> codes) {
  if (ends_.empty() && codes.size() == 1) {
    codes_[row] = codes.front();
    return;
  }
  if (ends_.empty()) count_rows();
  const std::size_t before = at(row).size();
  const auto begin = codes_.begin() + (row == 0 ? 0 : static_cast<std::ptrdiff_t>(ends_[row - 1]));
  const auto kept = std::min(before, codes.size());
  std::copy_n(codes.begin(), kept, begin);
  if (before > kept)
    codes_.erase(begin + static_cast<std::ptrdiff_t>(kept), begin + static_cast<std::ptrdiff_t>(before));
  if (codes.size() > kept) {
    codes_.insert(begin + static_cast<std::ptrdiff_t>(kept),
                  codes.begin() + static_cast<std::ptrdiff_t>(kept), codes.end());
  }
  for (std::size_t r = row; r < ends_.size(); ++r)
    ends_[r] = static_cast<std::uint32_t>(ends_[r] + codes.size() - before);
}

void CodeColumn::count_rows() {
  ends_.reserve(codes_.size() + 1);
  for (std::size_t row = 0; row < codes_.size(); ++row) ends_.push_back(static_cast<std::uint32_t>(row + 1));
}

std::vector<std::int32_t> every_code_of(const Words& words, Dictionary& dictionary) {
  if (!words) return {kAbsentCode};
  std::vector<std::int32_t> codes;
  for (const std::string& word : *words) codes.push_back(dictionary.add(word));
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::vector<std::int32_t> first_codes_of(const Words& words, std::size_t most, Dictionary& dictionary) {
  std::vector<std::int32_t> codes;
  if (!words) return codes;
  for (const std::string& word : *words) {
    if (codes.size() == most) break;
    const std::int32_t code = dictionary.add(word);
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  }
  return codes;
}

std::vector<std::int32_t> codes_of(const Words& words, Dictionary& dictionary) {
  std::vector<std::int32_t> codes = every_code_of(words, dictionary);
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

}  // namespace rankloop::ml
