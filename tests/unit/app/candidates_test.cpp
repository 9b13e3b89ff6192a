// Candidates of which a request says something: how they are read, ranked, told, kept and learned from.
#include "app/serve/candidates.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/learn/dataset.h"
#include "app/learn/history.h"
#include "app/serve/candidates_input.h"
#include "app/serve/explanation.h"
#include "app/serve/external_ranking.h"
#include "app/serve/item_payloads.h"
#include "ml/feature_space.h"
#include "ml/train.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Films with what a search found and what is in stock; what costs more than the budget is not shown.
std::shared_ptr<const Domain> found_films() {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\n"
      "request.noun = 'viewer'\n"
      "item.noun = 'film'\n"
      "model.features = ['age', 'price', 'log_price', 'bm25', 'per_price', 'label']\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\nminimum = 0\n"
      "[[request.field]]\nname = 'budget'\ntype = 'float'\nrequired = false\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\nminimum = 0\n"
      "[[item.derived]]\nname = 'log_price'\nhow = 'log1p'\nof = 'price'\nstored = false\n"
      "[[candidate.field]]\nname = 'price'\ntype = 'float'\n"
      "[[candidate.field]]\nname = 'bm25'\ntype = 'float'\n"
      "[[candidate.field]]\nname = 'in_stock'\ntype = 'bool'\ndefault = true\n"
      "[[candidate.field]]\nname = 'label'\ntype = 'category'\n"
      "[[candidate.derived]]\nname = 'per_price'\nhow = 'product'\nof = ['bm25', 'price']\n"
      "[[cross]]\nname = 'left'\nhow = 'difference'\nrequest = 'budget'\nitem = 'price'\n"
      "[[rule]]\nmust = 'item.price <= request.budget'\nabsent = 'passes'\n"
      "[[rule]]\nmust = 'item.in_stock == true'\n",
      "films.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

class CandidatesTest : public ShownRequests {
 protected:
  CandidatesTest() : ShownRequests(found_films()) { inference_options_.best = 8; }

  void SetUp() override {
    ShownRequests::SetUp();
    write_films(6);
    ASSERT_TRUE(write_items({2, {{{6}, std::nullopt}}}));
    start_serving();
    ASSERT_TRUE(serving_->wait_for_catalog(2));
  }

  Result<InferenceInput> check(const std::string& candidates) {
    return inference_->check(json(R"({"age":30,"budget":50,"candidates":)" + candidates + "}"));
  }
  // Place and message of each fault.
  std::vector<std::string> faults_of(const std::string& candidates) {
    const auto input = check(candidates);
    EXPECT_FALSE(input) << candidates;
    std::vector<std::string> faults;
    if (input) return faults;
    for (const FieldFault& fault : input.error().faults) {
      std::string text;
      for (const std::string& part : fault.loc) text += part + ".";
      faults.push_back(text + " " + fault.msg);
    }
    return faults;
  }

  std::shared_ptr<const EndedInference> ranked(const std::string& candidates) {
    auto input = check(candidates);
    EXPECT_TRUE(input) << candidates << (input ? "" : input.error().message);
    const TaskId task = inference_->new_task_id();
    EXPECT_TRUE(written<storage::StartedInference>(
        [&](auto done) { inference_->start(task, *std::move(input), std::nullopt, std::move(done)); }));
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    if (!claimed || claimed->empty()) return nullptr;
    inference_->run(claimed->front());
    EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    return recent_.find(task);
  }
  static std::vector<std::int64_t> items_of(const EndedInference& ended) {
    std::vector<std::int64_t> items;
    for (const RankedItem& ranked : ended.ranking.items) items.push_back(ranked.item.value);
    return items;
  }
  Asked asked(const EndedInference& ended) {
    Asked asked{ended.task, ended.inference, {}};
    for (const RankedItem& item : ended.ranking.items) asked.items.push_back(item.item);
    return asked;
  }

  // A model of all that the domain calls a feature.
  ModelId trained_and_promoted() {
    const auto layout = ml::Catalog::empty(domain_);
    const ml::FeatureMaker maker(*domain_, *layout);
    ml::LabelledRows rows = maker.no_rows();
    for (int r = 0; r < 60; ++r) {
      const auto request = domain_->requests.read(R"({"age":)" + std::to_string(20 + r) + R"(,"budget":40})");
      for (int i = 0; i < 4; ++i) {
        const auto item = domain_->candidates.read(
            R"({"title":"Film","price":)" + std::to_string((r * 7 + i * 5) % 31) + R"(,"bm25":)" +
            std::to_string((r * 3 + i * 11) % 13) + R"(,"label":")" + (i % 2 == 0 ? "hot" : "cold") + "\"}");
        maker.append(request->values, layout->pick(item->values), rows);
        rows.labels.push_back(i == (r * 5) % 4 ? 1.0F : 0.0F);
        rows.requests.push_back(r);
        rows.items.push_back({1 + i});
      }
    }
    const auto model = ml::train_model(*domain_, rows, {}, {.family = "logistic"}, {}, {});
    EXPECT_TRUE(model);
    const ModelId id = add_model((*model)->save(), true, "{}", "logistic");
    EXPECT_TRUE(reached([&] { return serving_->current()->champion.id == id; }));
    return id;
  }
};

