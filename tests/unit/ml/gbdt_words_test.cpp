// Words as the trees see them: by how often they were picked, or by themselves.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/families/families.h"
#include "ml/families/gbdt/train_gbdt.h"
#include "ml/families/gbdt/trees.h"
#include "ml/families/gbdt/word_numbers.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::int32_t kBrands = 40;
constexpr std::int32_t kManyBrands = 400;

Domain domain_of(FeatureKind kind) {
  Domain domain;
  domain.features.push_back({"price", Side::kItem, 0});
  domain.features.push_back({"brand", Side::kItem, 0, kind});
  domain.feature_fingerprint = "words";
  return domain;
}

std::string brand(std::int32_t number) {
  return "brand " + std::to_string(number);
}

// A row's brand, or none.
void add_row(LabelledRows& rows, float price, std::int32_t brand, float label) {
  rows.values.push_back(price);
  const std::array code = {brand};
  rows.codes.front().append(code);
  rows.labels.push_back(label);
}

LabelledRows no_rows() {
  LabelledRows rows;
  rows.width = 1;
  rows.codes.resize(1);
  rows.dictionary = std::make_shared<Dictionary>();
  for (std::int32_t number = 0; number < kManyBrands; ++number) rows.dictionary->add(brand(number));
  return rows;
}

// Some brands are picked when they are dear and the others when they are far from the middle, all of them
// equally often: how often a brand was picked tells nothing.
bool is_picked(std::int32_t brand, double price) {
  return brand * 7 % 11 < 5 ? price > 0 : std::abs(price) > 0.5;
}
LabelledRows rows_of_taste(std::size_t count, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows rows = no_rows();
  for (std::size_t row = 0; row < count; ++row) {
    const double price = random.uniform(-1, 1);
    const auto brand = static_cast<std::int32_t>(random.uniform(0, kBrands));
    add_row(rows, static_cast<float>(price), brand, is_picked(brand, price) ? 1 : 0);
  }
  return rows;
}

// Many brands that differ in how often they are picked, each seen a few times only.
LabelledRows rows_of_fame(std::size_t count, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows rows = no_rows();
  for (std::size_t row = 0; row < count; ++row) {
    const auto brand = static_cast<std::int32_t>(random.uniform(0, kManyBrands));
    add_row(rows, static_cast<float>(random.uniform(-1, 1)), brand,
            random.chance(0.1 + 0.002 * brand) ? 1 : 0);
  }
  return rows;
}

struct Learned {
  std::shared_ptr<const Model> model;
  GbdtChoice choice;
  double loss = std::numeric_limits<double>::infinity();  // the least of the lists that were left out
};

Learned learned(const LabelledRows& rows, std::optional<WordsAs> words = {}) {
  GbdtRecipe recipe;
  recipe.words = words;
  recipe.most_trees = 80;
  Learned made;
  auto model = train_gbdt(
      domain_of(FeatureKind::kCode), rows, {}, recipe,
      [&](const TrainingProgress& now) {
        if (now.epoch > 0) made.loss = std::min(made.loss, now.validation_loss);
      },
      {}, &made.choice);
  EXPECT_TRUE(model) << model.error().message << ' ' << model.error().detail;
  if (model) made.model = *std::move(model);
  return made;
}

double share_of_right(const Model& model, const LabelledRows& rows) {
  const std::vector<float> scores = score_rows(model, rows);
  double right = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row)
    right += (scores[row] > 0.5F) == (rows.labels[row] > 0.5F) ? 1 : 0;
  return right / static_cast<double>(rows.rows());
}

