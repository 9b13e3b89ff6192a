// What a dataset takes from the ledger, and how it is divided.
#include "app/learn/dataset.h"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::IsEmpty;

// Everything in the training part, unless a test divides it.
const DatasetOptions kUndivided{.window = 0, .test_share = 0, .validation_share = 0};

class DatasetTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(8);
  }
  Dataset read(const DatasetOptions& options = kUndivided) {
    Result<Dataset> dataset = read_dataset(*store_, *domain_, options, {});
    EXPECT_TRUE(dataset) << dataset.error().message;
    return dataset ? *std::move(dataset) : Dataset{};
  }
  ml::LabelledRows rows() { return read().train.rows; }
  // Requests 1..count, each showing films 1 to 3 and picking the first.
  void ask_some(int count) {
    for (int r = 0; r < count; ++r) pick(shown(20 + r, {1, 2, 3}), 1);
  }
};

std::vector<std::int64_t> numbers(const std::vector<TestRequest>& requests) {
  std::vector<std::int64_t> all;
  for (const TestRequest& request : requests) all.push_back(request.id.value);
  return all;
}

TEST_F(DatasetTest, IsEmptyBeforeAnythingWasShown) {
  answered(30, {1, 2});
  const Dataset dataset = read({});
  EXPECT_EQ(dataset.lineage.requests, 0);
  EXPECT_EQ(dataset.lineage.rows, 0);
  EXPECT_EQ(dataset.train.rows.rows() + dataset.validation.rows.rows() + dataset.test.rows.rows(), 0U);
  EXPECT_THAT(dataset.test_requests, IsEmpty());
}

TEST_F(DatasetTest, HasARowForEachShownItemOfARequestWithAnOutcome) {
  const Asked asked = shown(30, {5, 2, 7});
  pick(asked, 2);
  const ml::LabelledRows rows = this->rows();
  EXPECT_EQ(rows.width, 2U);
  EXPECT_THAT(rows.values, ElementsAre(30, 5, 30, 2, 30, 7));
  EXPECT_THAT(rows.labels, ElementsAre(0, 1, 0));
  EXPECT_THAT(rows.weights, ElementsAre(1, 1, 1));
  EXPECT_THAT(rows.requests, Each(asked.id.value));
  EXPECT_EQ(rows.items, ids({5, 2, 7}));
}

TEST_F(DatasetTest, LeavesOutWhatWasPinnedAndKeepsTheRequest) {
  Ranking wished;
  wished.policy.wishes = R"([{"name":"p","how":"pin","at":2,"where":["item.price > 1.5"]}])";
  wished.policy.pinned = {2};
  pick(shown(30, {5, 2, 7}, wished), 2);
  pick(shown(31, {5, 2, 7}, wished), 7);
  const Dataset dataset = read();
  const ml::LabelledRows& rows = dataset.train.rows;
  EXPECT_EQ(rows.items, ids({5, 7, 5, 7}));
  EXPECT_THAT(rows.labels, ElementsAre(0, 0, 0, 1)) << "a pick of the pin, and none of the others";
  EXPECT_EQ(rows.shown[1].position, 3);
  EXPECT_EQ(dataset.lineage.requests, 2);
}

TEST_F(DatasetTest, TakesNoBoundOrderForARandomOne) {
  Ranking drawn;
  drawn.policy = Policy::uniform();
  drawn.policy.wishes = R"([{"name":"p","how":"pin","at":1,"where":["item.price > 1.5"]}])";
  drawn.policy.pinned = {1};
  pick(shown(30, {5, 2}, drawn), 2);
  drawn.policy.wishes = R"([{"name":"m","how":"at_most","field":"title","most":1,"first":2}])";
  drawn.policy.pinned.clear();
  pick(shown(30, {5, 2}, drawn), 2);
  EXPECT_THAT(read().train.randomised, ElementsAre(1, 0, 0));
}

