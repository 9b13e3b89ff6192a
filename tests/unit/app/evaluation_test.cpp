// Evaluations of the ledger in worlds whose truth is known: films that please by their numbers, looked at
// less the lower they stand.
#include "app/learn/evaluation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/wish_json.h"
#include "unit/app/film_evaluations.h"

namespace rankloop::app {
namespace {

TEST_F(EvaluationTest, TellsWhatAnotherModelWouldHaveEarned) {
  begin();
  log(700, 0.5);
  const auto evaluation = evaluate(R"({"model_id":)" + std::to_string(other_.value) + "}");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_TRUE(evaluation->report.refusals.empty()) << evaluation->report.refusals.front();
  EXPECT_EQ(evaluation->facts.used(), 700);
  EXPECT_EQ(evaluation->report.people, 350U);
  const auto estimates = values(*evaluation);
  for (const char* name : {"ips", "snips", "dr", "sndr", "pbm", "pbm_dr"})
    EXPECT_NEAR(estimates.at(name), worth(kOther), 0.2) << name;
  EXPECT_NEAR(evaluation->report.logged, 0.5 * worth(kChampion) + 0.5 * 0.35 * (1 + 0.5 + 1 / 3.0), 0.1);
  EXPECT_NEAR(static_cast<double>(evaluation->facts.randomised), 350, 55);
  EXPECT_EQ(evaluation->facts.logged_by.at(champion_), 700);
  EXPECT_EQ(evaluation->facts.policies.at("epsilon_greedy"), 700);
  EXPECT_GT(evaluation->facts.checked, 0);
  EXPECT_EQ(evaluation->facts.differing, 0);
  EXPECT_TRUE(evaluation->next_steps.empty());
}

TEST_F(EvaluationTest, KnowsHowLikelyEachItemWasAtItsPositionAndWouldBe) {
  begin();
  log(80, 0.25);
  std::size_t lists = 0, drawn = 0;
  const auto visit = [&](const EvaluatedList& list) {
    ++lists;
    double joint = 0.25, joint_target = 0.1;
    bool champions = true, others = true;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const bool logged = list.items[i].value == kChampion[i];
      const bool wanted = list.items[i].value == kOther[i];
      champions = champions && logged;
      others = others && wanted;
      joint /= kItems - static_cast<double>(i);
      joint_target /= kItems - static_cast<double>(i);
      const ml::LoggedItem& item = list.logged[i];
      EXPECT_NEAR(item.propensity, 0.25 / kItems + (logged ? 0.75 : 0), 1e-12);
      EXPECT_NEAR(item.target, 0.1 / kItems + (wanted ? 0.9 : 0), 1e-12);
      EXPECT_NEAR(item.joint, joint + (champions ? 0.75 : 0), 1e-12);
      EXPECT_NEAR(item.joint_target, joint_target + (others ? 0.9 : 0), 1e-12);
    }
    drawn += champions ? 0 : 1;
  };
  const auto evaluation =
      evaluate(R"({"model_id":)" + std::to_string(other_.value) + R"(,"explore":0.1})", visit);
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_EQ(lists, 80U);
  EXPECT_GT(drawn, 8U);
}

TEST_F(EvaluationTest, FindsItsOwnEarningsForTheWayTheListsWereMade) {
  begin();
  log(250, 0.5);
  const auto evaluation = evaluate(R"({"explore":0.5})");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  const auto estimates = values(*evaluation);
  for (const char* name : {"ips", "snips", "rips", "pbm"})
    EXPECT_NEAR(estimates.at(name), evaluation->report.logged, 1e-9) << name;
  EXPECT_NEAR(evaluation->report.weights.largest, 1, 1e-9);
}

TEST_F(EvaluationTest, HoldsEveryWayToWhatWasBlockedAndBoosted) {
  begin();
  const auto wishes = read_kept_wishes(R"([{"name":"b","how":"block","where":["item.price > 5.5"]},)"
                                       R"({"name":"u","how":"boost","by":20,"where":["item.price > 4.5"]}])",
                                       *domain_);
  ASSERT_TRUE(wishes) << wishes.error().message;
  const WishesInForce held = wishes_in_force(*wishes, WallTime{});
  log(120, 0.5, &held);
  const auto evaluation = evaluate(R"({"explore":0.5})");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_EQ(evaluation->facts.used(), 120);
  EXPECT_EQ(evaluation->facts.differing, 0);
  EXPECT_EQ(evaluation->facts.eligible, 5);
  EXPECT_NEAR(values(*evaluation).at("ips"), evaluation->report.logged, 1e-9);
}

TEST_F(EvaluationTest, LeavesOutListsWithPinsAndBounds) {
  begin();
  log(4, 0.5);
  const auto wishes =
      read_kept_wishes(R"([{"name":"p","how":"pin","at":2,"where":["item.price > 2.5"]}])", *domain_);
  ASSERT_TRUE(wishes) << wishes.error().message;
  const WishesInForce held = wishes_in_force(*wishes, WallTime{});
  log(3, 0.5, &held);
  const auto evaluation = evaluate("{}");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_EQ(left_out(*evaluation, OfNoUse::kWishes), 3);
  EXPECT_EQ(evaluation->facts.used(), 4);
}

TEST_F(EvaluationTest, LooksAtTheFirstPositionsAloneWhenAsked) {
  begin();
  log(250, 0.5);
  const auto evaluation = evaluate(R"({"policy":"random","positions":1})");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_EQ(evaluation->report.items, 250U);
  EXPECT_EQ(evaluation->facts.model.value, 0);
  EXPECT_NEAR(values(*evaluation).at("ips"), 0.35, 0.15);
}

TEST_F(EvaluationTest, CountsWhatIsOfNoUseWithTheReason) {
  begin();
  log(4, 0.5);
  decide(answered(30, {}, ranked(kChampion, 0)));
  show(answered(30, {}, ranked(kChampion, 0.5)), kShown);
  Ranking foreign = ranked(kChampion, 0.5);
  foreign.policy = {PolicyKind::kExternal, true};
  decide(answered(30, {}, foreign));
  Ranking gone = ranked(kChampion, 0.5);
  gone.model = ModelId{99};
  decide(answered(30, {}, gone));
  Ranking wrong = ranked(kChampion, 0.5);
  wrong.items[1].propensity *= 0.5F;
  decide(answered(30, {}, wrong));
  Ranking drafted = ranked(kChampion, 0);
  drafted.policy = Policy::with_parameters(PolicyKind::kInterleaved,
                                           R"({"first":1,"second":2,"depth":10,"way":"team_draft"})");
  decide(answered(30, {}, drafted));
  auto known = imported(30, {1, 2, 3}, {{1, 1}});
  known.propensities = {0.5F, 0.5F, 0.5F};
  import({imported(30, {1, 2, 3}, {{1, 1}}), known});
  const auto evaluation = evaluate("{}");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  using enum OfNoUse;
  for (const OfNoUse reason :
       {kDeterministic, kNoOutcome, kExternal, kModelGone, kNotReplayed, kImported, kFirstOnly, kInterleaved})
    EXPECT_EQ(left_out(*evaluation, reason), 1) << name_of(reason);
  EXPECT_EQ(evaluation->facts.used(), 4);
  const auto first = evaluate(R"({"positions":1})");
  ASSERT_TRUE(first);
  EXPECT_EQ(left_out(*first, kFirstOnly), 0);
  EXPECT_EQ(left_out(*first, kInterleaved), 1);
  EXPECT_EQ(first->facts.used(), 6);  // what was wrong was wrong further down
}

TEST_F(EvaluationTest, LeavesOutWhatTheModelHasLearnedFrom) {
  begin();
  log(40, 0.5);
  const ModelId learned = add_model(ordering(kOther)->save(), false, R"({"trained_until":30})", "popularity");
  const std::string body = R"({"model_id":)" + std::to_string(learned.value);
  const auto fresh = evaluate(body + "}");
  ASSERT_TRUE(fresh);
  EXPECT_EQ(left_out(*fresh, OfNoUse::kTrainedOn), 30);
  EXPECT_EQ(fresh->facts.used(), 10);
  const auto all = evaluate(body + R"(,"include_trained":true})");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->facts.used(), 40);
}

