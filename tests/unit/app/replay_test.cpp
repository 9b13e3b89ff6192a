// Past requests, ranked again.
#include "app/serve/replay.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/watch/replay_window.h"
#include "ml/train.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Of films: the cheap ones are picked, the more so the older who asks is.
std::shared_ptr<const ml::Model> frugal_model(const Domain& domain, int dearest) {
  ml::LabelledRows rows;
  rows.width = 2;
  for (int r = 0; r < 400; ++r) {
    const int price = 1 + r % 8;
    rows.values.push_back(static_cast<float>(20 + r % 30));
    rows.values.push_back(static_cast<float>(price));
    rows.labels.push_back(price < dearest ? 1 : 0);
  }
  const auto model = ml::train_model(domain, rows, rows, {.family = "mlp"}, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

class ReplayTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(40);
    id_ = add_model(frugal_model(*domain_, 4)->save(), true, "{}", "mlp");
    inference_options_.best = 8;
  }

  TaskId ranked(const std::string& body = R"({"age":30})") {
    const TaskId task = inference_->new_task_id();
    EXPECT_TRUE(written<storage::StartedInference>([&](auto done) {
      inference_->start(task, *inference_->check(json(body)), std::nullopt, std::move(done));
    }));
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    inference_->run(claimed->front());
    EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    return task;
  }
  Replays replays(int domain_version = 1, int best = 8) {
    return {domain_, domain_version, *store_, *serving_, best};
  }
  Replay replayed(const TaskId& task, const ReplayWish& wish = {}) {
    const auto replay = replays_->replay(task, wish);
    EXPECT_TRUE(replay) << replay.error().message;
    return replay ? *replay : Replay{};
  }
  Error fault_of(const TaskId& task, const ReplayWish& wish = {}) {
    const auto replay = replays_->replay(task, wish);
    EXPECT_FALSE(replay);
    return replay ? Error{} : replay.error();
  }
  void change_catalog() {
    const std::int64_t version = store_->catalog_version() + 1;
    ASSERT_TRUE(write_items({version,
                             {{{1}, film("Dear now", 90)},
                              {{2}, std::nullopt},
                              {{3}, film("Other title", 3)},
                              {{77}, film("New and cheap", 0.5)}}}));
    ASSERT_TRUE(serving_->wait_for_catalog(version));
  }

  ModelId id_;
};

TEST_F(ReplayTest, IsTheSameBitByBitWhateverBecameOfTheCatalogAndTheModelsSince) {
  start_serving();
  std::vector<TaskId> tasks = {ranked(), ranked(R"({"age":61})"),
                               ranked(R"({"age":30,"candidates":[5,99,4,4,39]})"),
                               ranked(R"({"age":44,"user_key":"ada"})")};
  change_catalog();
  tasks.push_back(ranked());
  add_model(frugal_model(*domain_, 6)->save(), true);
  restart();
  for (const TaskId& task : tasks) {
    const Replay replay = replayed(task);
    EXPECT_TRUE(replay.as_it_was);
    EXPECT_TRUE(replay.same) << replay.first_difference;
    EXPECT_EQ(replay.model, id_);
    EXPECT_EQ(replay.items.front().before, 1);
  }
}

class InterleavedReplayTest : public ReplayTest, public ::testing::WithParamInterface<Interleaving> {
 protected:
  storage::ExperimentRecord running(ModelId other) {
    storage::NewExperiment wanted{.name = "both", .interleaving = GetParam(), .design = "{}"};
    wanted.arms = {{{}, "old", {}, 0.5}, {{}, "new", other, 0.5}};
    const storage::ModelChange by{"test", "a test", {}, clock_.wall()};
    const auto added = written<storage::ExperimentRecord>(
        [&](auto done) { store_->add_experiment(wanted, by, std::nullopt, std::move(done)); });
    EXPECT_TRUE(added);
    const auto started = written<storage::ExperimentRecord>([&](auto done) {
      store_->change_experiment({.id = added->id, .what = ExperimentEventKind::kStarted}, by, std::nullopt,
                                std::move(done));
    });
    EXPECT_TRUE(started);
    return *started;
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, InterleavedReplayTest,
                         ::testing::Values(Interleaving::kTeamDraft, Interleaving::kProbabilistic),
                         [](const auto& way) {
                           return way.param == Interleaving::kTeamDraft ? "TeamDraft" : "Probabilistic";
                         });

TEST_P(InterleavedReplayTest, MergesTheListsOfTwoModelsAgain) {
  const ModelId other = add_model(frugal_model(*domain_, 7)->save(), false, "{}", "mlp");
  const auto experiment = running(other);
  inference_options_.explore.share = 0.5;  // not where two models answer
  start_serving();
  std::vector<TaskId> tasks;
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(ranked());
    const Ranking& made = recent_.find(tasks.back())->ranking;
    EXPECT_EQ(made.policy.kind, PolicyKind::kInterleaved);
    EXPECT_EQ(made.items.size(), 8U);
    EXPECT_EQ(made.placed.size(), 8U);
    EXPECT_EQ(made.arm, experiment.arms[0].id);
  }
  change_catalog();
  restart();
  Replays more = replays(1, 30);  // a ranking keeps more by now
  for (const TaskId& task : tasks) {
    const auto replay = more.replay(task, {});
    ASSERT_TRUE(replay) << replay.error().message;
    EXPECT_TRUE(replay->as_it_was);
    EXPECT_TRUE(replay->same) << replay->first_difference;
    EXPECT_EQ(replay->model, id_);
    EXPECT_EQ(replay->second, other);
    EXPECT_FALSE(replayed(task, {.model = other, .explore = {}, .catalog_version = {}}).second);
  }
}