TEST(WordsOfTrees, AreSplitByThemselvesWhereThatSaysMore) {
  const LabelledRows rows = rows_of_taste(2'000, 1);
  const LabelledRows others = rows_of_taste(1'000, 2);
  const Learned both = learned(rows);
  EXPECT_EQ(both.choice.words, WordsAs::kThemselves);
  EXPECT_GT(share_of_right(*both.model, others), 0.97);
  const Learned shares = learned(rows, WordsAs::kShares);
  EXPECT_EQ(shares.choice.words, WordsAs::kShares);
  EXPECT_LT(share_of_right(*shares.model, others), 0.9);
}

TEST(WordsOfTrees, CountInTheWayThatListsLeftOutPrefer) {
  for (const auto& rows : {rows_of_taste(1'000, 3), rows_of_fame(2'000, 3), rows_of_fame(300, 4)}) {
    const Learned shares = learned(rows, WordsAs::kShares);
    const Learned themselves = learned(rows, WordsAs::kThemselves);
    const Learned both = learned(rows);
    EXPECT_DOUBLE_EQ(both.loss, std::min(shares.loss, both.loss));
    if (themselves.choice.depth == 6) {
      EXPECT_DOUBLE_EQ(both.loss, std::min(shares.loss, themselves.loss));
    }
    EXPECT_EQ(both.choice.words, both.loss < shares.loss ? WordsAs::kThemselves : WordsAs::kShares);
  }
}

TEST(WordsOfTrees, ComeBackFromAnArtefactAsTheyWere) {
  const LabelledRows rows = rows_of_taste(2'000, 4);
  const Learned made = learned(rows, WordsAs::kThemselves);
  EXPECT_EQ(open_artefact(made.model->save())->format, 4U);
  EXPECT_EQ(open_artefact(learned(rows, WordsAs::kShares).model->save())->format, 3U);
  const auto again = load_model(made.model->save(), domain_of(FeatureKind::kCode));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(score_rows(**again, rows), score_rows(*made.model, rows));
  EXPECT_EQ((*again)->save(), made.model->save());
}

TEST(WordsOfTrees, AreExplained) {
  const LabelledRows rows = rows_of_taste(2'000, 5);
  const Learned made = learned(rows, WordsAs::kThemselves);
  const std::vector<float> scores = score_rows(*made.model, rows);
  for (std::size_t row = 0; row < 50; ++row) {
    const Explanation explanation = made.model->explain(rows.view().some(row, 1));
    ASSERT_EQ(explanation.contributions.size(), 2U);
    const auto score = static_cast<double>(scores[row]);
    EXPECT_NEAR(explanation.base + explanation.contributions[0] + explanation.contributions[1],
                std::log(score / (1 - score)), 1e-3);
    EXPECT_NE(explanation.contributions[1], 0);
  }
}

// A word that was never seen is one of which nothing is known.
TEST(WordsOfTrees, AreAbsentWhereTheyAreUnknown) {
  const Learned made = learned(rows_of_taste(2'000, 6), WordsAs::kThemselves);
  LabelledRows rows = no_rows();
  const std::int32_t unknown = rows.dictionary->add("never seen");
  add_row(rows, 0.5F, unknown, 0);
  add_row(rows, 0.5F, kAbsentCode, 0);
  const std::vector<float> scores = score_rows(*made.model, rows);
  EXPECT_EQ(scores[0], scores[1]);
}

TEST(WordsOfTrees, StandByThemselvesInColumnsOfFewWordsOnly) {
  const LabelledRows rows = rows_of_taste(500, 7);
  const WordWays themselves = {WordsAs::kThemselves};
  const WordWays shares = {WordsAs::kShares};
  EXPECT_EQ(words_themselves(domain_of(FeatureKind::kCode), rows, 6), themselves);
  EXPECT_EQ(words_themselves(domain_of(FeatureKind::kCodes), rows, 6), shares);
  LabelledRows many = no_rows();
  for (std::int32_t number = 0; number < 1'200; ++number)
    add_row(many, 0, many.dictionary->add(brand(number)), 0);
  EXPECT_EQ(words_themselves(domain_of(FeatureKind::kCode), many, 6), themselves);
  EXPECT_EQ(words_themselves(domain_of(FeatureKind::kCode), many, 12), shares);  // sums of 4,096 nodes
  LabelledRows two = no_rows();
  for (std::int32_t number = 0; number < 10; ++number) add_row(two, 0, number % 2, 0);
  EXPECT_EQ(words_themselves(domain_of(FeatureKind::kCode), two, 6), shares);
}

// Whatever byte changes, the model is refused or works.
TEST(WordsOfTrees, NeverFailOnAnyChangedByte) {
  const LabelledRows rows = rows_of_taste(300, 8);
  const auto domain = domain_of(FeatureKind::kCode);
  GbdtRecipe recipe;
  recipe.words = WordsAs::kThemselves;
  recipe.trees = 2;
  recipe.depth = 2;
  const auto own_model = train_gbdt(domain, rows, {}, recipe, {}, {});
  ASSERT_TRUE(own_model);
  const Artefact own = *open_artefact((*own_model)->save());
  ASSERT_EQ(own.format, 4U);
  int loaded_ones = 0;
  for (std::size_t i = 0; i < own.payload.size(); ++i) {
    Artefact changed = own;
    changed.payload[i] = std::string_view("\0\x7F\xFF", 3)[i % 3];
    const auto loaded = load_model(seal_artefact(changed), domain);
    if (!loaded) {
      ASSERT_EQ(loaded.error().code, ErrorCode::kDataLoss) << "byte " << i;
      continue;
    }
    ++loaded_ones;
    ASSERT_EQ(score_rows(**loaded, rows).size(), rows.rows());
    ASSERT_EQ((*loaded)->explain(rows.view().some(0, 1)).contributions.size(), 2U);
  }
  EXPECT_GT(loaded_ones, 0);
}

// One split of words, as numbers of an artefact.
Result<Trees> trees_of_a_split(const std::vector<std::uint32_t>& words, std::uint32_t told) {
  constexpr std::uint32_t kOfWords = 0x40000000;
  ByteWriter writer;
  writer.put(0.5F);
  for (const std::uint32_t number : {1U, 3U, kOfWords, 1U, 2U}) writer.put(number);
  writer.put(0.0F);
  writer.put(2.0F);
  writer.put(told);
  for (const std::uint32_t word : words) writer.put(word);
  for (const float margin : {-1.0F, 1.0F}) {
    for (const std::uint32_t number : {0U, 0xFFFFFFFFU, 0xFFFFFFFFU}) writer.put(number);
    writer.put(margin);
    writer.put(1.0F);
  }
  const std::string bytes = writer.take();
  ByteReader reader(bytes);
  return get_trees(reader, 1, Objective::kLogistic);
}

TEST(WordsOfTrees, AreBoundedInAnArtefact) {
  ASSERT_TRUE(trees_of_a_split({1, 5, 4'096}, 3));
  EXPECT_EQ(trees_of_a_split({1, 5, 4'096}, 3)->trees[0][0].words, (std::vector<std::uint32_t>{1, 5, 4'096}));
  EXPECT_EQ(trees_of_a_split({5, 1}, 2).error().message,
            "tree 0: node 0 has words that do not ascend up to 4096");
  EXPECT_FALSE(trees_of_a_split({5, 5}, 2));
  EXPECT_FALSE(trees_of_a_split({5, 4'097}, 2));
  EXPECT_EQ(trees_of_a_split({}, 0).error().message, "tree 0: a node says that it splits 0 words");
  EXPECT_EQ(trees_of_a_split({}, 0xFFFFFFFF).error().message,
            "tree 0: a node says that it splits 4294967295 words");
}

}  // namespace
}  // namespace rankloop::ml
