// The factorization family, on worlds whose tastes are known.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/families/factorization/factor_bytes.h"
#include "ml/families/factorization/factorization_model.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kTastes = 4;

// People ask for lists of items, which have a quality that is a feature and sides that none tells; a pick is
// drawn by the softmax of quality + likes x taste, taste the product of a person's and an item's hidden
// vectors.
struct World {
  double likes = 3;
  std::int64_t people = 300;
  std::int64_t items = 100;
  std::int64_t requests_each = 30;
  std::size_t shown = 8;
  std::uint32_t seed = 1;
};

Domain domain_of_world() {
  Domain domain;
  domain.name = "world";
  domain.features = {{"quality", Side::kItem, 0}, {"hour", Side::kRequest, 0}};
  domain.feature_fingerprint = "world";
  return domain;
}

std::vector<double> hidden(SampleNumbers& random) {
  std::vector<double> vector(kTastes);
  for (double& number : vector) number = random.uniform(-1, 1);
  return vector;
}

struct Lived {
  LabelledRows rows;
  std::vector<double> truth;  // [rows] the odds that picks were drawn by, as logarithms
};

Lived live(const World& world) {
  SampleNumbers random(world.seed);
  std::vector<std::vector<double>> sides, tastes;
  std::vector<double> quality;
  for (std::int64_t i = 0; i < world.items; ++i) {
    sides.push_back(hidden(random));
    quality.push_back(random.uniform(-1, 1));
  }
  for (std::int64_t p = 0; p < world.people; ++p) tastes.push_back(hidden(random));
  Lived lived;
  lived.rows.width = 2;
  std::int64_t request = 0;
  for (std::int64_t round = 0; round < world.requests_each; ++round) {
    for (std::int64_t person = 0; person < world.people; ++person) {
      std::vector<double> odds;
      const double hour = random.uniform(0, 24);
      for (std::size_t i = 0; i < world.shown; ++i) {
        const auto item = static_cast<std::size_t>(random.whole(0, world.items - 1));
        const std::vector<double>& taste = tastes[static_cast<std::size_t>(person)];
        const double liked = std::inner_product(taste.begin(), taste.end(), sides[item].begin(), 0.0);
        lived.truth.push_back(quality[item] + world.likes * liked);
        odds.push_back(std::exp(lived.truth.back()));
        lived.rows.values.insert(lived.rows.values.end(),
                                 {static_cast<float>(quality[item]), static_cast<float>(hour)});
        lived.rows.items.push_back({static_cast<std::int64_t>(item) + 1});
        lived.rows.people.push_back(person_number("person " + std::to_string(person)));
      }
      pick_one(odds, request++, random, lived.rows);
    }
  }
  return lived;
}

