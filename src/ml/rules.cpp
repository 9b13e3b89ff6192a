// Applies rules to a chunk of the catalog: to all of its rows, or to those that its postings give.
#include "ml/rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

using Kind = RuleCondition::Kind;
using Of = ItemTest::Of;
using Outcome = ItemTest::Outcome;

// Every comparison but != is false for an absent value (NaN) by itself.
struct NotEqual {
  bool operator()(float left, float right) const { return (left < right) | (left > right); }
};

// Calls use(comparison), so that each becomes one tight loop that the compiler vectorises.
template <class Use>
void with_comparison(Comparison op, Use use) {
  switch (op) {
    case Comparison::kEqual:
      return use(std::equal_to<float>{});
    case Comparison::kNotEqual:
      return use(NotEqual{});
    case Comparison::kLess:
      return use(std::less<float>{});
    case Comparison::kLessEqual:
      return use(std::less_equal<float>{});
    case Comparison::kGreater:
      return use(std::greater<float>{});
    case Comparison::kGreaterEqual:
      return use(std::greater_equal<float>{});
  }
}

Outcome outcome_of(bool holds) {
  return holds ? Outcome::kHolds : Outcome::kFails;
}

bool have_common(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) return true;
    a[i] < b[j] ? ++i : ++j;
  }
  return false;
}

// Makes tests of conditions for one request.
class Binder {
 public:
  Binder(const Catalog& catalog, const ValuesView& request) : catalog_(catalog), request_(request) {}

  ItemTest bind(const RuleCondition& condition) const {
    switch (condition.kind) {
      case Kind::kCompare:
        return bind_comparison(condition);
      case Kind::kSame:
      case Kind::kCommon:
        return bind_words(condition);
      case Kind::kAbsent:
        return bind_absence(condition);
      default:
        break;
    }
    ItemTest test{.of = condition.kind == Kind::kNot   ? Of::kNot
                        : condition.kind == Kind::kAnd ? Of::kAnd
                                                       : Of::kOr};
    for (const RuleCondition& part : condition.parts) test.parts.push_back(bind(part));
    return test;
  }

 private:
  // Of the request, or constant.
  float number(const RuleCondition::Operand& operand) const {
    return feature_value(operand.side ? request_.numbers[operand.column] : operand.constant);
  }
  Words words(const RuleCondition::Operand& operand) const {
    return operand.side ? request_.words[operand.column] : Words{operand.words};
  }

  ItemTest bind_comparison(const RuleCondition& condition) const {
    const float right = number(condition.right);
    if (condition.left.side == Side::kItem && !std::isnan(right)) {
      return {.of = Of::kNumber,
              .position = catalog_.position_of(condition.left.column),
              .op = condition.op,
              .right = right};
    }
    if (condition.left.side == Side::kItem) return {};
    const float left = number(condition.left);
    if (std::isnan(left) || std::isnan(right)) return {};
    return {.decided =
                outcome_of(holds(static_cast<double>(left), condition.op, static_cast<double>(right)))};
  }

  ItemTest bind_words(const RuleCondition& condition) const {
    Words right = words(condition.right);
    if (!right) return {};
    std::sort(right->begin(), right->end());
    right->erase(std::unique(right->begin(), right->end()), right->end());
    const bool same = condition.kind == Kind::kSame;
    if (condition.left.side != Side::kItem) return decided_words(same, words(condition.left), *right);
    ItemTest test{.of = same ? Of::kSame : Of::kCommon,
                  .position = catalog_.word_position_of(condition.left.column),
                  .words = right->size()};
    for (const std::string& word : *right) {
      if (const auto code = catalog_.dictionary().find(word)) test.codes.push_back(*code);
    }
    std::sort(test.codes.begin(), test.codes.end());
    return test;
  }