TEST_F(DatasetTest, LabelsEveryPickOfARequestAndAPickOnce) {
  const Asked asked = shown(30, {1, 2, 3});
  pick(asked, 3);
  pick(asked, 1);
  pick(asked, 3);
  const Dataset dataset = read();
  EXPECT_THAT(dataset.train.rows.labels, ElementsAre(1, 0, 1));
  EXPECT_THAT(dataset.train.rows.weights, ElementsAre(1, 1, 1));
  EXPECT_EQ(dataset.lineage.requests, 1);
  EXPECT_EQ(dataset.lineage.none_chosen, 0);
}

TEST_F(DatasetTest, LabelsNothingWhenNoneWasChosen) {
  pick_none(shown(30, {1, 2}));
  const Dataset dataset = read();
  EXPECT_THAT(dataset.train.rows.labels, ElementsAre(0, 0));
  EXPECT_EQ(dataset.lineage.none_chosen, 1);
  EXPECT_EQ(dataset.lineage.requests, 1);
}

TEST_F(DatasetTest, LeavesAPickItsLabelWhateverNoneChosenSays) {
  const Asked before = shown(30, {1, 2});
  pick(before, 1);
  pick_none(before);
  const Asked after = shown(31, {1, 2});
  pick_none(after);
  pick(after, 2);
  const Dataset dataset = read();
  EXPECT_THAT(dataset.train.rows.labels, ElementsAre(1, 0, 0, 1));
  EXPECT_EQ(dataset.lineage.none_chosen, 0);
}

TEST_F(DatasetTest, TakesNoneChosenBeforeAnythingWasShownForNoOutcome) {
  const Asked asked = answered(30, {1, 2});
  pick_none(asked);
  show(asked, 2);
  const Dataset dataset = read();
  EXPECT_EQ(dataset.train.rows.rows(), 0U);
  EXPECT_EQ(dataset.lineage.requests, 0);
  EXPECT_EQ(dataset.lineage.without_outcome, 1);
}

TEST_F(DatasetTest, CountsRequestsWithoutAnOutcomeAndLeavesThemOut) {
  pick(shown(30, {1, 2}), 2);
  shown(31, {1, 2});
  shown(32, {3});
  const Dataset dataset = read();
  EXPECT_EQ(dataset.lineage.without_outcome, 2);
  EXPECT_EQ(dataset.lineage.requests, 1);
  EXPECT_THAT(dataset.train.rows.requests, ElementsAre(1, 1));
}

TEST_F(DatasetTest, HasOnlyWhatWasShownOfAList) {
  const Asked asked = answered(30, {4, 3, 2, 1});
  show(asked, 2);
  pick(asked, 4);
  EXPECT_EQ(rows().items, ids({4, 3}));
}

TEST_F(DatasetTest, SaysHowEachRowWasShown) {
  Ranking like;
  like.model = {7};
  like.policy = Policy::uniform();
  like.items = {{{3}, 0.9F, 1.0F / 3}, {{1}, 0.8F, 0.5F}, {{2}, 0.7F, 1}};
  pick(shown(30, {}, like), 1);
  const ml::LabelledRows rows = this->rows();
  ASSERT_EQ(rows.shown.size(), 3U);
  for (std::size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(rows.shown[r].position, static_cast<int>(r) + 1);
    EXPECT_FLOAT_EQ(rows.shown[r].propensity, 1.0F / static_cast<float>(3 - r));
    EXPECT_EQ(rows.shown[r].model, ModelId{7});
    EXPECT_EQ(rows.shown[r].item_version, 1);
  }
}

TEST_F(DatasetTest, KnowsWhichListsWereUniformDraws) {
  const auto ask = [&](const Policy& policy) {
    Ranking like;
    like.policy = policy;
    pick(shown(30, {1}, like), 1);
  };
  ask({});
  ask(Policy::uniform());
  ask(Policy::epsilon_greedy(0.1, false));
  ask(Policy::epsilon_greedy(0.1, true));
  ask(parse_policy("epsilon_greedy", R"({ "drawn": "uniform", "epsilon": 0.1 })", false));
  ask(parse_policy("thompson", R"({"drawn":"uniform"})", false));
  EXPECT_THAT(read().train.randomised, ElementsAre(0, 1, 0, 1, 1, 0));
}

