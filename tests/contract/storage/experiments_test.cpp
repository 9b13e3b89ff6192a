// Experiments: their states, their slices of the traffic, their history, and the requests that they answered.
#include <sstream>

#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using What = ExperimentEventKind;

class ExperimentContract : public StoreContract {
 protected:
  ModelChange by(std::string reason = "a reason") {
    return {"operator", std::move(reason), {}, clock_.wall(), "ann"};
  }
  static NewExperiment halves(ModelId model = {}) {
    NewExperiment wanted{
        .name = "halves", .unit = ExperimentUnit::kRequest, .design = R"({"primary":"value"})"};
    wanted.arms = {{{}, "control", {}, 0.5}, {{}, "other", model, 0.5}};
    return wanted;
  }
  Result<ExperimentRecord> add(NewExperiment wanted,
                               std::optional<RecordedAnswer<ExperimentRecord>> keep = {}) {
    return await<ExperimentRecord>(
        [&](auto done) { store_->add_experiment(std::move(wanted), by(), std::move(keep), done); });
  }
  Result<ExperimentRecord> change(ExperimentChange change) {
    return await<ExperimentRecord>(
        [&](auto done) { store_->change_experiment(std::move(change), by(), std::nullopt, done); });
  }
  ExperimentRecord running(NewExperiment wanted = halves()) {
    const auto added = add(std::move(wanted));
    EXPECT_TRUE(added);
    const auto now = change({.id = added->id, .what = What::kStarted});
    EXPECT_TRUE(now);
    return *now;
  }
  ModelId model() {
    NewModel made{
        .family = "mlp", .artefact = "weights", .metrics = "{}", .lineage = "{}", .at = clock_.wall()};
    const auto id = await<ModelId>([&](auto done) { store_->add_model(std::move(made), done); });
    EXPECT_TRUE(id);
    return id ? *id : ModelId{};
  }
  // An inference that an arm answered, of which the first two results were shown.
  std::pair<TaskId, InferenceId> answered(ArmId arm, std::string person = {}) {
    NewInference asked = request();
    asked.person = std::move(person);
    const TaskId task = asked.task;
    EXPECT_TRUE(start(std::move(asked)));
    Ranking made = ranking();
    made.arm = arm;
    const auto outcome = finish(claim(task), std::move(made));
    EXPECT_TRUE(outcome);
    EXPECT_TRUE(expose(outcome->inference, 2));
    return {task, outcome->inference};
  }
  // One of which nothing was shown.
  TaskId unseen_answer(ArmId arm) {
    const TaskId task = started();
    Ranking made = ranking();
    made.arm = arm;
    EXPECT_TRUE(finish(claim(task), std::move(made)));
    return task;
  }
  Status tell(NewFeedback feedback) {
    const auto written = await<Exposure>(
        [&](auto done) { store_->record_feedback(std::move(feedback), std::nullopt, std::move(done)); });
    return written ? Status{} : Status{written.error()};
  }
  // "pick 1": its kind and the rank of its item, and its value where that is not 1.
  static std::vector<std::string> told(const RequestOutcome& request) {
    std::vector<std::string> words;
    for (const Feedback& each : request.feedback) {
      std::ostringstream word;
      word << each.kind << ' ' << each.rank;
      if (each.value != 1) word << " of " << each.value;
      words.push_back(word.str());
    }
    return words;
  }
  std::vector<ArmRequest> requests_of(ExperimentId id, InferenceId after = {}, bool with_payload = false) {
    std::vector<ArmRequest> requests;
    EXPECT_TRUE(store_->each_of_experiment(id, after, with_payload, [&](const ArmRequest& request) {
      requests.push_back(request);
      return true;
    }));
    return requests;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ExperimentContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(ExperimentContract, KeepsADraftAsItWasAskedFor) {
  const ModelId other = model();
  const auto added = add(halves(other));
  ASSERT_TRUE(added);
  reopen();
  const auto found = store_->experiment(added->id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id.value, 1);
  EXPECT_EQ(found->name, "halves");
  EXPECT_EQ(found->unit, ExperimentUnit::kRequest);
  EXPECT_EQ(found->state, ExperimentState::kDraft);
  EXPECT_EQ(found->design, R"({"primary":"value"})");
  EXPECT_EQ(found->created, clock_.wall());
  EXPECT_THAT(found->slice, IsEmpty());
  EXPECT_FALSE(found->started);
  EXPECT_FALSE(found->conclusion);
  ASSERT_THAT(found->arms, SizeIs(2));
  EXPECT_EQ(found->arms[0].name, "control");
  EXPECT_EQ(found->arms[0].model, ModelId{});
  EXPECT_EQ(found->arms[1].model, other);
  EXPECT_EQ(found->arms[1].share, 0.5);
  EXPECT_EQ(found->arms[1].id.value, 2);
  ASSERT_TRUE(add(halves()));
  const auto all = store_->experiments();
  ASSERT_TRUE(all);
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[1].arms[0].id.value, 3);
  EXPECT_EQ(code_of(store_->experiment({3})), ErrorCode::kNotFound);
}

TEST_P(ExperimentContract, RefusesAnArmOfAModelThatIsNotThere) {
  const auto refused = add(halves({9}));
  EXPECT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("model 9"));
  EXPECT_THAT(*store_->experiments(), IsEmpty());
}