  static ItemTest decided_words(bool same, Words left, const std::vector<std::string>& right) {
    if (!left) return {};
    std::sort(left->begin(), left->end());
    const auto shared = [&](const std::string& word) { return std::ranges::binary_search(right, word); };
    return {.decided = outcome_of(same ? *left == right : std::ranges::any_of(*left, shared))};
  }

  ItemTest bind_absence(const RuleCondition& condition) const {
    const RuleCondition::Operand& field = condition.left;
    if (field.side != Side::kItem) {
      const bool absent =
          condition.of_words ? !request_.words[field.column] : std::isnan(request_.numbers[field.column]);
      return {.decided = outcome_of(absent)};
    }
    if (condition.of_words)
      return {.of = Of::kWordsAbsent, .position = catalog_.word_position_of(field.column)};
    return {.of = Of::kNumberAbsent, .position = catalog_.position_of(field.column)};
  }

  const Catalog& catalog_;
  const ValuesView& request_;
};

bool is_absent(std::span<const std::int32_t> codes) {
  return codes.size() == 1 && codes.front() == kAbsentCode;
}

// What a test says of one row of a chunk.
Outcome outcome(const ItemTest& test, const CatalogChunk& chunk, std::size_t row) {
  switch (test.of) {
    case Of::kDecided:
      return test.decided;
    case Of::kNumber: {
      const float value = chunk.column(test.position)[row];
      if (std::isnan(value)) return Outcome::kUndecided;
      return outcome_of(holds(static_cast<double>(value), test.op, static_cast<double>(test.right)));
    }
    case Of::kSame: {
      const auto codes = chunk.codes[test.position].at(row);
      if (is_absent(codes)) return Outcome::kUndecided;
      return outcome_of(test.codes.size() == test.words && std::ranges::equal(codes, test.codes));
    }
    case Of::kCommon: {
      const auto codes = chunk.codes[test.position].at(row);
      return is_absent(codes) ? Outcome::kUndecided : outcome_of(have_common(codes, test.codes));
    }
    case Of::kNumberAbsent:
      return outcome_of(std::isnan(chunk.column(test.position)[row]));
    case Of::kWordsAbsent:
      return outcome_of(is_absent(chunk.codes[test.position].at(row)));
    case Of::kNot: {
      const Outcome part = outcome(test.parts.front(), chunk, row);
      return part == Outcome::kUndecided ? part : outcome_of(part == Outcome::kFails);
    }
    case Of::kAnd:
    case Of::kOr:
      break;
  }
  const Outcome decisive = test.of == Of::kAnd ? Outcome::kFails : Outcome::kHolds;
  Outcome joined = test.of == Of::kAnd ? Outcome::kHolds : Outcome::kFails;
  for (const ItemTest& part : test.parts) {
    const Outcome one = outcome(part, chunk, row);
    if (one == decisive) return one;
    if (one == Outcome::kUndecided) joined = one;
  }
  return joined;
}

}  // namespace

BoundCondition::BoundCondition(const Catalog& catalog, const ValuesView& request,
                               const RuleCondition& condition)
    : catalog_(catalog), test_(Binder(catalog, request).bind(condition)) {}

bool BoundCondition::holds_for(std::uint32_t row) const {
  return outcome(test_, *catalog_.chunks()[row / kChunkRows], row % kChunkRows) == Outcome::kHolds;
}

Eligibility::Eligibility(const Catalog& catalog, const ValuesView& request) : catalog_(catalog) {
  const Binder binder(catalog, request);
  for (const Rule& rule : catalog.domain().rules)
    rules_.push_back({binder.bind(rule.must), rule.absent_passes});
  for (const BoundRule& rule : rules_) {
    if (!rule.absent_passes) add_needed(rule.must);
  }
}

