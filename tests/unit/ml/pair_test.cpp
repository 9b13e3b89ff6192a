// Crosses that make a word of a word of each side.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/feature_space.h"
#include "ml/word_plan.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const Domain> pair_domain() {
  Domain domain;
  domain.features = {{"brand", Side::kItem, 0, FeatureKind::kCode}};
  domain.crosses = {{.name = "both", .op = CrossOp::kPair}};
  return share(std::move(domain));
}

Values with_word(const Words& word) {
  return {{}, {word}, {}};
}

std::string pair(const std::string& request, const std::string& item) {
  return request + kBetweenPair + item;
}

TEST(Pair, IsAColumnOfWordsAfterThoseOfFeatures) {
  const auto domain = pair_domain();
  const auto layout = Catalog::empty(domain);
  const FeatureMaker maker(*domain, *layout);
  EXPECT_EQ(maker.width(), 0U);
  EXPECT_EQ(maker.space().numbers_of_features(), 0U);
  EXPECT_EQ(maker.space().features(), 2U);
  LabelledRows rows = maker.no_rows();
  for (const auto& [asked, offered] :
       {std::pair<Words, Words>{{{"DE"}}, {{"acme"}}}, {{}, {{"acme"}}}, {{{"DE"}}, {}}})
    maker.append(with_word(asked), layout->pick(with_word(offered)), rows);
  ASSERT_EQ(rows.codes.size(), 2U);
  EXPECT_EQ(rows.dictionary->word(rows.codes[1].at(0)[0]), pair("DE", "acme"));
  EXPECT_THAT(rows.codes[1].at(1), ElementsAre(kAbsentCode));
  EXPECT_THAT(rows.codes[1].at(2), ElementsAre(kAbsentCode));
}

TEST(Pair, TellsWhichWordIsWhose) {
  EXPECT_NE(pair_of({{"a b"}}, "c"), pair_of({{"a"}}, "b c"));
  EXPECT_EQ(pair_of({{"a"}}, ""), Words{{pair("a", "")}});
  EXPECT_EQ(pair_of({}, "c"), Words{});
  EXPECT_EQ(pair_of({{"a"}}, std::nullopt), Words{});
}

TEST(Pair, HasItsPlaceOfTheVocabularyForEveryItem) {
  const auto domain = pair_domain();
  auto catalog = Catalog::empty(domain);
  std::vector<ItemChange> changes;
  const std::vector<Words> offered = {{{"acme"}}, {{"nord"}}, {{"acme2"}}, {}, {{"rare"}}};
  for (const Words& word : offered)
    changes.push_back(
        {ItemId{static_cast<std::int64_t>(changes.size() + 1)}, 1, catalog->pick(with_word(word))});
  catalog = catalog->with(1, changes);
  const Vocabularies vocabularies(
      {Vocabulary({"acme"}),
       Vocabulary({pair("DE", "nord"), pair("FR", "acme"), pair("DE", "acme"), pair("DE", "gone")})});
  const WordPlan plan(vocabularies, *catalog);
  const auto places = [&](const Words& asked) {
    const std::vector<AskedPairs> pairs = plan.pairs_of(with_word(asked));
    EXPECT_EQ(pairs.size(), 1U);
    std::vector<std::uint32_t> found;
    for (std::size_t row = 0; row < offered.size(); ++row)
      found.push_back(pairs[0].place(*catalog->chunks()[0], row));
    return found;
  };
  const std::uint32_t first = vocabularies.first_of(1);
  const std::uint32_t unknown = first + vocabularies.of(1).unknown();
  const std::uint32_t absent = first + vocabularies.of(1).absent();
  EXPECT_THAT(places({{"DE"}}), ElementsAre(first + 2, first, unknown, absent, unknown));
  EXPECT_THAT(places({{"FR"}}), ElementsAre(first + 1, unknown, unknown, absent, unknown));
  EXPECT_THAT(places({{"D"}}), ElementsAre(unknown, unknown, unknown, absent, unknown));
  EXPECT_THAT(places({}), ElementsAre(absent, absent, absent, absent, absent));
  EXPECT_TRUE(plan.places_of(with_word({{"DE"}})).empty());
}

}  // namespace
}  // namespace rankloop::ml