TEST_F(CandidatesTest, AreIdsOrObjectsAlsoMixed) {
  const auto input = check(R"([1,{"id":2},{"id":3,"fields":{"bm25":2.5,"price":9}},{"id":4,"fields":null}])");
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_TRUE(input->candidates_given);
  EXPECT_THAT(input->candidates, ElementsAre(ItemId{1}, ItemId{2}, ItemId{3}, ItemId{4}));
  EXPECT_EQ(input->candidate_fields, "3 {\"price\":9,\"bm25\":2.5,\"in_stock\":true}\n");
}

TEST_F(CandidatesTest, AreRefusedWithEveryFaultAndTheNearestName) {
  EXPECT_THAT(
      faults_of(
          R"([{"id":1,"fields":{"bm25":"high","bm52":1}},{"fields":{}},{"id":"x"},{"id":2,"score":1},7.5,
                            {"id":3,"fields":[1]},{"id":4,"fields":{"price":-1}}])"),
      UnorderedElementsAre(
          HasSubstr("body.candidates.0.fields.bm25. should be"),
          "body.candidates.0.fields.bm52. the domain has no candidate field of this name, did you mean bm25?",
          "body.candidates.1.id. Field required",
          "body.candidates.2.id. Input should be an item's id, a whole number from 1 to 2^53 - 1, not \"x\"",
          "body.candidates.3.score. a candidate has an id and fields, and nothing else",
          "body.candidates.4. Input should be an item's id, a whole number from 1 to 2^53 - 1, not 7.5",
          "body.candidates.5.fields. should be a JSON object, not a list",
          HasSubstr("body.candidates.6.fields.price. should be")));
}