// What an item became later must not be learned as what it was.
TEST_F(DatasetTest, HasTheValuesThatAnItemHadWhenItWasRanked) {
  const Asked before = shown(30, {1, 2});
  ASSERT_TRUE(write_items({2, {{{1}, film("Film", 99)}, {{2}, std::nullopt}}}));
  const Asked between = shown(31, {1, 3});
  ASSERT_TRUE(write_items({3, {{{1}, film("Film", 50)}}}));
  pick(before, 1);
  pick(between, 1);
  const ml::LabelledRows rows = this->rows();
  EXPECT_THAT(rows.values, ElementsAre(30, 1, 30, 2, 31, 99, 31, 3));
  ASSERT_EQ(rows.shown.size(), 4U);
  EXPECT_EQ(rows.shown[0].item_version, 1);
  EXPECT_EQ(rows.shown[2].item_version, 2);
  EXPECT_EQ(rows.shown[3].item_version, 1);
}

TEST_F(DatasetTest, CountsRequestsThatTheDomainCannotReadAnyMore) {
  const Asked odd = answered_to(R"({"age":"old"})", {1, 2});
  show(odd, 2);
  pick(odd, 1);
  pick(shown(30, {1}), 1);
  const Dataset dataset = read();
  EXPECT_EQ(dataset.lineage.unreadable, 1);
  EXPECT_EQ(dataset.lineage.requests, 1);
  EXPECT_THAT(dataset.train.rows.requests, ElementsAre(2));
}

TEST_F(DatasetTest, TrainsOnOlderAndTestsOnNewerWholeRequests) {
  ask_some(10);
  const Dataset dataset = read({.window = 0, .test_share = 0.2, .validation_share = 0.25});
  EXPECT_EQ(dataset.lineage.train_requests, 6);
  EXPECT_EQ(dataset.lineage.validation_requests, 2);
  EXPECT_EQ(dataset.lineage.test_requests, 2);
  EXPECT_EQ(dataset.lineage.rows, 30);
  EXPECT_EQ(dataset.lineage.first, InferenceId{1});
  EXPECT_EQ(dataset.lineage.trained_until, InferenceId{8});
  EXPECT_EQ(dataset.lineage.last, InferenceId{10});
  EXPECT_EQ(dataset.train.rows.rows(), 18U);
  EXPECT_EQ(dataset.train.rows.requests.back(), 6);
  EXPECT_THAT(dataset.validation.rows.requests, ElementsAre(7, 7, 7, 8, 8, 8));
  EXPECT_THAT(dataset.test.rows.requests, ElementsAre(9, 9, 9, 10, 10, 10));
  EXPECT_TRUE(std::is_sorted(dataset.train.rows.requests.begin(), dataset.train.rows.requests.end()));
}

// An outcome may come late: the order is that of the requests.
TEST_F(DatasetTest, KeepsTheOrderOfRequestsWhenOutcomesComeInAnother) {
  const Asked first = shown(30, {1});
  const Asked second = shown(31, {2});
  pick(second, 2);
  pick(first, 1);
  EXPECT_THAT(rows().requests, ElementsAre(1, 2));
}

