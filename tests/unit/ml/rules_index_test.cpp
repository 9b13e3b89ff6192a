// Rules answered by postings, against the same rules asked row by row.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/code_set.h"
#include "ml/postings.h"
#include "ml/rules.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

using Kind = RuleCondition::Kind;

constexpr std::int64_t kWords = 40;

std::string drawn_word(SampleNumbers& random, std::int64_t most) {
  return "w" + std::to_string(random.whole(0, most));
}

Words drawn_words(SampleNumbers& random, std::int64_t count) {
  if (random.chance(0.1)) return std::nullopt;
  std::vector<std::string> words;
  for (std::int64_t i = random.whole(0, count); i > 0; --i) {
    std::string word = drawn_word(random, kWords);
    if (std::ranges::count(words, word) == 0) words.push_back(std::move(word));
  }
  return words;
}

// A category, tags, and a number.
Values drawn_item(SampleNumbers& random) {
  Values item;
  item.numbers = {random.chance(0.1) ? kSampleAbsent : random.uniform(0, 1)};
  item.words = {{{drawn_word(random, kWords)}}, drawn_words(random, 4)};
  if (random.chance(0.1)) item.words[0] = std::nullopt;
  return item;
}

RuleCondition drawn_condition(SampleNumbers& random, int depth) {
  RuleCondition condition;
  const std::int64_t kind = random.whole(0, depth > 0 ? 7 : 4);
  condition.left.side = Side::kItem;
  if (kind == 0) {
    condition.op = Comparison::kGreater;
    condition.right.constant = 0.3;
  } else if (kind <= 4) {
    condition.kind = random.chance(0.3) ? Kind::kSame : Kind::kCommon;
    condition.of_words = true;
    condition.left.column = static_cast<std::size_t>(random.whole(0, 1));
    if (random.chance(0.7))
      condition.right.side = Side::kRequest;
    else
      condition.right.words = drawn_words(random, 3).value_or(std::vector<std::string>{"w1"});
  } else {
    condition.left = {};
    condition.kind = kind == 5 ? Kind::kNot : kind == 6 ? Kind::kAnd : Kind::kOr;
    const std::int64_t parts = kind == 5 ? 1 : 2;
    for (std::int64_t i = 0; i < parts; ++i) condition.parts.push_back(drawn_condition(random, depth - 1));
  }
  return condition;
}

std::shared_ptr<const Domain> drawn_domain(SampleNumbers& random) {
  Domain domain;
  for (std::int64_t r = random.whole(1, 3); r > 0; --r)
    domain.rules.push_back({drawn_condition(random, 2), "", random.chance(0.3)});
  // So that the catalog holds them whatever the rules ask for.
  domain.features = {{"number", Side::kItem, 0},
                     {"category", Side::kItem, 0, FeatureKind::kCode},
                     {"tags", Side::kItem, 1, FeatureKind::kCodes}};
  return share(std::move(domain));
}

std::vector<std::uint32_t> by_scan(const Catalog& catalog, const Eligibility& eligibility) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < catalog.rows(); ++row) {
    const bool live = catalog.chunks()[row / kChunkRows]->live[row % kChunkRows] != 0;
    if (live && eligibility.holds_for(row)) rows.push_back(row);
  }
  return rows;
}