TEST_F(CandidatesTest, AreRefusedWhenTheySayTooMuch) {
  const Inference roomy(domain_, 1, {.best = 2'000}, *store_, *serving_, *histories_, recent_, metrics_, log_,
                        clock_);
  const auto body_of = [](int count) {
    std::string list;
    for (int id = 1; id <= count; ++id) {
      list += (id == 1 ? "[" : ",") + std::string{R"({"id":)"} + std::to_string(id) +
              R"(,"fields":{"label":")" + std::string(256, 'x') + "\"}}";
    }
    return json(R"({"age":30,"candidates":)" + list + "]}");
  };
  EXPECT_TRUE(roomy.check(body_of(800)));
  const auto refused = roomy.check(body_of(1'000));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().faults.front().msg, HasSubstr("allowed are up to 262144"));
}

TEST_F(CandidatesTest, SayNothingWhereTheDomainDeclaresNothing) {
  const Inference plain(film_domain(), 1, {.best = 5}, *store_, *serving_, *histories_, recent_, metrics_,
                        log_, clock_);
  EXPECT_TRUE(plain.check(json(R"({"age":30,"candidates":[1]})")));
  const auto refused = plain.check(json(R"({"age":30,"candidates":[{"id":1}]})"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("not an object"));
}

TEST_F(CandidatesTest, AreRankedByRulesOnWhatTheRequestSays) {
  const auto ended = ranked(R"([{"id":1,"fields":{"price":51}},{"id":2,"fields":{"in_stock":false}},3,
                                {"id":4,"fields":{"price":50,"in_stock":true}}])");
  ASSERT_NE(ended, nullptr);
  EXPECT_THAT(items_of(*ended), UnorderedElementsAre(3, 4));
  EXPECT_EQ(ended->ranking.catalog_version, 2);
  EXPECT_THAT(ended->ranking.left_out,
              ElementsAre(LeftOut{{1}, LeftOutReason::kRuledOut}, LeftOut{{2}, LeftOutReason::kRuledOut}));
}

TEST_F(CandidatesTest, AreToldWhenTheyAreLeftOut) {
  for (const std::string first : {"1", R"({"id":1,"fields":{"bm25":1}})"}) {
    const auto ended = ranked("[" + first + ",99,6,1,2,99]");
    ASSERT_NE(ended, nullptr);
    const std::vector<LeftOut> expected = {{{99}, LeftOutReason::kUnknown},
                                           {{6}, LeftOutReason::kDeleted},
                                           {{1}, LeftOutReason::kDoubled},
                                           {{99}, LeftOutReason::kDoubled}};
    EXPECT_EQ(ended->ranking.left_out, expected);
    EXPECT_EQ(inference_->known_status(ended->task)->left_out, expected);
    RecentInferences nothing{0};  // as after a restart
    Inference later(domain_, 1, {.best = 8}, *store_, *serving_, *histories_, nothing, metrics_, log_,
                    clock_);
    const auto status = later.status(ended->task);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->left_out, expected);
  }
}

TEST_F(CandidatesTest, AreLeftOutWhenWhatIsDerivedOfThemIsTooLarge) {
  const auto ended = ranked(R"([{"id":1,"fields":{"price":40,"bm25":1e308}},2])");
  ASSERT_NE(ended, nullptr);
  EXPECT_THAT(items_of(*ended), ElementsAre(2));
  EXPECT_THAT(ended->ranking.left_out, ElementsAre(LeftOut{{1}, LeftOutReason::kUncomputable}));
}

TEST_F(CandidatesTest, LeaveNothingOutWhereAllAreRanked) {
  const auto ended = ranked(R"([{"id":3,"fields":{"bm25":1}},2])");
  ASSERT_NE(ended, nullptr);
  EXPECT_THAT(ended->ranking.left_out, IsEmpty());
  EXPECT_THAT(items_of(*ended), UnorderedElementsAre(2, 3));
}

TEST_F(CandidatesTest, BringNoWordsIntoTheCatalogThatServes) {
  const auto before = serving_->current()->catalog->dictionary().size();
  ASSERT_NE(ranked(R"([{"id":3,"fields":{"label":"never seen before"}}])"), nullptr);
  EXPECT_EQ(serving_->current()->catalog->dictionary().size(), before);
}

TEST_F(CandidatesTest, AreScoredByWhatTheRequestSays) {
  trained_and_promoted();
  const auto plain = ranked("[1,2,3]");
  const auto said = ranked(R"([1,{"id":2,"fields":{"price":30,"bm25":12,"label":"hot"}},3])");
  ASSERT_TRUE(plain && said);
  const auto score_of = [](const EndedInference& ended, std::int64_t item) {
    return ended.ranking.items[static_cast<std::size_t>(rank_in(ended.ranking, {item})) - 1].score;
  };
  EXPECT_EQ(score_of(*plain, 1), score_of(*said, 1));
  EXPECT_EQ(score_of(*plain, 3), score_of(*said, 3));
  EXPECT_NE(score_of(*plain, 2), score_of(*said, 2));
}

// Served, then the catalog changes, then learned from: the rows are those that were ranked.
TEST_F(CandidatesTest, TrainAsTheyWereRanked) {
  const auto ended =
      ranked(R"([1,{"id":2,"fields":{"price":30,"bm25":4,"label":"hot"}},{"id":3,"fields":{"bm25":2}}])");
  ASSERT_NE(ended, nullptr);
  const Asked request = asked(*ended);
  show(request, 3);
  pick(request, 2);
  ASSERT_TRUE(write_items({3, {{{2}, film("Changed", 44)}, {{3}, film("Changed", 45)}}}));

  const auto dataset =
      read_dataset(*store_, *domain_, {.window = 0, .test_share = 0, .validation_share = 0}, {});
  ASSERT_TRUE(dataset) << dataset.error().message;
  const ml::LabelledRows& rows = dataset->train.rows;
  ASSERT_EQ(rows.rows(), 3U);
  ASSERT_EQ(rows.width, 6U);  // age, price, log_price, bm25, per_price, and the cross
  const auto row_of = [&](std::int64_t item) {
    const auto at =
        static_cast<std::size_t>(std::ranges::find(rows.items, ItemId{item}) - rows.items.begin());
    return std::span(rows.values).subspan(at * rows.width, rows.width);
  };
  EXPECT_THAT(row_of(2), ElementsAre(30, 30, FloatEq(std::log1p(30.0F)), 4, 120, 20));
  EXPECT_FLOAT_EQ(row_of(3)[1], 3);
  EXPECT_FLOAT_EQ(row_of(3)[3], 2);
  EXPECT_FLOAT_EQ(row_of(3)[4], 6);
  EXPECT_FLOAT_EQ(row_of(1)[1], 1);
  EXPECT_TRUE(std::isnan(row_of(1)[3]));
}

TEST_F(CandidatesTest, AreExplainedAsTheyWereRanked) {
  trained_and_promoted();
  const auto ended = ranked(R"([1,{"id":2,"fields":{"price":30,"bm25":4,"label":"hot"}}])");
  ASSERT_NE(ended, nullptr);
  ASSERT_TRUE(write_items({3, {{{2}, film("Changed", 44)}}}));
  Explanations explanations(*domain_, *store_, *serving_);
  const auto why = explanations.explain(ended->task, {2});
  ASSERT_TRUE(why) << why.error().message;
  double sum = why->base;
  for (const FeatureContribution& part : why->contributions) {
    sum += part.contribution;
    if (part.feature == "price") EXPECT_EQ(part.value, boost::json::value(30.0));
    if (part.feature == "bm25") EXPECT_EQ(part.value, boost::json::value(4.0));
    if (part.feature == "label") EXPECT_EQ(part.value, "hot");
  }
  const double score = static_cast<double>(why->score);
  EXPECT_NEAR(sum, std::log(score / (1 - score)), 1e-3);
  const auto reordered = explanations.reorder(ended->task, why->model);
  ASSERT_TRUE(reordered);
  for (const Reordering::Place& place : reordered->places) {
    const auto rank = static_cast<std::size_t>(rank_in(ended->ranking, place.item));
    EXPECT_FLOAT_EQ(place.score, ended->ranking.items[rank - 1].score);
  }
}

TEST_F(CandidatesTest, AreAnsweredWithTheValuesThatTheyWereRankedBy) {
  const auto ended = ranked(R"([{"id":2,"fields":{"price":30,"bm25":4}},1])");
  ASSERT_NE(ended, nullptr);
  ItemPayloads payloads(*store_, 1 << 20);
  const std::vector<ItemId> ids = {{2}, {1}};
  auto stored = payloads.load(ids, ended->ranking.catalog_version);
  ASSERT_TRUE(stored);
  const auto told = as_ranked(*domain_, ended->candidate_fields, ids, *std::move(stored));
  ASSERT_TRUE(told);
  EXPECT_EQ(*told->at(0), R"({"title":"Film","price":30,"bm25":4,"in_stock":true})");
  EXPECT_EQ(*told->at(1), film("Film", 1));
}

TEST_F(CandidatesTest, AreGivenToOtherProgramsWithWhatIsSaidOfThem) {
  auto input = check(R"([{"id":1,"fields":{"price":51}},{"id":2,"fields":{"bm25":4}},99])");
  ASSERT_TRUE(input);
  const TaskId task = inference_->new_task_id();
  ASSERT_TRUE(written<storage::StartedInference>(
      [&](auto done) { inference_->start(task, *std::move(input), std::nullopt, std::move(done)); }));
  const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
  ASSERT_TRUE(claimed && claimed->size() == 1);
  const ExternalRanking external(domain_, 1, 8, *serving_, *inference_);
  const auto question = external.question(inference_->begin(claimed->front()));
  ASSERT_TRUE(question) << question.error().message;
  const auto arguments = json(external.arguments(**question)).as_object();
  EXPECT_EQ(arguments.at("items"), json("[2]"));
  EXPECT_EQ(arguments.at("candidate_fields").at("2").at("bm25").to_number<double>(), 4);
  ASSERT_TRUE(external.answer(**question, json("[2]")));
  ASSERT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
  EXPECT_THAT(recent_.find(task)->ranking.left_out,
              ElementsAre(LeftOut{{1}, LeftOutReason::kRuledOut}, LeftOut{{99}, LeftOutReason::kUnknown}));
}

TEST_F(CandidatesTest, MayStandInImportedHistory) {
  History history(domain_, 1, *store_, *serving_, clock_);
  const std::string line =
      R"({"id":"r1","request":{"age":30,"budget":50},"shown":[{"id":2,"fields":{"price":30,"bm25":4}},1],"picked":[2]})";
  const auto imported = history.import(line);
  ASSERT_TRUE(imported) << imported.error().message;
  const auto dataset =
      read_dataset(*store_, *domain_, {.window = 0, .test_share = 0, .validation_share = 0}, {});
  ASSERT_TRUE(dataset);
  const ml::LabelledRows& rows = dataset->train.rows;
  ASSERT_EQ(rows.rows(), 2U);
  EXPECT_THAT(std::span(rows.values).first(rows.width),
              ElementsAre(30, 30, FloatEq(std::log1p(30.0F)), 4, 120, 20));
  EXPECT_EQ(history.import(line)->repeated, 1);
  std::string other = line;
  other.replace(other.find("\"bm25\":4"), 8, "\"bm25\":5");
  EXPECT_EQ(history.import(other).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(CandidatesTest, AreRefusedInImportedHistoryLikeInARequest) {
  History history(domain_, 1, *store_, *serving_, clock_);
  const auto message_of = [&](const std::string& shown) {
    const auto imported = history.import(R"({"request":{"age":30},"shown":[)" + shown + "]}");
    return imported ? std::string{"imported"} : imported.error().faults.front().msg;
  };
  EXPECT_THAT(message_of(R"({"id":2,"fields":{"bm52":4}})"), HasSubstr("did you mean bm25?"));
  EXPECT_THAT(message_of(R"({"id":2,"rank":4})"), HasSubstr("an id and fields, and nothing else"));
  EXPECT_THAT(message_of(R"({"fields":{"bm25":4}})"), HasSubstr("the ids of items"));
}

}  // namespace
}  // namespace rankloop::app
