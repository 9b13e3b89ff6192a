// What an experiment says, and what its ramp makes of that.
#include "app/watch/experiment_report.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "app/learn/experiments.h"
#include "app/watch/experiment_json.h"
#include "app/watch/experiment_ramp.h"
#include "ml/random_numbers.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

storage::ExperimentRecord two_arms(ExperimentUnit unit = ExperimentUnit::kPerson) {
  storage::ExperimentRecord record;
  record.id = {1};
  record.unit = unit;
  record.arms = {{{1}, "control", {}, 0.5}, {{2}, "other", {7}, 0.5}};
  record.exposure = 1;
  return record;
}

// The kinds of a domain of which only picks are told.
const std::vector<FeedbackRule> kPicks = {pick_rule()};

ListOutcome picked_or_none(bool picked, ml::Credit credit = {}) {
  if (!picked) return {.nones = 1};
  return {.told = {{.kind = 0, .value = 2, .reward = 2, .credit = credit}}};
}

ExperimentReport report_of(const storage::ExperimentRecord& experiment, const ExperimentDesign& design,
                           const ExperimentRows& rows, const std::vector<Earlier>& earlier = {}) {
  return report_on(experiment, design, kPicks, rows, earlier);
}

// People who ask three times each; the other arm's pick more or less often.
ExperimentRows people(int count, double control, double other) {
  ExperimentRows rows;
  ml::RandomNumbers random(3);
  for (int person = 0; person < count; ++person) {
    const auto arm = static_cast<std::uint16_t>(random.below(2));
    for (int i = 0; i < 3; ++i) {
      const bool picked = random.uniform(0, 1) < (arm == 0 ? control : other);
      rows.rows.push_back({rows.numbers, arm, ModelId{arm == 0 ? 1 : 7},
                           WallTime{std::chrono::milliseconds{rows.rows.size()}}, picked_or_none(picked)});
    }
    ++rows.numbers;
  }
  return rows;
}

const MetricReport& metric_of(const ExperimentReport& report, std::string_view name) {
  return *std::ranges::find_if(report.metrics,
                               [&](const MetricReport& each) { return each.metric.name() == name; });
}