TEST_F(ReplayTest, DrawsTheRandomOrdersOfThenAgain) {
  inference_options_.explore.share = 0.5;
  start_serving();
  int drawn = 0;
  for (int i = 0; i < 20; ++i) {
    const TaskId task = ranked();
    drawn += drawn_uniformly(recent_.find(task)->ranking.policy) ? 1 : 0;
    EXPECT_TRUE(replayed(task).same);
  }
  EXPECT_GT(drawn, 2);
  EXPECT_LT(drawn, 18);
}

TEST_F(ReplayTest, DrawsThePositionsOfThenAgain) {
  inference_options_.explore = {
      .policy = PolicyKind::kSoftmax, .share = 0.7, .temperature = 2, .depth = 3, .most_loss = 0.1};
  start_serving();
  int departed = 0;
  for (int i = 0; i < 20; ++i) {
    const TaskId task = ranked();
    EXPECT_EQ(recent_.find(task)->ranking.policy.kind, PolicyKind::kSoftmax);
    const Replay replay = replayed(task);
    EXPECT_TRUE(replay.same) << replay.first_difference;
    departed += replay.items.front().now.propensity < 1 ? 1 : 0;
  }
  EXPECT_GT(departed, 0);
}

TEST_F(ReplayTest, RanksWithSomethingElseInstead) {
  start_serving();
  const TaskId task = ranked();
  const ModelId other = add_model(frugal_model(*domain_, 8)->save(), false);
  const Replay by_other = replayed(task, {.model = other});
  EXPECT_EQ(by_other.model, other);
  EXPECT_FALSE(by_other.as_it_was);
  EXPECT_FALSE(by_other.same);
  EXPECT_EQ(by_other.first_difference, 1);
  EXPECT_EQ(replayed(task, {.model = ModelId{0}}).family, "random");

  change_catalog();
  const Replay now = replayed(task, {.catalog_version = storage::CatalogStore::kCurrentVersion});
  EXPECT_EQ(now.catalog_version, 2);
  EXPECT_EQ(now.items.front().now.item, ItemId{77});
  EXPECT_EQ(now.items.front().before, 0);
  EXPECT_FALSE(now.same);
  EXPECT_FALSE(replayed(task, {.explore = 1}).same);
}

TEST_F(ReplayTest, GoesBackAndForthBetweenVersions) {
  start_serving();
  const TaskId first = ranked();
  change_catalog();
  const TaskId second = ranked();
  ASSERT_TRUE(write_items({3, {{{4}, std::nullopt}}}));
  ASSERT_TRUE(serving_->wait_for_catalog(3));
  Replays all = replays();
  for (const TaskId& task : {second, first, second, first, second}) {
    const auto replay = all.replay(task, {});
    ASSERT_TRUE(replay);
    EXPECT_TRUE(replay->same);
  }
}

TEST_F(ReplayTest, ComparesAsFarAsTheStoredListReaches) {
  start_serving();
  const TaskId task = ranked();
  Replays longer = replays(1, 20);
  EXPECT_TRUE(longer.replay(task, {})->same);
  EXPECT_EQ(longer.replay(task, {})->items.size(), 20U);
  Replays shorter = replays(1, 2);
  EXPECT_TRUE(shorter.replay(task, {})->same);
  EXPECT_EQ(shorter.replay(task, {})->items.size(), 8U);
}

TEST_F(ReplayTest, SaysWhatIsNotAsItWas) {
  start_serving();
  const TaskId task = ranked();
  Replays later = replays(2);
  const auto replay = later.replay(task, {});
  ASSERT_TRUE(replay);
  EXPECT_FALSE(replay->as_it_was);
  EXPECT_THAT(replay->remarks, ElementsAre(HasSubstr("The domain has changed since")));
}

