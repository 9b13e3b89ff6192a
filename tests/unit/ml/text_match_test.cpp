// Matches of texts against a plain implementation of BM25, while the catalog changes.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/compound_cross.h"
#include "ml/feature_space.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

using Text = std::vector<std::string>;
using Texts = std::map<std::int64_t, Words>;  // of the live items, by id

constexpr double kK1 = 1.6;
constexpr double kB = 0.4;

// A match and the share of what was found, of the same texts.
std::shared_ptr<const Domain> text_domain() {
  Domain domain;
  domain.crosses = {{.name = "match", .op = CrossOp::kMatch, .k1 = kK1, .b = kB},
                    {.name = "found", .op = CrossOp::kFound}};
  return share(std::move(domain));
}

Values with_text(const Words& text) {
  return {{}, {}, {text}};
}

// As the books write it.
double bm25(const Text& asked, const Text& offered, const Texts& all) {
  double count = 0, words = 0;
  for (const auto& [id, text] : all) {
    if (!text) continue;
    count += 1;
    words += static_cast<double>(text->size());
  }
  double sum = 0;
  for (const std::string& word : std::set<std::string>(asked.begin(), asked.end())) {
    const auto with = static_cast<double>(std::ranges::count_if(
        all, [&](const auto& each) { return each.second && std::ranges::count(*each.second, word) > 0; }));
    const auto times = static_cast<double>(std::ranges::count(offered, word));
    const double idf = std::log(1 + (count - with + 0.5) / (with + 0.5));
    const double longer = words > 0 ? static_cast<double>(offered.size()) * count / words : 0;
    if (times > 0) sum += idf * times * (kK1 + 1) / (times + kK1 * (1 - kB + kB * longer));
  }
  return sum;
}

double found(const Text& asked, const Text& offered) {
  const std::set<std::string> different(asked.begin(), asked.end());
  const auto some = std::ranges::count_if(
      different, [&](const std::string& word) { return std::ranges::count(offered, word) > 0; });
  return different.empty() ? 0 : static_cast<double>(some) / static_cast<double>(different.size());
}

Words drawn_text(SampleNumbers& random, std::int64_t most) {
  if (random.chance(0.1)) return std::nullopt;
  Text text;
  for (std::int64_t i = random.whole(0, most); i > 0; --i) {
    // Few words are frequent, many rare.
    const double rank = std::pow(random.uniform(0, 1), 3) * 60;
    text.push_back("word" + std::to_string(static_cast<int>(rank)));
  }
  return text;
}

class TextMatch : public testing::Test {
 protected:
  void change(std::vector<std::pair<std::int64_t, std::optional<Words>>> items) {
    std::vector<ItemChange> changes;
    ++version_;
    for (const auto& [id, text] : items) {
      changes.push_back({ItemId{id}, version_, {}});
      if (text) changes.back().values = catalog_->pick(with_text(*text));
      if (text)
        texts_[id] = *text;
      else
        texts_.erase(id);
    }
    catalog_ = catalog_->with(version_, changes);
  }

  // Of every live item both ways: where the catalog holds it, and made of its own values.
  void expect_matches(const Words& asked) {
    const FeatureMaker maker(*domain_, *catalog_);
    const Values request = with_text(asked);
    const FeatureMaker::Asked prepared = maker.asked(request);
    for (const auto& [id, text] : texts_) {
      const std::uint32_t row = catalog_->find(ItemId{id}).value();
      std::vector<float> held, made;
      maker.append_numbers(prepared, *catalog_->chunks()[row / kChunkRows], row % kChunkRows, held);
      maker.append_numbers(request, catalog_->pick(with_text(text)), made);
      if (!asked || !text) {
        ASSERT_TRUE(std::isnan(held[0]) && std::isnan(held[1]) && std::isnan(made[0]) && std::isnan(made[1]));
        continue;
      }
      ASSERT_EQ(held, made) << "item " << id;
      ASSERT_NEAR(held[0], bm25(*asked, *text, texts_), 1e-4) << "item " << id;
      ASSERT_FLOAT_EQ(held[1], static_cast<float>(found(*asked, *text))) << "item " << id;
    }
  }

  const std::shared_ptr<const Domain> domain_ = text_domain();
  std::shared_ptr<const Catalog> catalog_ = Catalog::empty(domain_);
  std::int64_t version_ = 0;
  Texts texts_;
};