TEST(ExperimentReport, TellsWhatTheArmsCameTo) {
  const ExperimentDesign design{.planned_people = 2'000};
  const auto report = report_of(two_arms(), design, people(2'000, 0.3, 0.4));
  EXPECT_EQ(report.requests, 6'000);
  EXPECT_EQ(report.people, 2'000);
  EXPECT_EQ(report.assigned[0] + report.assigned[1], 2'000);
  EXPECT_FALSE(ratio_alarm(report));
  const MetricReport& picks = report.metrics.front();
  EXPECT_EQ(picks.metric.name(), "pick_rate");
  EXPECT_TRUE(picks.primary);
  EXPECT_NEAR(picks.arms[0].mean, 0.3, 0.03);
  EXPECT_NEAR(picks.arms[1].mean, 0.4, 0.03);
  ASSERT_THAT(picks.comparisons, SizeIs(1));
  const Comparison& comparison = picks.comparisons.front();
  EXPECT_NEAR(comparison.effect->lift, 1.0 / 3, 0.1);
  EXPECT_GT(comparison.band->low, 0);
  EXPECT_LT(comparison.p_adjusted, 0.001);
  EXPECT_NEAR(metric_of(report, "value").comparisons.front().effect->difference,
              2 * comparison.effect->difference, 1e-9);
  EXPECT_NEAR(metric_of(report, "none_rate").comparisons.front().effect->difference,
              -comparison.effect->difference, 1e-9);
  EXPECT_EQ(metric_of(report, "outcome_rate").arms[0].mean, 1);
  ASSERT_THAT(report.bands, SizeIs(60));
  EXPECT_EQ(report.bands.back().requests, 6'000);
  EXPECT_EQ(report.bands.back().bands.front()->low, comparison.band->low);
  ASSERT_THAT(report.answered_by, SizeIs(2));
  EXPECT_EQ(report.answered_by[1].model.value, 7);
}

TEST(ExperimentReport, CorrectsForAllThatItIsJudgedBy) {
  const ExperimentDesign alone{.planned_people = 500};
  ExperimentDesign guarded = alone;
  guarded.guardrails = {{"value", 10}};
  const auto rows = people(500, 0.3, 0.38);
  const double p = report_of(two_arms(), alone, rows).metrics.front().comparisons.front().p_adjusted;
  const double corrected =
      report_of(two_arms(), guarded, rows).metrics.front().comparisons.front().p_adjusted;
  ASSERT_LT(p, 0.5);
  EXPECT_DOUBLE_EQ(corrected, 2 * p);  // `value` is the same twice over
}

TEST(ExperimentReport, BreaksAGuardrailOnlyWhereThatIsSure) {
  ExperimentDesign design{.guardrails = {{"none_rate", 0.05}}, .planned_people = 2'000};
  const auto state = [&](double other, int count) {
    const auto report = report_of(two_arms(), design, people(count, 0.4, other));
    return *metric_of(report, "none_rate").comparisons.front().guardrail;
  };
  EXPECT_EQ(state(0.2, 2'000), GuardrailState::kBroken);
  EXPECT_EQ(state(0.38, 300), GuardrailState::kUnsure);
  EXPECT_EQ(state(0.5, 2'000), GuardrailState::kHolds);
  const auto report = report_of(two_arms(), design, people(2'000, 0.4, 0.2));
  EXPECT_EQ(broken_guardrail(report), "none_rate of arm 'other'");
  design.guardrails = {{"pick_rate", 0.05}};  // of which more is better
  EXPECT_EQ(broken_guardrail(report_of(two_arms(), design, people(2'000, 0.4, 0.2), {})),
            "pick_rate of arm 'other'");
  EXPECT_EQ(broken_guardrail(report_of(two_arms(), design, people(2'000, 0.2, 0.4), {})), "");
}

// What is disliked more often, of a domain whose people say so.
TEST(ExperimentReport, JudgesByEveryKindOfFeedback) {
  FeedbackRule dislike;
  dislike.name = "dislike";
  dislike.reward = -1;
  FeedbackRule buy;
  buy.name = "buy";
  buy.reward = 0.5;
  buy.valued = true;
  const std::vector<FeedbackRule> rules = {pick_rule(), dislike, buy};
  ExperimentRows rows = people(2'000, 0.3, 0.3);
  std::vector<Earlier> earlier(rows.numbers);
  for (ExperimentRow& row : rows.rows) {
    const bool disliked = row.person % 10 < (row.arm == 0 ? 1 : 3);
    row.outcome = {.told = {{.kind = 2, .value = 10, .reward = 5}}};
    if (disliked) row.outcome.told.push_back({.kind = 1, .value = 1, .reward = -1});
    Earlier& before = earlier[row.person];  // as alike as can be, and the same in both arms
    before.requests += 1;
    before.sums.resize(list_metrics(rules).size());
    before.sums[6] += row.person % 10 < 1 ? 1 : 0;
  }
  ExperimentDesign design{
      .primary = "dislike_rate", .guardrails = {{"reward", 0.05}}, .planned_people = 2'000};
  const auto report = report_on(two_arms(), design, rules, rows, earlier);
  const MetricReport& primary = report.metrics.front();
  EXPECT_EQ(primary.metric.name(), "dislike_rate");
  EXPECT_TRUE(primary.metric.less_is_better());
  EXPECT_NEAR(primary.arms[0].mean, 0.1, 0.03);
  EXPECT_NEAR(primary.arms[1].mean, 0.3, 0.03);
  ASSERT_TRUE(primary.comparisons.front().adjusted);
  EXPECT_LT(primary.comparisons.front().adjusted->variance, primary.comparisons.front().effect->variance);
  EXPECT_NEAR(metric_of(report, "reward").comparisons.front().effect->difference, -0.2, 0.05);
  EXPECT_EQ(metric_of(report, "buy_value").arms[1].mean, 10);
  EXPECT_EQ(broken_guardrail(report), "reward of arm 'other'");
  design.guardrails = {{"dislike_rate", 0.1}};
  EXPECT_EQ(broken_guardrail(report_on(two_arms(), design, rules, rows, {})), "dislike_rate of arm 'other'");
  // The kind is gone from the domain: it counts nothing, and the design can still be read.
  const auto gone = report_of(two_arms(), design, people(300, 0.3, 0.3));
  EXPECT_EQ(gone.metrics.front().metric.name(), "dislike_rate");
  EXPECT_EQ(gone.metrics.front().arms[0].mean, 0);
}

TEST(ExperimentReport, AlarmsWhereOneArmLosesPeople) {
  ExperimentRows rows = people(2'000, 0.3, 0.3);
  int lost = 0;
  std::erase_if(rows.rows, [&](const ExperimentRow& row) { return row.arm == 1 && lost++ % 4 < 2; });
  auto by_request = two_arms(ExperimentUnit::kRequest);
  EXPECT_TRUE(ratio_alarm(report_of(by_request, {}, rows, {})));
  const WallTime now{};
  EXPECT_TRUE(ramp_state(report_of(by_request, {}, rows, {}), now).ratio_alarm);
}

TEST(ExperimentReport, GoesByWhatPeopleDidBefore) {
  ExperimentRows rows = people(2'000, 0.3, 0.3);
  std::vector<Earlier> earlier(rows.numbers);
  for (const ExperimentRow& row : rows.rows) {  // as alike as can be
    Earlier& before = earlier[row.person];
    before.requests += 1;
    before.sums.resize(list_metrics(kPicks).size());
    before.sums[0] += row.outcome.told.empty() ? 0 : 1;
  }
  const auto report = report_of(two_arms(), {}, rows, earlier);
  const Comparison& comparison = report.metrics.front().comparisons.front();
  ASSERT_TRUE(comparison.adjusted);
  EXPECT_LT(comparison.adjusted->variance, 0.01 * comparison.effect->variance);
  const auto by_request = report_of(two_arms(ExperimentUnit::kRequest), {}, rows, earlier);
  EXPECT_FALSE(by_request.metrics.front().comparisons.front().adjusted);
}

TEST(ExperimentReport, IsWholeWithoutARequest) {
  const auto report = report_of(two_arms(), {}, {});
  EXPECT_EQ(report.requests, 0);
  EXPECT_FALSE(report.metrics.front().comparisons.front().effect);
  const auto json = boost::json::parse(to_json(report)).as_object();
  EXPECT_TRUE(json.at("metrics").at(0).at("comparisons").at(0).at("difference").is_null());
  EXPECT_FALSE(json.at("sample_ratio").at("alarm").as_bool());
}

storage::ExperimentRecord together(Interleaving way = Interleaving::kTeamDraft) {
  auto record = two_arms();
  record.interleaving = way;
  return record;
}

// Lists of both arms, three of each person; a pick is the other arm's with the given chance.
ExperimentRows lists_of_both(int count, double for_other) {
  ExperimentRows rows;
  ml::RandomNumbers random(5);
  for (int person = 0; person < count; ++person) {
    for (int i = 0; i < 3; ++i) {
      rows.lists.push_back({.second = ModelId{7}, .merged = true, .second_opened = random.below(2) == 1});
      const bool picked = random.uniform(0, 1) < 0.6;
      const bool other = random.uniform(0, 1) < for_other;
      rows.rows.push_back({rows.numbers, 0, ModelId{1}, WallTime{std::chrono::milliseconds{rows.rows.size()}},
                           picked_or_none(picked, other ? ml::Credit{0, 1} : ml::Credit{1, 0})});
    }
    ++rows.numbers;
  }
  return rows;
}

TEST(InterleavedReport, TellsWhichArmPeoplePrefer) {
  const ExperimentDesign design{.planned_people = 400};
  const auto report = report_of(together(), design, lists_of_both(400, 0.65));
  ASSERT_TRUE(report.preferred);
  const Preferred& found = *report.preferred;
  EXPECT_EQ(found.merged, 1'200);
  EXPECT_EQ(found.wins[0] + found.wins[1] + found.ties, 1'200);
  EXPECT_GT(found.wins[1], found.wins[0]);
  EXPECT_GT(found.people[1], found.people[0]);
  EXPECT_LT(found.sign_test_p, 0.001);
  EXPECT_EQ(found.by_the_band, 1U);
  ASSERT_THAT(report.metrics, SizeIs(4));  // none of the whole list
  const MetricReport& won = report.metrics.front();
  EXPECT_EQ(won.arms[0].people, 400);
  EXPECT_EQ(won.arms[1].people, 400);
  const Comparison& comparison = won.comparisons.front();
  EXPECT_NEAR(comparison.effect->difference, static_cast<double>(found.wins[1] - found.wins[0]) / 1'200,
              1e-12);
  EXPECT_FALSE(comparison.adjusted);
  EXPECT_NEAR(metric_of(report, "value").comparisons.front().effect->difference,
              2 * comparison.effect->difference, 1e-9);
  EXPECT_EQ(report.assigned[0] + report.assigned[1], 1'200);
  EXPECT_FALSE(ratio_alarm(report));
  EXPECT_EQ(ramp_state(report, WallTime{}).people, 400);
  const auto json = boost::json::parse(to_json(report)).as_object();
  EXPECT_EQ(json.at("interleaving").at("preferred").as_string(), "other");
  EXPECT_EQ(json.at("answered_by").as_array().size(), 2U);
}

// By a hundred looks each at many experiments without a difference, at most 5 in 100 ever err.
TEST(InterleavedReport, PrefersNeitherOfTwoThatAreAlike) {
  const auto report = report_of(together(), {.planned_people = 400}, lists_of_both(400, 0.5));
  EXPECT_FALSE(report.preferred->by_the_band);
  EXPECT_GT(report.preferred->sign_test_p, 0.01);
}

TEST(InterleavedReport, AlarmsWhereOneArmOpensMore) {
  ExperimentRows rows = lists_of_both(400, 0.5);
  for (std::size_t i = 0; i < rows.lists.size(); i += 4) rows.lists[i].second_opened = true;
  EXPECT_TRUE(ratio_alarm(report_of(together(), {}, rows, {})));
}

TEST(InterleavedReport, IsWholeWithoutARequest) {
  const auto report = report_of(together(), {}, {});
  EXPECT_EQ(report.preferred->ties, 0);
  EXPECT_FALSE(report.preferred->by_the_band);
  EXPECT_TRUE(boost::json::parse(to_json(report)).at("interleaving").at("preferred").is_null());
}

TEST(MergedList, TellsWhoMadeIt) {
  storage::ArmRequest request;
  request.model = {3};
  const PolicyText policy{"interleaved", R"({"first":3,"second":8,"depth":2,"way":"team_draft"})"};
  request.policy = policy;
  request.placed = {{true, 0}, {false, 1}};
  const MergedList list = merged_list_of(request);
  EXPECT_TRUE(list.merged);
  EXPECT_TRUE(list.second_opened);
  EXPECT_EQ(list.second.value, 8);
  request.placed.clear();
  EXPECT_FALSE(merged_list_of(request).merged);
  EXPECT_EQ(merged_list_of(request).second.value, 3);
}

// ---- Of a store ----

class ExperimentsTest : public UseCaseFixture {
 protected:
  ExperimentRequest wanted() {
    ExperimentRequest request;
    request.experiment.name = "halves";
    request.experiment.arms = {{{}, "control", {}, 0.5}, {{}, "again", {}, 0.5}};
    request.design.smallest_effect = 0.1;
    request.baseline = 0.4;
    return request;
  }
  Result<storage::ExperimentRecord> create(ExperimentRequest request) {
    return written<storage::ExperimentRecord>([&](auto done) {
      experiments().create(std::move(request), {"test", "a test"}, std::nullopt, std::move(done));
    });
  }
  storage::ExperimentRecord started(ExperimentRequest request) {
    const auto draft = create(std::move(request));
    EXPECT_TRUE(draft);
    const auto running = written<storage::ExperimentRecord>([&](auto done) {
      experiments().start(draft->id, {"test", "a test"}, std::nullopt, std::move(done));
    });
    EXPECT_TRUE(running);
    return *running;
  }
  ExperimentChanges& experiments() {
    if (!changes_) changes_.emplace(*domain_, *store_, clock_);
    return *changes_;
  }
  // A request of a person's that an arm answered and of which something was shown.
  void answer(ArmId arm, int person, bool none) {
    const TaskId task = TaskId::make(clock_.wall().time_since_epoch().count(), ++tasks_made_, 7);
    storage::NewInference asked;
    asked.task = task;
    asked.payload = R"({"age":)" + std::to_string(20 + person % 3) + "}";
    asked.person = "person " + std::to_string(person);
    asked.at = clock_.wall();
    ASSERT_TRUE(written<storage::StartedInference>(
        [&](auto done) { store_->start_inference(std::move(asked), std::nullopt, std::move(done)); }));
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    ASSERT_TRUE(claimed && claimed->size() == 1);
    Ranking ranking;
    ranking.items = {{ItemId{1}, 1, 1}};
    ranking.arm = arm;
    const auto ended = written<storage::StartedInference>([&](auto done) {
      store_->finish_inference(claimed->front().lease, ranking, {}, clock_.wall(), std::move(done));
    });
    ASSERT_TRUE(ended);
    ASSERT_TRUE(written<std::vector<storage::Exposure>>(
        [&](auto done) { store_->record_exposure({ended->inference, 1, clock_.wall()}, std::move(done)); }));
    storage::NewFeedback feedback{.task = task, .inference = ended->inference, .at = clock_.wall()};
    feedback.kind = none ? kNoneKind : kPickKind;
    if (!none) feedback.item = ItemId{1};
    feedback.rank = none ? 0 : 1;
    ASSERT_TRUE(written<storage::Exposure>(
        [&](auto done) { store_->record_feedback(feedback, std::nullopt, std::move(done)); }));
  }
  static ArmId half(const storage::ExperimentRecord& experiment, int person) {
    return experiment.arms[person % 2 == 0 ? 0 : 1].id;
  }
  ExperimentState state_of(ExperimentId id) { return store_->experiment(id)->state; }

  std::optional<ExperimentChanges> changes_;
  std::uint64_t tasks_made_ = 0;
};

TEST_F(ExperimentsTest, PlansTheirSize) {
  const auto made = create(wanted());
  ASSERT_TRUE(made);
  EXPECT_EQ(read_design(made->design)->planned_people, 2 * *ml::size_for_rates(0.4, 0.1, {}));
  auto measured = wanted();
  measured.baseline = std::nullopt;
  const auto unknown = create(measured);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().faults.front().loc, (std::vector<std::string>{"body", "baseline"}));
  auto value = wanted();
  value.design.primary = "value";
  EXPECT_EQ(create(value).error().faults.front().loc, (std::vector<std::string>{"body", "deviation"}));
  value.deviation = 2;
  EXPECT_TRUE(create(value));
  auto given = wanted();
  given.design.planned_people = 77;
  EXPECT_EQ(read_design(create(given)->design)->planned_people, 77);
  auto odd = wanted();
  odd.experiment.arms[1].model = {9};
  EXPECT_EQ(create(odd).error().faults.front().loc,
            (std::vector<std::string>{"body", "arms", "1", "model_id"}));
}

TEST_F(ExperimentsTest, PlanFewerPeopleWhereEverybodyComparesBoth) {
  auto merged = wanted();
  merged.experiment.interleaving = Interleaving::kTeamDraft;
  const auto made = create(merged);
  ASSERT_TRUE(made);
  EXPECT_EQ(read_design(made->design)->planned_people, *ml::size_for_means(std::sqrt(0.39 / 2), 0.1, {}));
  EXPECT_FALSE(people_per_arm({.baseline = 0.01, .effect = 0.2, .interleaved = true}));
}

TEST_F(ExperimentsTest, MeasureTheRateThatASizeGoesBy) {
  for (int person = 0; person < 10; ++person) answer({}, person, person < 6);
  auto measured = wanted();
  measured.baseline = std::nullopt;
  const auto made = create(measured);
  ASSERT_TRUE(made);
  EXPECT_EQ(read_design(made->design)->planned_people, 2 * *ml::size_for_rates(0.4, 0.1, {}));
}

TEST_F(ExperimentsTest, KeepTheirDesign) {
  ExperimentDesign design{.primary = "value",
                          .guardrails = {{"none_rate", 0.25}},
                          .smallest_effect = 0.5,
                          .planned_people = 10,
                          .ramp = {.steps = {0.1, 0.2}, .hold = std::chrono::seconds{60}, .people = 5}};
  const auto read = read_design(to_json(design));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(design));
  EXPECT_EQ(read->ramp.steps, design.ramp.steps);
  EXPECT_EQ(read_design("{}").error().code, ErrorCode::kDataLoss);
}

TEST_F(ExperimentsTest, AreRampedAndStoppedByTheMaintainer) {
  auto request = wanted();
  request.design.guardrails = {{"none_rate", 0.1}};
  request.design.ramp = {.steps = {0.1, 0.25}, .hold = std::chrono::hours{1}, .people = 2};
  const auto experiment = started(request);
  EXPECT_DOUBLE_EQ(experiment.exposure, 0.2);
  ExperimentReports reports{*domain_, *store_, clock_};
  ExperimentRamp ramp{experiments(), reports, log_, clock_};
  const auto look = [&](std::chrono::milliseconds later) {
    clock_.advance(later);
    ramp.tick();
    ASSERT_TRUE(written<void>([&](auto done) { store_->count_events({}, std::move(done)); }));  // drained
  };
  for (int person = 0; person < 8; ++person) answer(half(experiment, person), person, false);
  look(std::chrono::minutes{10});
  EXPECT_DOUBLE_EQ(store_->experiment(experiment.id)->exposure, 0.2);
  look(std::chrono::hours{1});
  EXPECT_DOUBLE_EQ(store_->experiment(experiment.id)->exposure, 0.5);
  look(std::chrono::hours{1});
  EXPECT_DOUBLE_EQ(store_->experiment(experiment.id)->exposure, 1);
  for (int person = 10; person < 400; ++person) answer(half(experiment, person), person, person % 2 == 1);
  look(std::chrono::hours{1});
  EXPECT_EQ(state_of(experiment.id), ExperimentState::kStopped);
  const auto history = store_->experiment_history(experiment.id, std::nullopt, 10);
  ASSERT_TRUE(history);
  ASSERT_THAT(*history, SizeIs(5));
  EXPECT_EQ(history->front().what, ExperimentEventKind::kStopped);
  EXPECT_EQ(history->front().actor, "ramp");
  EXPECT_THAT(history->front().reason, HasSubstr("none_rate of arm 'again'"));
  EXPECT_EQ((*history)[1].what, ExperimentEventKind::kRamped);
}

TEST_F(ExperimentsTest, AreComparedInPartsOfTheRequests) {
  const auto experiment = started(wanted());
  for (int person = 0; person < 30; ++person) answer(half(experiment, person), person, false);
  ExperimentReports reports{*domain_, *store_, clock_};
  const auto segments = reports.segments(experiment.id, "age");
  ASSERT_TRUE(segments);
  ASSERT_THAT(*segments, SizeIs(3));
  EXPECT_EQ(segments->front().requests, 10);
  EXPECT_EQ(segments->front().value, "20");
  EXPECT_EQ(segments->front().primary.arms[0].requests, 5);
  EXPECT_EQ(reports.segments(experiment.id, "no").error().code, ErrorCode::kInvalidArgument);
  const auto absent = reports.segments(experiment.id, "budget");
  ASSERT_TRUE(absent);
  ASSERT_THAT(*absent, SizeIs(1));
  EXPECT_EQ(absent->front().value, "not given");
}

TEST_F(ExperimentsTest, TellTheirRequestsPageByPage) {
  const auto experiment = started(wanted());
  for (int person = 0; person < 3; ++person) answer(experiment.arms[0].id, person, person == 0);
  ExperimentReports reports{*domain_, *store_, clock_};
  const auto first = reports.requests(experiment.id, {}, 2, RequestFormat::kCsv);
  ASSERT_TRUE(first);
  EXPECT_EQ(std::ranges::count(first->text, '\n'), 3);
  EXPECT_THAT(first->text, HasSubstr(",person 0,control,0,0,1,0E0,0E0\n"));
  EXPECT_EQ(first->last.value, 2);
  const auto second = reports.requests(experiment.id, first->last, 2, RequestFormat::kJsonLines);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->last, InferenceId{});
  EXPECT_EQ(boost::json::parse(second->text).at("person").as_string(), "person 2");
  EXPECT_EQ(reports.requests({9}, {}, 2, RequestFormat::kCsv).error().code, ErrorCode::kNotFound);
}

// Made again only when that costs little.
TEST_F(ExperimentsTest, AreReportedAfreshAfterAWhile) {
  const auto experiment = started(wanted());
  ExperimentReports reports{*domain_, *store_, clock_};
  EXPECT_EQ((*reports.report(experiment.id))->requests, 0);
  answer(experiment.arms[0].id, 1, false);
  EXPECT_EQ((*reports.report(experiment.id))->requests, 0);
  clock_.advance(std::chrono::seconds{11});
  EXPECT_EQ((*reports.report(experiment.id))->requests, 1);
  EXPECT_EQ(reports.report({9}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace rankloop::app