TEST_P(ExperimentContract, GoesFromDraftToItsConclusion) {
  const auto added = add(halves());
  ASSERT_TRUE(added);
  const std::int64_t before = store_->registry_version();
  clock_.advance(std::chrono::seconds{1});
  const WallTime start_time = clock_.wall();
  const auto now = change({.id = added->id, .what = What::kStarted, .exposure = 0.1});
  ASSERT_TRUE(now);
  EXPECT_EQ(now->state, ExperimentState::kRunning);
  EXPECT_EQ(now->exposure, 0.1);
  EXPECT_EQ(now->started, start_time);
  EXPECT_EQ(size_of(now->slice), kCirclePoints);
  EXPECT_GT(store_->registry_version(), before);
  EXPECT_EQ(listener_.registry(), store_->registry_version());
  clock_.advance(std::chrono::seconds{1});
  const auto ramped = change({.id = added->id, .what = What::kRamped, .exposure = 0.5});
  ASSERT_TRUE(ramped);
  EXPECT_EQ(ramped->exposure, 0.5);
  EXPECT_EQ(ramped->started, start_time);
  EXPECT_EQ(ramped->ramped, clock_.wall());
  const auto stopped = change({.id = added->id, .what = What::kStopped});
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->state, ExperimentState::kStopped);
  EXPECT_THAT(stopped->slice, IsEmpty());
  const WallTime ended = clock_.wall();
  EXPECT_EQ(stopped->ended, ended);
  clock_.advance(std::chrono::seconds{1});
  const auto concluded = change(
      {.id = added->id, .what = What::kConcluded, .conclusion = Conclusion::kWinner, .winner = "other"});
  ASSERT_TRUE(concluded);
  EXPECT_EQ(concluded->conclusion, Conclusion::kWinner);
  EXPECT_EQ(concluded->winner, "other");
  EXPECT_EQ(concluded->ended, ended);
}

TEST_P(ExperimentContract, TellsWhoDidWhatAndWhy) {
  const auto experiment = running();
  ASSERT_TRUE(change({.id = experiment.id, .what = What::kConcluded, .conclusion = Conclusion::kHarmful}));
  const auto history = store_->experiment_history(experiment.id, std::nullopt, 10);
  ASSERT_TRUE(history);
  ASSERT_THAT(*history, SizeIs(3));
  const ExperimentEvent& last = history->front();
  EXPECT_EQ(last.what, What::kConcluded);
  EXPECT_EQ(last.actor, "operator");
  EXPECT_EQ(last.reason, "a reason");
  EXPECT_EQ(last.remark, "ann");
  EXPECT_EQ(last.detail, R"({"conclusion":"harmful"})");
  EXPECT_EQ((*history)[1].what, What::kStarted);
  EXPECT_EQ((*history)[1].detail, R"({"exposure":1})");
  EXPECT_EQ((*history)[2].what, What::kCreated);
  const auto older = store_->experiment_history(experiment.id, last.id, 1);
  ASSERT_TRUE(older);
  ASSERT_THAT(*older, SizeIs(1));
  EXPECT_EQ(older->front().what, What::kStarted);
  EXPECT_THAT(*store_->experiment_history({99}, std::nullopt, 10), IsEmpty());
}

TEST_P(ExperimentContract, RefusesWhatItsStateDoesNotAllow) {
  const auto draft = add(halves());
  ASSERT_TRUE(draft);
  const auto refused = [&](ExperimentChange wanted) {
    wanted.id = draft->id;
    const auto outcome = change(std::move(wanted));
    EXPECT_EQ(code_of(outcome), ErrorCode::kFailedPrecondition);
    return outcome.ok() ? std::string() : outcome.error().message;
  };
  EXPECT_THAT(refused({.what = What::kStopped}), HasSubstr("it is a draft"));
  refused({.what = What::kRamped});
  refused({.what = What::kConcluded, .conclusion = Conclusion::kNoDifference});
  ASSERT_TRUE(change({.id = draft->id, .what = What::kConcluded, .conclusion = Conclusion::kAbandoned}));
  EXPECT_THAT(refused({.what = What::kStarted}), HasSubstr("it is concluded"));
  refused({.what = What::kConcluded, .conclusion = Conclusion::kAbandoned});
  EXPECT_EQ(code_of(change({.id = {99}, .what = What::kStarted})), ErrorCode::kNotFound);
  EXPECT_THAT(*store_->experiment_history(draft->id, std::nullopt, 10), SizeIs(2));
}