TEST_F(DatasetTest, TellsWhoAskedTheTestRequestsAndWhoAnswered) {
  Ranking like;
  like.model = {3};
  pick(shown(40, {1}, like, "ada"), 1);
  pick(shown(41, {1}, {}, "bob"), 1);
  pick(shown(42, {1}, {}, "ada"), 1);
  pick(shown(43, {1}), 1);
  pick(shown(44, {1}), 1);
  const Dataset dataset = read({.window = 0, .test_share = 1, .validation_share = 0});
  const auto& requests = dataset.test_requests;
  EXPECT_THAT(numbers(requests), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(requests[0].logged_by, ModelId{3});
  EXPECT_EQ(requests[1].logged_by, ModelId{0});
  EXPECT_EQ(requests[4].values.numbers.front(), 44);
  EXPECT_EQ(requests[0].person, requests[2].person);
  EXPECT_NE(requests[0].person, requests[1].person);
  EXPECT_NE(requests[3].person, requests[4].person);
  EXPECT_EQ(dataset.lineage.trained_until, InferenceId{0});
}

TEST_F(DatasetTest, KnowsWhoAskedForEveryRow) {
  pick(shown(40, {1, 2}, {}, "ada"), 1);
  pick(shown(41, {1}), 1);
  const Dataset dataset = read({.window = 0, .test_share = 0.5, .validation_share = 0});
  const ml::Person ada = ml::person_number("ada");
  EXPECT_NE(ada, 0U);
  EXPECT_THAT(dataset.train.rows.people, ElementsAre(ada, ada));
  EXPECT_THAT(dataset.test.rows.people, ElementsAre(0));
  EXPECT_EQ(dataset.test_requests.front().known_person(), 0U);
  EXPECT_NE(dataset.test_requests.front().person, 0U);
}

TEST_F(DatasetTest, LooksAtTheNewestRequestsWithAnOutcome) {
  ask_some(3);
  shown(30, {1});
  pick(shown(31, {1}), 1);
  shown(32, {1});
  const Dataset dataset = read({.window = 2, .test_share = 0, .validation_share = 0});
  EXPECT_EQ(dataset.lineage.requests, 2);
  EXPECT_EQ(dataset.lineage.first, InferenceId{3});
  EXPECT_EQ(dataset.lineage.last, InferenceId{5});
  EXPECT_EQ(dataset.lineage.without_outcome, 2);
  EXPECT_EQ(read({.window = 100, .test_share = 0, .validation_share = 0}).lineage.requests, 4);
  EXPECT_EQ(read().lineage.requests, 4);
}

// Imported history where weights count people: 531 + 269 of 1,000, the others chose nothing.
TEST_F(DatasetTest, TakesTheShareOfTheChoosersForALabel) {
  auto request = imported(30, {4, 5, 6}, {{4, 531}, {6, 269}});
  request.feedback.push_back(nobody(200));
  import({request});
  const ml::LabelledRows rows = this->rows();
  EXPECT_THAT(rows.labels, ElementsAre(FloatEq(0.531F), 0, FloatEq(0.269F)));
  EXPECT_THAT(rows.weights, Each(1000));
}

TEST_F(DatasetTest, LabelsAPickWithItsGain) {
  auto one = imported(30, {4, 5, 6}, {{4, 1}, {6, 1}});
  one.feedback[0].value = 3;
  one.feedback[1].value = 0.5;
  auto many = imported(31, {4, 5}, {{4, 30}});
  many.feedback[0].value = 2;
  many.feedback.push_back(nobody(90));
  import({one, many});
  const ml::LabelledRows rows = this->rows();
  EXPECT_THAT(rows.labels, ElementsAre(3, 0, 0.5F, 0.5F, 0));
  EXPECT_THAT(rows.weights, ElementsAre(1, 1, 1, 120, 120));
}

TEST_F(DatasetTest, TakesARequestWithoutCountsForOneChooser) {
  import({imported(30, {4, 5}, {{4, 1}, {5, 1}}), imported(31, {4, 5}, {{5, 3}})});
  const ml::LabelledRows rows = this->rows();
  EXPECT_THAT(rows.labels, ElementsAre(1, 1, 0, 1));
  EXPECT_THAT(rows.weights, ElementsAre(1, 1, 3, 3));
}

TEST_F(DatasetTest, HashesEveryNumberOfItsRows) {
  const auto hash = [&](const DatasetOptions& options = kUndivided) { return read(options).lineage.hash; };
  ask_some(4);
  const std::string first = hash();
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(hash(), first);
  // A list without an outcome is no row; a label is.
  const Asked asked = shown(30, {1, 2});
  EXPECT_EQ(hash(), first);
  pick(asked, 1);
  const std::string more = hash();
  EXPECT_NE(more, first);
  pick(asked, 2);
  EXPECT_NE(hash(), more);
  EXPECT_NE(hash({.window = 0, .test_share = 0.4, .validation_share = 0}), hash());
}

// Datasets with equal features differ when other items, chances or models stand behind them.
TEST_F(DatasetTest, HashesWhichItemsWereShownAndHow) {
  int stores = 0;
  const auto hash_of = [&](const Ranking& like) {
    const std::string file = "hashed" + std::to_string(++stores) + ".db";
    store_ = *storage::open_store("sqlite:" + (folder_.path() / file).string(), options_, clock_, relay_);
    EXPECT_TRUE(write_items({1, {{{1}, film("Film")}, {{2}, film("Film")}, {{3}, film("Film", 3)}}}));
    pick(shown(30, {}, like), 3);
    return read().lineage.hash;
  };
  Ranking like;
  like.items = {{{1}, 0, 1}, {{3}, 0, 1}};
  const std::string first = hash_of(like);
  EXPECT_EQ(hash_of(like), first);
  Ranking by_a_model = like;
  by_a_model.model = {4};
  EXPECT_NE(hash_of(by_a_model), first);
  Ranking drawn = like;
  drawn.policy = Policy::uniform();
  drawn.items[0].propensity = 0.5F;
  EXPECT_NE(hash_of(drawn), first);
  like.items[0].item = {2};
  EXPECT_NE(hash_of(like), first);
}

TEST_F(DatasetTest, EndsWhenAStopIsRequested) {
  ask_some(2);
  std::stop_source stop;
  stop.request_stop();
  const auto dataset = read_dataset(*store_, *domain_, kUndivided, stop.get_token());
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::kAborted);
  EXPECT_EQ(dataset.error().message, "training was cancelled");
}