TEST_F(EvaluationTest, RanksFromTheCatalogOfTheTime) {
  begin();
  log(60, 0.5);
  storage::CatalogWrite write{store_->catalog_version() + 1, {{{kFilms + 1}, film("New", 1)}, {{2}, {}}}};
  const auto version = write_items(std::move(write));
  ASSERT_TRUE(version);
  ASSERT_TRUE(serving_->wait_for_catalog(*version));
  log(60, 0.5);
  ASSERT_TRUE(write_items({store_->catalog_version() + 1, {{{1}, {}}}}));
  ASSERT_TRUE(serving_->wait_for_catalog(*version + 1));
  const auto evaluation = evaluate(R"({"policy":"random"})");
  ASSERT_TRUE(evaluation);
  EXPECT_EQ(evaluation->facts.used(), 120);
  EXPECT_EQ(evaluation->facts.older_catalog, 120);
  EXPECT_NEAR(evaluation->facts.eligible, 6, 1e-9);  // one came and one went
}

TEST_F(EvaluationTest, RanksTheCandidatesOfARequestAlone) {
  begin();
  std::vector<ItemId> candidates = ids({2, 4, 5, 6});
  for (int r = 0; r < 12; ++r) {
    storage::NewInference request;
    request.task =
        TaskId::make(clock_.wall().time_since_epoch().count(), 3, static_cast<std::uint64_t>(r) + 1);
    request.payload = R"({"age":30})";
    request.candidates = candidates;
    request.candidates_given = true;
    request.domain_version = 1;
    request.at = clock_.wall();
    const auto started = written<storage::StartedInference>(
        [&](auto done) { store_->start_inference(request, std::nullopt, std::move(done)); });
    ASSERT_TRUE(started);
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&request.task, 1}, 1);
    ASSERT_TRUE(claimed && claimed->size() == 1);
    Ranking ranking = ranked(kChampion, 0.5, candidates);
    ranking.catalog_version = store_->catalog_version();
    ranking.domain_version = 1;
    ASSERT_TRUE(written<storage::StartedInference>([&](auto done) {
      store_->finish_inference(claimed->front().lease, ranking, {}, clock_.wall(), std::move(done));
    }));
    Asked asked{request.task, started->inference, {}};
    for (const RankedItem& item : ranking.items) asked.items.push_back(item.item);
    decide(asked);
  }
  const auto evaluation = evaluate("{}");
  ASSERT_TRUE(evaluation);
  EXPECT_EQ(evaluation->facts.used(), 12);
  EXPECT_EQ(evaluation->facts.eligible, 4);
}