TEST(RulesIndex, GivesTheRowsThatAScanGives) {
  SampleNumbers random(1);
  std::size_t selective = 0;
  for (int round = 0; round < 60; ++round) {
    auto catalog = Catalog::empty(drawn_domain(random));
    for (std::int64_t version = 1; version <= 3; ++version) {
      std::vector<ItemChange> changes;
      for (int i = 0; i < (version == 1 ? 3'500 : 50); ++i) {
        changes.push_back({ItemId{version == 1 ? i + 1 : random.whole(1, 3'600)}, version, {}});
        if (!random.chance(0.1)) changes.back().values = catalog->pick(drawn_item(random));
      }
      catalog = catalog->with(version, changes);
    }
    for (int asked = 0; asked < 4; ++asked) {
      Values request;
      request.words = {drawn_words(random, 1), drawn_words(random, 2)};
      const Eligibility eligibility(*catalog, request);
      std::vector<std::uint32_t> rows;
      for (std::size_t chunk = 0; chunk < catalog->chunks().size(); ++chunk)
        eligibility.append_eligible(chunk, rows);
      ASSERT_EQ(rows, by_scan(*catalog, eligibility)) << "round " << round;
      if (!rows.empty() && rows.size() < catalog->rows() / 10) ++selective;
    }
  }
  EXPECT_GT(selective, 20U);  // so that the postings were asked
}

TEST(RulesIndex, IsKeptOnlyOfWordsThatRulesAskFor) {
  Domain domain;
  domain.features = {{"category", Side::kItem, 0, FeatureKind::kCode},
                     {"tags", Side::kItem, 1, FeatureKind::kCodes}};
  RuleCondition must{.kind = Kind::kCommon, .of_words = true};
  must.left.side = Side::kItem;
  must.left.column = 1;
  must.right.words = {"sale"};
  domain.rules = {{must, "", false}};
  auto catalog = Catalog::empty(share(std::move(domain)));
  const Values item{{}, {Words{{"acme"}}, Words{{"sale"}}}, {}};
  const std::vector<ItemChange> changes = {{ItemId{1}, 1, catalog->pick(item)}};
  catalog = catalog->with(1, changes);
  EXPECT_EQ(catalog->chunks()[0]->word_postings[0], nullptr);
  ASSERT_NE(catalog->chunks()[0]->word_postings[1], nullptr);
  EXPECT_EQ(catalog->chunks()[0]->word_postings[1]->given(), 1U);
}

TEST(Postings, GiveTheLiveRowsOfACodeAndHowOftenTheyHaveIt) {
  using Found = std::vector<std::pair<std::size_t, std::size_t>>;
  CodeColumn codes;
  const std::vector<std::vector<std::int32_t>> rows = {{3, 5, 5}, {kAbsentCode}, {}, {5}, {3}};
  for (const auto& row : rows) codes.append(row);
  const std::vector<std::uint8_t> live = {1, 1, 1, 1, 0};
  const Postings postings(codes, live);
  const auto with = [&](std::int32_t code) {
    Found found;
    for (const Posting posting : postings.rows_with(code)) found.emplace_back(posting.row(), posting.times());
    return found;
  };
  EXPECT_EQ(with(5), (Found{{0, 2}, {3, 1}}));
  EXPECT_EQ(with(3), (Found{{0, 1}}));
  EXPECT_EQ(with(kAbsentCode), (Found{{1, 1}}));
  EXPECT_TRUE(with(4).empty());
  EXPECT_EQ(postings.given(), 3U);
  EXPECT_EQ(postings.codes(), 4U);
}

TEST(Postings, HoldEveryRowOfAChunkAndStopCountingAtMany) {
  CodeColumn codes;
  for (std::size_t row = 0; row < kChunkRows; ++row)
    codes.append(std::vector<std::int32_t>(1 + row % (Posting::kMany + 3), 7));
  const Postings postings(codes, std::vector<std::uint8_t>(kChunkRows, 1));
  const auto found = postings.rows_with(7);
  ASSERT_EQ(found.size(), kChunkRows);
  for (std::size_t row = 0; row < kChunkRows; ++row) {
    ASSERT_EQ(found[row].row(), row);
    ASSERT_EQ(found[row].times(), std::min(1 + row % (Posting::kMany + 3), Posting::kMany));
  }
}

TEST(CodeSet, HasWhatItWasMadeOf) {
  SampleNumbers random(2);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::int32_t> codes;
    for (int i = 0; i < 8; ++i) codes.push_back(static_cast<std::int32_t>(random.whole(0, 300)));
    std::ranges::sort(codes);
    const CodeSet set(codes);
    for (std::int32_t code = kAbsentCode; code < 400; ++code)
      ASSERT_EQ(set.has(code), std::ranges::binary_search(codes, code)) << code;
  }
  EXPECT_FALSE(CodeSet().has(0));
  EXPECT_FALSE(CodeSet(std::vector<std::int32_t>{INT32_MAX}).has(INT32_MIN));
}

}  // namespace
}  // namespace rankloop::ml