void Eligibility::add_needed(const ItemTest& must) {
  if (must.of == Of::kAnd) {
    for (const ItemTest& part : must.parts) add_needed(part);
  } else if (must.of == Of::kCommon) {
    needed_.push_back({must.position, must.codes, false});
  } else if (must.of == Of::kSame && must.words > 0) {
    // What the dictionary does not know, no item has.
    const bool known = must.codes.size() == must.words;
    needed_.push_back({must.position, known ? must.codes : std::vector<std::int32_t>{}, known});
  }
}

// At most so many.
std::size_t Eligibility::rows_with(const Needed& needed, const CatalogChunk& chunk) {
  const Postings& postings = *chunk.word_postings[needed.position];
  std::size_t rows = needed.all ? chunk.rows : 0;
  for (const std::int32_t code : needed.codes) {
    const std::size_t with = postings.rows_with(code).size();
    rows = needed.all ? std::min(rows, with) : rows + with;
  }
  return rows;
}

// False: no word is rare enough, so that going through all rows is as good.
bool Eligibility::append_by_postings(std::size_t chunk_number, std::vector<std::uint32_t>& rows) const {
  constexpr std::size_t kRare = 10;  // one row in so many
  const CatalogChunk& chunk = *catalog_.chunks()[chunk_number];
  const Needed* rarest = nullptr;
  std::size_t fewest = chunk.rows / kRare;
  for (const Needed& needed : needed_) {
    const std::size_t some = rows_with(needed, chunk);
    if (some > fewest) continue;
    fewest = some;
    rarest = &needed;
  }
  if (rarest == nullptr) return false;
  std::vector<std::uint32_t> found;
  for (const std::int32_t code : rarest->codes) {
    const auto with = chunk.word_postings[rarest->position]->rows_with(code);
    if (rarest->all && with.size() > fewest) continue;
    for (const Posting posting : with) found.push_back(static_cast<std::uint32_t>(posting.row()));
    if (rarest->all) break;
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  const auto first = static_cast<std::uint32_t>(chunk_number * kChunkRows);
  for (const std::uint32_t row : found) {
    std::uint8_t kept = 1;
    keep_eligible(chunk, row, {&kept, 1});
    if (kept != 0) rows.push_back(first + row);
  }
  return true;
}

void Eligibility::keep_eligible(const CatalogChunk& chunk, std::size_t first,
                                std::span<std::uint8_t> kept) const {
  for (const BoundRule& rule : rules_) {
    const ItemTest& must = rule.must;
    if (must.of == Of::kNumber && !rule.absent_passes) {
      const auto column = chunk.column(must.position).subspan(first, kept.size());
      with_comparison(must.op, [&](auto compare) {
        for (std::size_t i = 0; i < kept.size(); ++i) {
          kept[i] =
              static_cast<std::uint8_t>(kept[i] & static_cast<std::uint8_t>(compare(column[i], must.right)));
        }
      });
      continue;
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i] == 0) continue;
      const Outcome said = outcome(must, chunk, first + i);
      kept[i] = said == Outcome::kHolds || (said == Outcome::kUndecided && rule.absent_passes) ? 1 : 0;
    }
  }
}

bool Eligibility::holds_for(std::uint32_t row) const {
  std::uint8_t kept = 1;
  keep_eligible(*catalog_.chunks()[row / kChunkRows], row % kChunkRows, {&kept, 1});
  return kept != 0;
}

void Eligibility::append_eligible(std::size_t chunk_number, std::vector<std::uint32_t>& rows) const {
  if (append_by_postings(chunk_number, rows)) return;
  const CatalogChunk& chunk = *catalog_.chunks()[chunk_number];
  std::array<std::uint8_t, kChunkRows> kept;
  std::copy(chunk.live.begin(), chunk.live.end(), kept.begin());
  keep_eligible(chunk, 0, std::span(kept).first(chunk.rows));
  const auto first = static_cast<std::uint32_t>(chunk_number * kChunkRows);
  for (std::uint32_t i = 0; i < chunk.rows; ++i) {
    if (kept[i] != 0) rows.push_back(first + i);
  }
}

}  // namespace rankloop::ml