TEST_F(EvaluationTest, SaysWhatToDoWhereTheLogCannotAnswer) {
  begin();
  for (int r = 0; r < 5; ++r) decide(answered(30, {}, ranked(kChampion, 0)));
  const auto silent = evaluate("{}");
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->report.refusals.front(), "None of the requests says anything of this policy.");
  ASSERT_FALSE(silent->next_steps.empty());
  EXPECT_NE(silent->next_steps.front().find("exploration.share = 0.05"), std::string::npos);
  EXPECT_TRUE(silent->report.estimates.empty());

  log(20, 0.5);
  const auto few = evaluate(R"({"model_id":)" + std::to_string(other_.value) + "}");
  ASSERT_TRUE(few);
  ASSERT_FALSE(few->report.refusals.empty());
  EXPECT_NE(few->next_steps.front().find("more requests like these"), std::string::npos)
      << few->next_steps.front();
}

TEST_F(EvaluationTest, LooksAtATimeWhenAsked) {
  begin();
  log(10, 0.5);
  clock_.advance(std::chrono::hours{1});
  const std::string then = to_iso8601(clock_.wall());
  log(6, 0.5);
  const auto later = evaluate(R"({"since":")" + then + R"("})");
  const auto before = evaluate(R"({"until":")" + then + R"("})");
  ASSERT_TRUE(later && before);
  EXPECT_EQ(later->facts.read, 6);
  EXPECT_EQ(before->facts.read, 10);
  const auto window = evaluate(R"({"window":4})");
  ASSERT_TRUE(window);
  EXPECT_EQ(window->facts.read, 4);
}