TEST_P(ExperimentContract, TakesOnlyAWinnerThatIsAnArm) {
  const auto experiment = running();
  ExperimentChange won{.id = experiment.id, .what = What::kConcluded, .conclusion = Conclusion::kWinner};
  EXPECT_EQ(code_of(change(won)), ErrorCode::kInvalidArgument);
  won.winner = "nobody";
  const auto refused = change(won);
  EXPECT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("control, other"));
  won.winner = "control";
  EXPECT_TRUE(change(won));
}

TEST_P(ExperimentContract, GivesEachThatRunsASliceOfItsOwn) {
  NewExperiment small = halves();
  small.arms[0].share = small.arms[1].share = 0.2;
  const auto first = running(small);
  const auto second = running(small);
  EXPECT_EQ(size_of(first.slice), kCirclePoints * 4 / 10);
  EXPECT_EQ(size_of(united(first.slice, second.slice)), kCirclePoints * 8 / 10);
  const auto third = add(small);
  ASSERT_TRUE(third);
  const auto refused = change({.id = third->id, .what = What::kStarted});
  EXPECT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("needs 0.4 of the traffic; those that run leave 0.2"));
  ASSERT_TRUE(change({.id = first.id, .what = What::kStopped}));
  EXPECT_TRUE(change({.id = third->id, .what = What::kStarted}));
}

TEST_P(ExperimentContract, KeepsTheModelsOfItsArms) {
  const ModelId other = model();
  const auto experiment = running(halves(other));
  const auto remove = [&] {
    return await<ModelRecord>([&](auto done) { store_->remove_model(other, by(), std::nullopt, done); });
  };
  const auto refused = remove();
  EXPECT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("arm of experiment 1"));
  ASSERT_TRUE(change({.id = experiment.id, .what = What::kStopped}));
  EXPECT_TRUE(remove());
}

TEST_P(ExperimentContract, AnswersOnceUnderAKey) {
  RecordedAnswer<ExperimentRecord> keep{"key", "fingerprint", [](const Result<ExperimentRecord>& outcome) {
                                          return KeptAnswer{"fingerprint", 201, outcome->name, std::nullopt};
                                        }};
  ASSERT_TRUE(add(halves(), keep));
  EXPECT_EQ(code_of(add(halves(), keep)), ErrorCode::kAlreadyExists);
  EXPECT_THAT(*store_->experiments(), SizeIs(1));
  const auto kept = store_->kept_answer("key");
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->body, "halves");
}

TEST_P(ExperimentContract, StreamsWhatItsArmsAnsweredAndSomebodySaw) {
  answered({}, "before");  // of no experiment
  const auto experiment = running();
  EXPECT_EQ(experiment.after_request.value, 1);
  const auto other = running([] {
    NewExperiment nothing = halves();
    for (auto& arm : nothing.arms) arm.share = 1e-9;
    return nothing;
  }());
  const ArmId control = experiment.arms[0].id;
  const ArmId arm = experiment.arms[1].id;
  const auto [first, picked] = answered(arm, "ann");
  ASSERT_TRUE(give_feedback(first, picked, ItemId{100}, 1));
  ASSERT_TRUE(give_feedback(first, picked, ItemId{100}, 1));
  ASSERT_TRUE(give_feedback(first, picked, ItemId{101}, 2));
  ASSERT_TRUE(tell({.task = first,
                    .inference = picked,
                    .item = ItemId{100},
                    .rank = 1,
                    .kind = "buy",
                    .value = 12.5,
                    .at = clock_.wall()}));
  const auto [second, none] = answered(control);
  ASSERT_TRUE(give_feedback(second, none, std::nullopt, 0));
  answered({}, "ann");  // outside of it
  answered(other.arms[0].id);
  const TaskId unseen = unseen_answer(arm);
  const auto requests = requests_of(experiment.id);
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].request.id, picked);
  EXPECT_EQ(requests[0].request.person, "ann");
  EXPECT_THAT(told(requests[0].request), ElementsAre("pick 1", "pick 1", "pick 2", "buy 1 of 12.5"));
  EXPECT_EQ(requests[0].arm, arm);
  EXPECT_EQ(requests[0].model.value, 7);
  EXPECT_EQ(requests[0].task, first);
  EXPECT_EQ(requests[0].payload, "");
  EXPECT_EQ(requests[1].request.person, "");
  EXPECT_EQ(requests[0].request.created, clock_.wall());
  EXPECT_THAT(told(requests[1].request), ElementsAre("none 0"));
  EXPECT_EQ(requests[1].arm, control);
  EXPECT_NE(requests[1].task, unseen);
  EXPECT_THAT(requests_of(experiment.id, picked), SizeIs(1));
  EXPECT_EQ(requests_of(experiment.id, {}, true)[0].payload, R"({"name":"Ada","people_num":2})");
}