// What a request says of its candidates is ranked in a catalog of these alone.
TEST_F(TextMatch, CountsTheWholeCatalogWhereSomeItemsAreRankedBesideIt) {
  std::vector<std::pair<std::int64_t, std::optional<Words>>> items;
  for (std::int64_t id = 1; id <= 200; ++id)
    items.emplace_back(id, Words{Text{"word1", "word" + std::to_string(id % 7)}});
  change(items);
  std::shared_ptr<const Catalog> few = Catalog::empty_beside(catalog_);
  std::vector<ItemChange> changes;
  for (const std::int64_t id : {3, 7, 50})
    changes.push_back({ItemId{id}, 1, few->pick(with_text(texts_[id]))});
  few = few->with(1, changes);
  const Values request = with_text(Text{"word3", "word1", "word9"});
  const FeatureMaker whole(*domain_, *catalog_);
  const FeatureMaker beside(*domain_, *few);
  const auto made = [&](const FeatureMaker& maker, const Catalog& catalog, std::int64_t id) {
    const std::uint32_t row = catalog.find(ItemId{id}).value();
    std::vector<float> numbers;
    maker.append_numbers(maker.asked(request), *catalog.chunks()[row / kChunkRows], row % kChunkRows,
                         numbers);
    return numbers;
  };
  for (const std::int64_t id : {3, 7, 50}) {
    EXPECT_EQ(made(beside, *few, id), made(whole, *catalog_, id)) << "item " << id;
    EXPECT_GT(made(beside, *few, id)[0], 0);
  }
}

TEST_F(TextMatch, IsBm25OfTheCatalogAsItIsNow) {
  SampleNumbers random(1);
  std::vector<std::pair<std::int64_t, std::optional<Words>>> items;
  for (std::int64_t id = 1; id <= 4'000; ++id) items.emplace_back(id, drawn_text(random, 12));
  change(items);
  for (int round = 0; round < 6; ++round) {
    expect_matches(drawn_text(random, 6));
    items.clear();
    for (int i = 0; i < 40; ++i) {
      const std::int64_t id = random.whole(1, 4'100);
      if (random.chance(0.3))
        items.emplace_back(id, std::nullopt);
      else
        items.emplace_back(id, drawn_text(random, 12));
    }
    change(items);
  }
}

TEST_F(TextMatch, CountsARareWordForMoreAndALongTextForLess) {
  change({{1, Text{"red", "shoe"}},
          {2, Text{"red", "red", "hat"}},
          {3, Text{"red", "hat", "of", "a", "very", "long", "text"}},
          {4, Text{"blue"}}});
  const FeatureMaker maker(*domain_, *catalog_);
  const Values request = with_text(Text{"red", "shoe", "nowhere", "red"});
  const FeatureMaker::Asked asked = maker.asked(request);
  std::vector<float> values;
  for (std::size_t row = 0; row < 4; ++row) maker.append_numbers(asked, *catalog_->chunks()[0], row, values);
  EXPECT_GT(values[0], values[2]);
  EXPECT_GT(values[2], values[4]);
  EXPECT_EQ(values[6], 0);
  EXPECT_FLOAT_EQ(values[1], 2.0F / 3);
}

TEST_F(TextMatch, IsNothingOfTextsWithoutWordsAndAbsentWithoutTexts) {
  change({{1, Text{}}, {2, Words{}}, {3, Text{"a"}}});
  for (const Words& asked : {Words{}, Words{Text{}}, Words{Text{"a"}}, Words{Text{"unknown"}}})
    expect_matches(asked);
}

TEST_F(TextMatch, OfAnEmptyCatalogIsThatOfAWordThatNobodyHas) {
  const FeatureMaker maker(*domain_, *catalog_);
  std::vector<float> values;
  maker.append_numbers(with_text(Text{"a"}), catalog_->pick(with_text(Text{"a", "b"})), values);
  EXPECT_NEAR(values[0], std::log(2) * (kK1 + 1) / (1 + kK1 * (1 - kB)), 1e-5);
  EXPECT_EQ(values[1], 1);
}

TEST_F(TextMatch, OfAnotherCorpusHasItsWeights) {
  change({{1, Text{"a", "b"}}, {2, Text{"b"}}});
  CountedTexts counted(1);
  for (const auto& [id, text] : texts_) counted.add(std::vector<Words>{text});
  const auto layout = Catalog::empty(domain_);
  const ItemValues item = layout->pick(with_text(texts_[1]));
  const FeatureMaker apart(*domain_, *layout), within(*domain_, *catalog_);
  const Values request = with_text(Text{"a", "b"});
  std::vector<float> by_counts, by_catalog, expected;
  apart.append_numbers(apart.asked(request, counted.corpora()), item, by_counts);
  apart.append_numbers(apart.asked(request, corpora_of(*catalog_)), item, by_catalog);
  within.append_numbers(request, catalog_->pick(with_text(texts_[1])), expected);
  EXPECT_EQ(by_counts, expected);
  EXPECT_EQ(by_catalog, expected);
}

TEST_F(TextMatch, RemakesTheIndexOfChangedChunksOnly) {
  std::vector<std::pair<std::int64_t, std::optional<Words>>> items;
  for (std::int64_t id = 1; id <= static_cast<std::int64_t>(2 * kChunkRows); ++id)
    items.emplace_back(id, Text{"a"});
  change(items);
  const auto before = catalog_;
  change({{1, Text{"b"}}});
  EXPECT_NE(catalog_->chunks()[0]->text_postings[0], before->chunks()[0]->text_postings[0]);
  EXPECT_EQ(catalog_->chunks()[1], before->chunks()[1]);
}

}  // namespace
}  // namespace rankloop::ml