// NDCG@10 on the last fifth of the requests, of a model that learned from the others.
double ndcg_of(const std::string& family, const LabelledRows& rows) {
  const std::size_t test = split_row(rows, 0.2);
  const LabelledRows older = slice(rows, 0, test);
  const std::size_t validation = split_row(older, 0.1);
  const TrainingPlan plan{.family = family, .objective = Objective::kListwise};
  const auto model = train_model(domain_of_world(), slice(older, 0, validation),
                                 slice(older, validation, older.rows()), plan, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return *measure(**model, slice(rows, test, rows.rows()))->ndcg.back();
}

double ndcg_of_truth(const Lived& lived) {
  const std::size_t test = split_row(lived.rows, 0.2);
  const LabelledRows newest = slice(lived.rows, test, lived.rows.rows());
  const std::vector<double> labels(newest.labels.begin(), newest.labels.end());
  return *evaluate({std::span{lived.truth}.subspan(test), labels, {}, newest.requests})->ndcg.back();
}

// The truth has 0.79, what features or items alone say 0.56 to 0.57.
TEST(Factorization, FindsTastesThatNoFeatureTells) {
  const Lived lived = live({});
  const double found = ndcg_of("factorization", lived.rows);
  EXPECT_GT(found, ndcg_of_truth(lived) - 0.05);
  EXPECT_GT(found, ndcg_of("logistic", lived.rows) + 0.15);
  EXPECT_GT(found, ndcg_of("popularity", lived.rows) + 0.15);
}

TEST(Factorization, IsNearlyLogisticWhereNobodyHasATaste) {
  const Lived lived = live({.likes = 0, .people = 200, .requests_each = 20, .seed = 2});
  EXPECT_NEAR(ndcg_of("factorization", lived.rows), ndcg_of("logistic", lived.rows), 0.005);
}

// Every other item gets a new name where the validation part begins. Who learned of nothing after that would
// be 0.10 above logistic.
TEST(Factorization, LearnsOfTheValidationPartToo) {
  Lived lived = live({.seed = 5});
  const std::size_t validation = split_row(lived.rows, 0.28);
  for (std::size_t r = validation; r < lived.rows.rows(); ++r) {
    std::int64_t& item = lived.rows.items[r].value;
    if (item % 2 == 0) item += 1000;
  }
  EXPECT_GT(ndcg_of("factorization", lived.rows), ndcg_of("logistic", lived.rows) + 0.14);
}

class TrainedOnTastes : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Lived lived = live({.people = 40, .items = 60, .requests_each = 10, .seed = 3});
    rows_ = std::make_unique<LabelledRows>(lived.rows);
    const TrainingPlan plan{.family = "factorization",
                            .objective = Objective::kListwise,
                            .hyperparameters = {{"factorization.epochs", 6}}};
    const auto model = train_model(*domain_, *rows_, {}, plan, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    model_ = *model;
    auto catalog = Catalog::empty(domain_);
    std::vector<ItemChange> changes;
    SampleNumbers random(4);
    for (std::int64_t id = 1; id <= 100; ++id)  // of some of them nothing was learned
      changes.push_back({ItemId{id}, 1, catalog->pick(std::vector<double>{random.uniform(-1, 1)})});
    catalog_ = catalog->with(1, changes);
  }
  static void TearDownTestSuite() {
    rows_.reset();
    model_.reset();
    catalog_.reset();
  }

  static inline const std::shared_ptr<const Domain> domain_ = share(domain_of_world());
  static inline std::unique_ptr<LabelledRows> rows_;
  static inline std::shared_ptr<const Model> model_;
  static inline std::shared_ptr<const Catalog> catalog_;
  const Person ann_ = person_number("person 1");
  const Person bob_ = person_number("person 2");
};

TEST_F(TrainedOnTastes, RanksForWhoAsks) {
  const auto scorer = model_->bind(catalog_, nullptr, SIZE_MAX);
  const std::vector<double> request = {12};
  const auto order_for = [&](Person person) {
    RankRequest wanted;
    wanted.values = request;
    wanted.person = person;
    std::vector<ItemId> order;
    for (const RankedItem& item : rank(*scorer, *model_, {}, wanted).items) order.push_back(item.item);
    return order;
  };
  EXPECT_NE(order_for(ann_), order_for(bob_));
  EXPECT_EQ(order_for(ann_), order_for(ann_));
  EXPECT_EQ(order_for(person_number("a stranger")), order_for(0));
}

TEST_F(TrainedOnTastes, ScoresRowsOfPeopleAsABoundScorerDoes) {
  const std::vector<double> request = {7};
  for (const Person person : {ann_, bob_, Person{0}}) {
    const std::vector<float> bound =
        all_scores(*model_->bind(catalog_, nullptr, SIZE_MAX), {request, person});
    EXPECT_EQ(all_scores(*model_->bind(catalog_, nullptr, 0), {request, person}), bound);
    LabelledRows rows;
    rows.width = 2;
    for (std::uint32_t row = 0; row < catalog_->rows(); ++row) {
      rows.values.insert(rows.values.end(), {catalog_->chunks()[0]->column(0)[row], 7});
      rows.items.push_back(catalog_->id_at(row));
      rows.people.push_back(person);
    }
    std::vector<float> scores(catalog_->rows());
    model_->score_features(rows.view(), 0, scores);
    for (std::size_t i = 0; i < scores.size(); ++i) ASSERT_NEAR(scores[i], bound[i], 1e-5) << i;
  }
}

TEST_F(TrainedOnTastes, ExplainsWhatPeopleAndItemsAdd) {
  for (std::size_t r = 0; r < 100; ++r) {
    const FeatureRows row = rows_->view().some(r, 1);
    std::vector<float> score(1);
    model_->score_features(row, 0, score);
    const Explanation why = model_->explain(row);
    const double sum = std::accumulate(why.contributions.begin(), why.contributions.end(), why.base);
    const auto raw = static_cast<double>(score[0]);
    ASSERT_NEAR(sum, std::log(raw / (1 - raw)), 1e-4) << r;
  }
  const FeatureRows row = rows_->view().some(0, 1);
  FeatureRows nobodys = row;
  nobodys.people = {};
  EXPECT_NE(model_->explain(row).base, model_->explain(nobodys).base);
}