TEST_P(ExperimentContract, KeepsHowItsArmsAreInterleaved) {
  EXPECT_FALSE(add(halves())->interleaving);
  for (const Interleaving way : {Interleaving::kTeamDraft, Interleaving::kProbabilistic}) {
    NewExperiment wanted = halves();
    wanted.interleaving = way;
    const auto added = add(std::move(wanted));
    ASSERT_TRUE(added);
    EXPECT_EQ(added->interleaving, way);
    reopen();
    EXPECT_EQ(store_->experiment(added->id)->interleaving, way);
  }
}

TEST_P(ExperimentContract, TellsWhatBothModelsPlacedAndWhichOfItWasPicked) {
  NewExperiment wanted = halves();
  wanted.interleaving = Interleaving::kProbabilistic;
  const auto experiment = running(std::move(wanted));
  const std::vector<Placement> placed = {{true, 0.25F}, {false, 0.7F}};
  const auto ask = [&](bool together) {
    const TaskId task = started();
    Ranking made = ranking();
    made.arm = experiment.arms[0].id;
    if (together) {
      made.policy = Policy::with_parameters(PolicyKind::kInterleaved,
                                            R"({"first":7,"second":8,"depth":2,"way":"probabilistic"})");
      made.placed = placed;
    }
    const auto outcome = finish(claim(task), std::move(made));
    EXPECT_TRUE(outcome);
    EXPECT_TRUE(expose(outcome->inference, 2));
    return std::pair{task, outcome->inference};
  };
  const auto [first, picked] = ask(true);
  ASSERT_TRUE(give_feedback(first, picked, ItemId{101}, 2));
  ASSERT_TRUE(give_feedback(first, picked, ItemId{101}, 2));
  ASSERT_TRUE(give_feedback(first, picked, ItemId{100}, 1));
  ask(false);  // one model alone
  ask(true);
  const auto requests = requests_of(experiment.id);
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[0].placed, placed);
  EXPECT_EQ(requests[0].policy.name, "interleaved");
  EXPECT_THAT(requests[0].policy.parameters, HasSubstr("second"));
  EXPECT_THAT(told(requests[0].request), ElementsAre("pick 2", "pick 2", "pick 1"));
  EXPECT_THAT(requests[1].placed, IsEmpty());
  EXPECT_EQ(requests[1].policy.name, "");
  EXPECT_THAT(requests[2].request.feedback, IsEmpty());
  const auto record = store_->inference(first);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->ranking.placed, placed);
  // Of the models' own counts one has the list that it made alone.
  std::int64_t together = 0;
  const auto counts = store_->model_counts();
  ASSERT_TRUE(counts);
  for (const ModelCounts& each : *counts) {
    if (each.model == kTwoModels) together = each.shown;
    if (each.model == ModelId{7}) EXPECT_EQ(each.shown, 1);
  }
  EXPECT_EQ(together, 2);
}

TEST_P(ExperimentContract, StreamsWhatPeopleDidBefore) {
  const auto [task, first] = answered({}, "ann");
  ASSERT_TRUE(give_feedback(task, first, ItemId{100}, 1));
  answered({});  // of nobody in particular
  const auto [other, last] = answered({}, "bob");
  answered({}, "ann");
  std::vector<RequestOutcome> outcomes;
  ASSERT_TRUE(store_->each_outcome({}, last, [&](const RequestOutcome& outcome) {
    outcomes.push_back(outcome);
    return true;
  }));
  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[0].person, "ann");
  EXPECT_THAT(told(outcomes[0]), ElementsAre("pick 1"));
  EXPECT_EQ(outcomes[1].person, "bob");
  EXPECT_THAT(outcomes[1].feedback, IsEmpty());
}

}  // namespace
}  // namespace rankloop::storage