TEST_F(EvaluationTest, EndsWhenItIsToldTo) {
  begin();
  log(10, 0.5);
  std::stop_source stop;
  int seen = 0;
  const auto evaluation = evaluate(
      "{}",
      [&](const EvaluatedList&) {
        ++seen;
        stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(evaluation);
  EXPECT_EQ(evaluation.error().code, ErrorCode::kAborted);
  EXPECT_EQ(seen, 1);
}

TEST_F(EvaluationTest, IsATaskWithAResult) {
  begin();
  log(60, 0.5);
  const auto request = evaluation_->check(json("null"));
  ASSERT_TRUE(request);
  const auto start = [&] {
    return written<storage::TaskRecord>(
        [&](auto done) { evaluation_->start(*request, std::nullopt, std::nullopt, std::move(done)); });
  };
  ASSERT_TRUE(start());
  EXPECT_EQ(start().error().code, ErrorCode::kFailedPrecondition);
  const auto tasks = store_->claim(TaskKind::kEvaluation, {}, 1);
  ASSERT_TRUE(tasks && tasks->size() == 1);
  Heartbeat heart(*store_, tasks->front().lease, std::chrono::milliseconds{10}, {});
  const auto result = evaluation_->run(tasks->front(), heart);
  ASSERT_TRUE(result) << result.error().message;
  const auto kept = json(result->json);
  EXPECT_EQ(kept.at("requests").at("used").to_number<int>(), 60);
  EXPECT_EQ(kept.at("target").at("model_id").to_number<std::int64_t>(), champion_.value);
  ASSERT_TRUE(written<ModelId>(
      [&](auto done) { store_->finish_job(tasks->front().lease, *result, clock_.wall(), std::move(done)); }));
  const auto ended = store_->task(tasks->front().lease.task);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->result, result->json);
  EXPECT_EQ(evaluation_->list(5)->size(), 1U);
}

TEST_F(EvaluationTest, RefusesWhatItCannotAskFor) {
  write_films(kFilms);
  start_serving();
  EXPECT_EQ(evaluation_->check(json("null")).error().message, "There is no champion yet");
  EXPECT_EQ(evaluation_->check(json(R"({"model_id":7})")).error().message, "Model not found");
  EXPECT_TRUE(evaluation_->check(json(R"({"policy":"random"})")));
}

TEST(EvaluationRequest, NamesEveryFault) {
  const auto request = read_evaluation_body(
      json(
          R"({"model_id":1,"policy":"random","explore":1.5,"positions":31,"folds":1,"since":"yesterday","windw":3})"),
      100);
  ASSERT_FALSE(request);
  std::vector<std::string> places;
  for (const FieldFault& fault : request.error().faults) places.push_back(fault.loc.back());
  EXPECT_EQ(places, (std::vector<std::string>{"windw", "policy", "explore", "since", "positions", "folds"}));
}

TEST(EvaluationRequest, IsTheSameAfterItWasKept) {
  for (
      const char* body :
      {"{}", R"({"model_id":3,"explore":0.05,"window":7,"positions":1,"folds":5,"clip":20})",
       R"({"policy":"random","since":"2026-03-01T00:00:00Z","until":"2026-04-01T00:00:00Z","include_trained":true,"family":"gbdt"})"}) {
    const auto request = read_evaluation_body(json(body), 100);
    ASSERT_TRUE(request) << request.error().message;
    const auto again = read_evaluation_body(json(to_json(*request)), 5);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *request);
  }
}

}  // namespace
}  // namespace rankloop::app
