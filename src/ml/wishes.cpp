// Binds wishes to a catalog and a request.
#include "ml/wishes.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {
namespace {

using How = Wish::How;

bool holds_column(const Catalog& catalog, bool of_words, std::size_t column) {
  return std::ranges::binary_search(of_words ? catalog.item_words() : catalog.item_columns(), column);
}

std::optional<std::string> not_held(const RuleCondition& condition, const Catalog& catalog) {
  const RuleCondition::Operand& left = condition.left;
  if (left.side == Side::kItem && !holds_column(catalog, condition.of_words, left.column)) return left.name;
  for (const RuleCondition& part : condition.parts) {
    if (auto name = not_held(part, catalog)) return name;
  }
  return std::nullopt;
}

}  // namespace

double log_odds_of(double probability) {
  constexpr double kCertain = 1e-12;  // nearer to 0 or 1 log-odds are cut off
  const double odds = std::clamp(probability, kCertain, 1 - kCertain);
  return std::log(odds / (1 - odds));
}

BoundWishes::BoundWishes(const WishesInForce& wishes, const Catalog& catalog, const ValuesView& request,
                         const Past* past)
    : catalog_(catalog) {
  for (const Wish& wish : wishes.wishes) {
    switch (wish.how) {
      case How::kNotAgain:
        add_seen(wish, past);
        break;
      case How::kAtMost:
        bounds_.push_back({wish.most, wish.first, catalog.word_position_of(wish.word)});
        break;
      case How::kBoost:
        boosts_.push_back({bind(wish, request), wish.by});
        break;
      case How::kPin:
        pins_.push_back({bind(wish, request), wish.at - 1});
        break;
      case How::kBlock:
        blocks_.push_back(bind(wish, request));
        break;
    }
  }
  std::ranges::sort(seen_);
}

BoundWishes::Where BoundWishes::bind(const Wish& wish, const ValuesView& request) const {
  Where where;
  for (const Wish::Condition& condition : wish.where) where.emplace_back(catalog_, request, condition.holds);
  return where;
}

bool BoundWishes::holds(const Where& where, std::uint32_t row) {
  return std::ranges::all_of(where, [&](const BoundCondition& each) { return each.holds_for(row); });
}

void BoundWishes::add_seen(const Wish& wish, const Past* past) {
  if (past == nullptr) return;
  for (const ItemId item : past->own_items(wish.kind, wish.reach, wish.span, wish.times)) {
    if (const auto row = catalog_.find(item)) seen_.push_back(*row);
  }
}

void BoundWishes::leave_out(std::vector<std::uint32_t>& rows) const {
  if (seen_.empty() && blocks_.empty()) return;
  std::erase_if(rows, [&](std::uint32_t row) {
    return std::ranges::binary_search(seen_, row) ||
           std::ranges::any_of(blocks_, [&](const Where& where) { return holds(where, row); });
  });
}

double BoundWishes::boost(std::uint32_t row) const {
  double sum = 0;
  for (const Boost& boost : boosts_) sum += holds(boost.where, row) ? boost.by : 0;
  return sum;
}

std::int32_t BoundWishes::code_of(const Bound& bound, std::uint32_t row) const {
  const auto codes = catalog_.chunks()[row / kChunkRows]->codes[bound.position].at(row % kChunkRows);
  return codes.empty() ? kAbsentCode : codes.front();
}

std::optional<std::string> field_not_held(const Wish& wish, const Catalog& catalog) {
  if (wish.how == How::kAtMost && !holds_column(catalog, true, wish.word)) return wish.field;
  for (const Wish::Condition& condition : wish.where) {
    if (auto name = not_held(condition.holds, catalog)) return name;
  }
  return std::nullopt;
}

}  // namespace rankloop::ml