TEST_F(DatasetTest, ReadsTheNewestRowsWithOrWithoutAnOutcome) {
  pick(shown(30, {1, 2}), 1);
  shown(31, {3});
  pick_none(shown(32, {4, 5}));
  const auto all = read_recent_rows(*store_, *domain_, 100, RecentRows::kWithCrosses);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->items, ids({1, 2, 3, 4, 5}));
  const auto some = read_recent_rows(*store_, *domain_, 2, RecentRows::kWithCrosses);
  ASSERT_TRUE(some);
  EXPECT_EQ(some->items, ids({3, 4, 5}));
  EXPECT_THAT(some->values, ElementsAre(31, 3, 32, 4, 32, 5));
}

TEST(Lineage, IsReadAsItWasWritten) {
  ModelLineage made;
  made.dataset.first = {3};
  made.dataset.trained_until = {70};
  made.dataset.last = {90};
  made.dataset.without_outcome = 5;
  made.dataset.rows = 7;
  made.dataset.last_imported = {WallTime{std::chrono::milliseconds{12'000}}, InferenceId{60}};
  made.dataset.hash = "beef";
  made.family = "logistic";
  made.hyperparameters = R"({"logistic.penalty":1})";
  made.warnings = {"a \"word\""};
  made.snapshot = "[]";
  made.curve = "[]";
  const std::string text = to_json(made);
  const boost::json::value parsed = json(text);
  EXPECT_EQ(parsed.at("source").as_string(), "ledger");
  EXPECT_EQ(parsed.at("without_outcome").to_number<int>(), 5);
  EXPECT_EQ(parsed.at("hyperparameters").at("logistic.penalty").to_number<int>(), 1);
  EXPECT_EQ(parsed.at("warnings").at(0).as_string(), "a \"word\"");
  EXPECT_EQ(parsed.at("hash").as_string().size(), 64U);  // over the settings, too
  const Lineage read = read_lineage(text);
  EXPECT_EQ(read.first, InferenceId{3});
  EXPECT_EQ(read.trained_until, InferenceId{70});
  EXPECT_EQ(read.last, InferenceId{90});
  EXPECT_EQ(read.rows, 7);
  ASSERT_TRUE(read.last_imported);
  EXPECT_EQ(read.last_imported->at, made.dataset.last_imported->at);
  EXPECT_EQ(read.last_imported->id, InferenceId{60});
}

TEST(Lineage, HasOtherHashesForOtherSettings) {
  ModelLineage made{.hyperparameters = "{}", .snapshot = "[]", .curve = "[]"};
  const std::string hash{json(to_json(made)).at("hash").as_string()};
  made.seconds = 5;
  EXPECT_EQ(json(to_json(made)).at("hash").as_string(), hash);
  made.seed = 2;
  EXPECT_NE(json(to_json(made)).at("hash").as_string(), hash);
}

TEST(Lineage, HasNoRequestThatItDoesNotName) {
  for (const char* text : {R"({"source":"import"})", R"({"last":"ten"})", "[1]", ""}) {
    EXPECT_EQ(read_lineage(text).last, InferenceId{0}) << text;
    EXPECT_FALSE(read_lineage(text).last_imported) << text;
  }
}

// ---- When it happened, how far down, and by whom ----

TEST_F(DatasetTest, TestsOnTheLatestOfImportedHistoryHoweverItCame) {
  std::vector<storage::ImportedRequest> requests;
  for (int r = 0; r < 10; ++r) {
    requests.push_back(imported(20 + r, {1, 2}, {{1, 1}}));
    requests.back().at -= std::chrono::hours{r};  // the newest first
  }
  import(std::move(requests));
  const Dataset dataset = read({.test_share = 0.2, .validation_share = 0, .judge_imported = true});
  EXPECT_THAT(numbers(dataset.test_requests), ElementsAre(2, 1));
  EXPECT_EQ(dataset.lineage.last_imported->id, InferenceId{3});
}

TEST_F(DatasetTest, LeavesImportedHistoryOutOfTheTestPart) {
  ask_some(5);
  import({imported(30, {1, 2}, {{1, 1}}), imported(31, {1, 2}, {{1, 1}})});
  const Dataset dataset = read({.test_share = 0.4, .validation_share = 0});
  EXPECT_THAT(numbers(dataset.test_requests), ElementsAre(4, 5));
  EXPECT_EQ(dataset.lineage.train_requests, 5);
  EXPECT_EQ(dataset.lineage.trained_until, InferenceId{3});
  EXPECT_EQ(dataset.lineage.imported, 2);
}

TEST_F(DatasetTest, JudgesByImportedHistoryWhereNothingElseCan) {
  std::vector<storage::ImportedRequest> requests;
  for (int r = 0; r < 5; ++r) {
    requests.push_back(imported(30 + r, {1, 2}, {{1, 1}}));
    requests.back().at += std::chrono::minutes{r};
  }
  import(std::move(requests));
  const DatasetOptions alone{.test_share = 0.4, .validation_share = 0, .judge_imported_alone = true};
  EXPECT_THAT(numbers(read(alone).test_requests), ElementsAre(4, 5));
  ask_some(5);
  EXPECT_THAT(numbers(read(alone).test_requests), ElementsAre(9, 10));
}

TEST_F(DatasetTest, TakesNoPickFarDownAListForAnOutcome) {
  pick(shown(30, {1, 2, 3, 4}), 4);
  const Asked asked = shown(31, {1, 2, 3, 4});
  pick(asked, 2);
  pick(asked, 4);
  DatasetOptions options = kUndivided;
  options.most_shown = 3;
  const Dataset dataset = read(options);
  EXPECT_EQ(dataset.lineage.without_outcome, 1);
  EXPECT_EQ(dataset.lineage.picked_below, 1);
  EXPECT_EQ(dataset.train.rows.items, ids({1, 2, 3}));
  EXPECT_THAT(dataset.train.rows.labels, ElementsAre(0, 1, 0));
}

TEST_F(DatasetTest, LetsOnePersonWeighNoMoreThanItsShare) {
  for (int r = 0; r < 4; ++r) pick(shown(30, {1}, {}, "ann"), 1);
  pick(shown(30, {1}, {}, "ben"), 1);
  pick(shown(30, {1}), 1);
  DatasetOptions options = kUndivided;
  options.person_limit = 2;
  EXPECT_THAT(read(options).train.rows.weights, ElementsAre(0.5F, 0.5F, 0.5F, 0.5F, 1, 1));
}

}  // namespace
}  // namespace rankloop::app