TEST_F(ReplayTest, RefusesWhatCannotBeRankedAgain) {
  start_serving();
  const TaskId unknown = TaskId::make(1, 2, 3);
  EXPECT_EQ(fault_of(unknown).code, ErrorCode::kNotFound);
  const TaskId task = ranked();
  EXPECT_EQ(fault_of(task, {.model = ModelId{99}}).code, ErrorCode::kNotFound);
  EXPECT_EQ(fault_of(task, {.catalog_version = 17}).code, ErrorCode::kInvalidArgument);
  Ranking like;
  like.policy.kind = PolicyKind::kExternal;
  const Asked external = answered(30, {1, 2, 3}, like);
  EXPECT_EQ(fault_of(external.task).code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(fault_of(external.task).message, HasSubstr("external"));
}

TEST_F(ReplayTest, ReadsAWish) {
  const auto wish_of = [](std::string_view text) {
    const boost::json::value body = json(text);
    BodyReader reader{body};
    const ReplayWish wish = read_replay_wish(reader);
    return reader.faults() == 0 ? std::optional{wish} : std::nullopt;
  };
  EXPECT_TRUE(wish_of("{}")->changes_nothing());
  EXPECT_EQ(wish_of(R"({"model_id":0})")->model, ModelId{0});
  EXPECT_EQ(wish_of(R"({"catalog":"now"})")->catalog_version, storage::CatalogStore::kCurrentVersion);
  EXPECT_EQ(wish_of(R"({"catalog":"then","catalog_version":3})")->catalog_version, 3);
  EXPECT_EQ(wish_of(R"({"explore":0.25})")->explore, 0.25);
  for (const std::string_view bad : {R"({"explore":1.5})", R"({"model_id":-1})", R"({"catalog":"then?"})",
                                     R"({"catalog":"now","catalog_version":3})", "[]"}) {
    EXPECT_FALSE(wish_of(bad)) << bad;
  }
}

// ---- A window of them ----

TEST_F(ReplayTest, TellsWhichItemsWinAndLoseOverAWindow) {
  start_serving();
  std::vector<TaskId> tasks;
  for (int i = 0; i < 6; ++i) {
    tasks.push_back(ranked());
    show({tasks.back(), recent_.find(tasks.back())->inference, {}}, 3);
  }
  ranked();  // nobody has seen it
  change_catalog();
  const auto table_of = [&](const WindowReplay& asked) {
    const auto started = written<storage::TaskRecord>(
        [&](auto done) { window_replays_->start(asked, std::nullopt, std::nullopt, std::move(done)); });
    EXPECT_TRUE(started);
    const auto claimed = store_->claim(TaskKind::kReplay, {}, 1);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    Heartbeat heart{*store_, claimed->front().lease, std::chrono::milliseconds{500}, {}};
    const auto result = window_replays_->run(claimed->front(), heart);
    EXPECT_TRUE(result);
    EXPECT_TRUE(written<storage::TaskRecord>(
        [&](auto done) { store_->cancel_task(started->id, "enough", std::nullopt, std::move(done)); }));
    return json(result->json).as_object();
  };
  const auto plain = table_of({});
  EXPECT_EQ(plain.at("requests").as_int64(), 6);
  EXPECT_EQ(plain.at("same").as_int64(), 6);
  EXPECT_EQ(plain.at("overlap").to_number<double>(), 1);
  EXPECT_TRUE(plain.at("winners").as_array().empty());

  const auto now =
      table_of({.newest = 5, .wish = {.catalog_version = storage::CatalogStore::kCurrentVersion}});
  EXPECT_EQ(now.at("requests").as_int64(), 4);  // five requests, of which one was not shown
  EXPECT_EQ(now.at("same").as_int64(), 0);
  EXPECT_EQ(now.at("first_changed").as_int64(), 4);
  std::vector<std::int64_t> winners;
  for (const auto& winner : now.at("winners").as_array()) {
    winners.push_back(winner.at("film_id").as_int64());
    EXPECT_EQ(winner.at("before").as_int64(), 0);
    EXPECT_EQ(winner.at("now").as_int64(), 4);
  }
  EXPECT_THAT(winners, ElementsAre(4, 77));
  EXPECT_EQ(now.at("most_changed").as_array().size(), 4U);
  EXPECT_FALSE(now.at("losers").as_array().empty());
}

TEST(WindowReplay, ComesBackFromItsTask) {
  const WindowReplay asked{.newest = 12, .wish = {.model = ModelId{3}, .explore = 0.5, .catalog_version = 9}};
  const WindowReplay read = window_replay_of(to_json(asked));
  EXPECT_EQ(read.newest, 12);
  EXPECT_EQ(read.wish.model, ModelId{3});
  EXPECT_EQ(read.wish.explore, 0.5);
  EXPECT_EQ(read.wish.catalog_version, 9);
  EXPECT_TRUE(window_replay_of(to_json(WindowReplay{})).wish.changes_nothing());
  EXPECT_FALSE(read_window_replay(json(R"({"newest":0})")));
}

}  // namespace
}  // namespace rankloop::app
