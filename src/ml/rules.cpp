// Applies rules to a chunk of the catalog.
#include "ml/rules.h"

#include <algorithm>
#include <array>
#include <functional>

namespace rankloop::ml {
namespace {

// Every comparison but != is false for an absent value (NaN) by itself.
struct NotEqual {
  bool operator()(float left, float right) const { return (left < right) | (left > right); }
};

// One tight loop per comparison, so that the compiler vectorises it.
template <class Compare>
void keep_where(std::span<const float> column, float right, std::span<std::uint8_t> kept, Compare compare) {
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i] = static_cast<std::uint8_t>(kept[i] & static_cast<std::uint8_t>(compare(column[i], right)));
  }
}

void keep_eligible(std::span<const float> column, Comparison op, float right, std::span<std::uint8_t> kept) {
  switch (op) {
    case Comparison::kEqual:
      return keep_where(column, right, kept, std::equal_to<float>{});
    case Comparison::kNotEqual:
      return keep_where(column, right, kept, NotEqual{});
    case Comparison::kLess:
      return keep_where(column, right, kept, std::less<float>{});
    case Comparison::kLessEqual:
      return keep_where(column, right, kept, std::less_equal<float>{});
    case Comparison::kGreater:
      return keep_where(column, right, kept, std::greater<float>{});
    case Comparison::kGreaterEqual:
      return keep_where(column, right, kept, std::greater_equal<float>{});
  }
}

}  // namespace

Eligibility::Eligibility(const Catalog& catalog, const ValuesView& request) : catalog_(catalog) {
  for (const Rule& rule : catalog.domain().rules) {
    const double right = rule.request_column ? request.numbers[*rule.request_column] : rule.constant;
    terms_.push_back({catalog.position_of(rule.item_column), rule.op, static_cast<float>(right)});
  }
}

bool Eligibility::holds_for(std::uint32_t row) const {
  const CatalogChunk& chunk = *catalog_.chunks()[row / kChunkRows];
  std::uint8_t kept = 1;
  for (const Term& term : terms_) {
    keep_eligible(chunk.column(term.position).subspan(row % kChunkRows, 1), term.op, term.right, {&kept, 1});
  }
  return kept != 0;
}

void Eligibility::append_eligible(std::size_t chunk_number, std::vector<std::uint32_t>& rows) const {
  const CatalogChunk& chunk = *catalog_.chunks()[chunk_number];
  std::array<std::uint8_t, kChunkRows> kept;
  std::copy(chunk.live.begin(), chunk.live.end(), kept.begin());
  for (const Term& term : terms_) {
    keep_eligible(chunk.column(term.position), term.op, term.right, std::span(kept).first(chunk.rows));
  }
  const auto first = static_cast<std::uint32_t>(chunk_number * kChunkRows);
  for (std::uint32_t i = 0; i < chunk.rows; ++i) {
    if (kept[i] != 0) rows.push_back(first + i);
  }
}

}  // namespace rankloop::ml