TEST_F(TrainedOnTastes, KeepsTheHalvesOfChunksThatDidNotChange) {
  auto catalog = Catalog::empty(domain_);
  std::vector<ItemChange> changes;
  for (std::int64_t id = 1; id <= static_cast<std::int64_t>(2 * kChunkRows); ++id)
    changes.push_back({ItemId{id}, 1, catalog->pick(std::vector<double>{0.5})});
  catalog = catalog->with(1, changes);
  const auto before = model_->bind(catalog, nullptr, SIZE_MAX);
  const std::vector<ItemChange> change = {{ItemId{1}, 2, catalog->pick(std::vector<double>{0.25})}};
  const auto after = model_->bind(catalog->with(2, change), before.get(), SIZE_MAX);
  EXPECT_EQ(shared_factor_halves(*before, *after), 1U);
  EXPECT_EQ(after->resident_bytes(), 2 * kChunkRows * (1 + 16) * sizeof(float));
}

// Of the newest 300 lists of six, by a model of the others.
double ndcg_of(const std::string& family, const Domain& domain, const LabelledRows& rows) {
  const TrainingPlan plan{.family = family, .objective = Objective::kListwise};
  const auto model = train_model(domain, slice(rows, 0, 6000), slice(rows, 6000, 7200), plan, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return *measure(**model, slice(rows, 7200, 9000))->ndcg.back();
}

// Where people and items are not known, pairs of words are left to learn.
TEST(Factorization, LearnsWhichWordsGoTogether) {
  Domain domain;
  domain.features = {{"mood", Side::kRequest, 0, FeatureKind::kCode},
                     {"genre", Side::kItem, 0, FeatureKind::kCode}};
  domain.feature_fingerprint = "words";
  SampleNumbers random(5);
  LabelledRows rows;
  rows.codes.resize(2);
  rows.dictionary = std::make_shared<Dictionary>();
  for (std::int64_t request = 0; request < 1500; ++request) {
    const std::int64_t mood = random.whole(0, 4);
    std::vector<double> odds;
    for (int i = 0; i < 6; ++i) {
      const std::int64_t genre = random.whole(0, 4);
      rows.codes[0].append(codes_of(Words{{"mood " + std::to_string(mood)}}, *rows.dictionary));
      rows.codes[1].append(codes_of(Words{{"genre " + std::to_string(genre)}}, *rows.dictionary));
      odds.push_back(mood == genre ? 10 : 1);
    }
    pick_one(odds, request, random, rows);
  }
  EXPECT_GT(ndcg_of("factorization", domain, rows), ndcg_of("logistic", domain, rows) + 0.1);
}

// Liked is what was liked before, sixteen words of two moods; next is what is of the same mood.
TEST(Factorization, LearnsFromWhatManyWordsSayTogether) {
  Domain domain;
  domain.features = {{"liked", Side::kRequest, 0, FeatureKind::kCodes},
                     {"film", Side::kItem, 0, FeatureKind::kCode}};
  domain.feature_fingerprint = "liked";
  constexpr std::int64_t kFilms = 120;
  SampleNumbers random(9);
  LabelledRows rows;
  rows.codes.resize(2);
  rows.dictionary = std::make_shared<Dictionary>();
  const auto film = [](std::int64_t number) { return "film " + std::to_string(number); };
  for (std::int64_t request = 0; request < 1500; ++request) {
    const std::int64_t mood = random.whole(0, 1);
    std::vector<std::string> liked;
    for (int i = 0; i < 16; ++i) liked.push_back(film(2 * random.whole(0, kFilms / 2 - 1) + mood));
    std::vector<double> odds;
    for (int i = 0; i < 6; ++i) {
      const std::int64_t shown = random.whole(0, kFilms - 1);
      rows.codes[0].append(codes_of(Words{liked}, *rows.dictionary));
      rows.codes[1].append(codes_of(Words{{film(shown)}}, *rows.dictionary));
      odds.push_back(shown % 2 == mood ? 10 : 1);
    }
    pick_one(odds, request, random, rows);
  }
  EXPECT_GT(ndcg_of("factorization", domain, rows), ndcg_of("logistic", domain, rows) + 0.1);
}

Factorisation small() {
  Factorisation of;
  of.factors = 2;
  of.inputs = {{0, 0.5F, 2, 4}};
  of.of_inputs = {1, 2, 3, 4};
  of.items = {ItemId{3}, ItemId{7}};
  of.item_weights = {0.5F, -0.5F};
  of.of_items = {1, 0, 0, 1};
  of.people = {Person{5}};
  of.of_people = {2, -1};
  return of;
}

TEST(FactorizationModel, AddsUpWeightsAndProducts) {
  const Domain domain = domain_of_world();
  const auto model = make_factorization_model(small(), domain);
  const auto log_odds = [&](float quality, std::int64_t item, Person person) {
    const std::vector<float> values = {quality, 3};
    const std::vector<ItemId> items = {ItemId{item}};
    const std::vector<Person> people = {person};
    std::vector<float> score(1);
    model->score_features({.values = values, .width = 2, .items = items, .people = people}, 0, score);
    const auto raw = static_cast<double>(score[0]);
    return std::log(raw / (1 - raw));
  };
  EXPECT_NEAR(log_odds(1, 3, 0), 0.5 + 1, 1e-4);            // weight; (1, 2) x (1, 0)
  EXPECT_NEAR(log_odds(1, 3, 5), 1.5 + (2 - 2) + 2, 1e-4);  // and of the person with both
  EXPECT_NEAR(log_odds(1, 7, 5), -0.5 + 2 + (2 - 2) - 1, 1e-4);
  EXPECT_NEAR(log_odds(0.5F, 99, 5), 0, 1e-4);       // at its mean, and an item that is not known
  EXPECT_NEAR(log_odds(NAN, 3, 0), 0.5 + 3, 1e-4);   // absent: a vector of its own
  EXPECT_NEAR(log_odds(1e6F, 3, 0), 0.5 + 4, 1e-4);  // no further than four deviations
}

// Models that earlier versions left behind score as they did, also after they are written anew.
TEST(FactorizationModel, CountsWordsOfASetByTheFormatOfItsArtefact) {
  Domain domain = domain_of_world();
  domain.features.push_back({"liked", Side::kRequest, 0, FeatureKind::kCodes});
  Factorisation of = small();
  of.linear.words = Vocabularies({Vocabulary({"a", "b", "c", "d"})});
  of.linear.word_weights.assign(of.linear.words.size(), 0);
  of.of_words = {1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0};
  LabelledRows rows;
  rows.codes.resize(1);
  rows.dictionary = std::make_shared<Dictionary>();
  rows.codes[0].append(codes_of(Words{{"a", "b", "c", "d"}}, *rows.dictionary));
  const std::vector<float> values = {0.5F, 3};
  const std::vector<ItemId> items = {ItemId{3}};
  const auto log_odds = [&](const Model& model) {
    std::vector<float> score(1);
    model.score_features({.values = values,
                          .width = 2,
                          .items = items,
                          .codes = rows.codes,
                          .dictionary = rows.dictionary.get()},
                         0, score);
    const auto raw = static_cast<double>(score[0]);
    return std::log(raw / (1 - raw));
  };
  for (const std::uint32_t format : {1U, 2U}) {
    const Artefact artefact{"factorization", format, domain.feature_fingerprint, {}, to_bytes(of)};
    const auto model = load_model(seal_artefact(artefact), domain);
    ASSERT_TRUE(model) << model.error().message;
    const double sum = 1 + 2 + 3 + 4;
    EXPECT_NEAR(log_odds(**model), 0.5 + (format == 1 ? sum : sum / 2), 1e-3);
    const auto again = load_model((*model)->save(), domain);
    ASSERT_TRUE(again);
    EXPECT_EQ(log_odds(**again), log_odds(**model));
  }
}

TEST(FactorizationModel, RefusesAnArtefactThatIsNone) {
  const Domain domain = domain_of_world();
  const auto loads = [&](const Factorisation& of) {
    const Artefact artefact{"factorization", kFactorFormat, domain.feature_fingerprint, {}, to_bytes(of)};
    return static_cast<bool>(load_model(seal_artefact(artefact), domain));
  };
  EXPECT_TRUE(loads(small()));
  const auto refused = [&](auto change) {
    Factorisation of = small();
    change(of);
    return !loads(of);
  };
  EXPECT_TRUE(refused([](Factorisation& of) { of.items = {ItemId{7}, ItemId{3}}; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.items = {ItemId{3}, ItemId{3}}; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.factors = 0; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.factors = kMostFactors + 1; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.of_people.pop_back(); }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.of_items[0] = 1e9F; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.item_weights[0] = NAN; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.inputs[0].column = 2; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.inputs[0].scale = 0; }));
  EXPECT_TRUE(refused([](Factorisation& of) { of.inputs[0].reach = 1e9F; }));
}

}  // namespace
}  // namespace rankloop::ml
