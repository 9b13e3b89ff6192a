// Tasks of other programs: taken, refused, given back, revoked.
#include "app/serve/foreign_tasks.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/serve/foreign_results.h"
#include "app/serve/item_payloads.h"
#include "sync/mutex.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A queue whose results somebody reads; all else goes to the queue behind it.
class WithResults final : public queue::HintQueue {
 public:
  explicit WithResults(queue::HintQueue& behind) : behind_(behind) {}
  void announce_ready(TaskKind kind, const TaskId& id) noexcept override { behind_.announce_ready(kind, id); }
  std::vector<TaskId> wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                 std::stop_token stop) override {
    return behind_.wait_ready(kind, limit, at_most, std::move(stop));
  }
  void acknowledge(TaskKind kind, std::span<const TaskId> ids) noexcept override {
    behind_.acknowledge(kind, ids);
  }
  void broadcast(const queue::Change& change) noexcept override { behind_.broadcast(change); }
  [[nodiscard]] std::unique_ptr<queue::Subscription> subscribe(
      std::function<void(const queue::Change&)> receive) override {
    return behind_.subscribe(std::move(receive));
  }
  void hear_ready(TaskKind kind, const TaskId& id) noexcept override { behind_.hear_ready(kind, id); }
  void hear(const queue::Change& change) noexcept override { behind_.hear(change); }
  bool reaches_others() const noexcept override { return true; }
  void send_result(const queue::ForeignResult& result) noexcept override {
    const Lock lock(mutex_);
    results_.push_back(result);
  }
  std::string_view kind() const override { return "test"; }
  Status ping() override { return {}; }
  queue::QueueCounts counts() const override { return {}; }

  std::vector<queue::ForeignResult> results() const {
    const Lock lock(mutex_);
    return results_;
  }

 private:
  queue::HintQueue& behind_;
  mutable Mutex mutex_;
  std::vector<queue::ForeignResult> results_;  // guarded by mutex_
};

class ForeignTasksTest : public UseCaseFixture {
 protected:
  using UseCaseFixture::UseCaseFixture;

  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
    storage::CatalogWrite write{1, {}};
    for (std::int64_t id = 1; id <= 8; ++id) write.items.push_back({{id}, film("Film", 10)});
    ASSERT_TRUE(write_items(std::move(write)));
    ASSERT_TRUE(serving_->wait_for_catalog(1));
    open();
  }
  void TearDown() override {
    foreign_->stop();
    results_->stop();
    UseCaseFixture::TearDown();
  }
  void open() {
    payloads_ = std::make_unique<ItemPayloads>(*store_, std::size_t{1} << 20);
    results_ =
        std::make_unique<ForeignResults>(*store_, *inference_, *payloads_, *serving_, queue_, log_, clock_);
    feedback_ = std::make_unique<FeedbackEvents>(*domain_, *inference_, *store_, *serving_, metrics_, clock_);
    foreign_ = std::make_unique<ForeignTasks>(ForeignNames{{"rank", "train"}, "tell"}, domain_, *store_,
                                              *inference_, *persons_, *training_, *tasks_, *results_,
                                              ForeignFeedback{*feedback_, queue_, clock_}, clock_);
  }

  queue::ForeignTask task(std::string args, std::string kwargs = "{}") {
    queue::ForeignTask made;
    made.id = TaskId::make(1, 2, ++made_);
    made.name = "rank";
    made.args = std::move(args);
    made.kwargs = std::move(kwargs);
    made.reply_to = "replies";
    made.correlation_id = made.id.to_string();
    return made;
  }
  queue::ForeignTask request() { return task("[]", R"({"age":30})"); }
  // How its message was settled.
  bool arrive(queue::ForeignTask made) {
    const auto settled = std::make_shared<std::promise<bool>>();
    foreign_->task_arrived(std::move(made), [settled](bool taken) { settled->set_value(taken); });
    return settled->get_future().get();
  }
  // The one claimed task, run to its end.
  void run(const TaskId& id) {
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&id, 1}, 1);
    ASSERT_TRUE(claimed);
    ASSERT_THAT(*claimed, SizeIs(1));
    inference_->run(claimed->front());
  }
  // The only result, once it is there.
  queue::ForeignResult result() {
    EXPECT_TRUE(reached([&] { return !queue_.results().empty(); }));
    const auto results = queue_.results();
    EXPECT_THAT(results, SizeIs(1));
    return results.empty() ? queue::ForeignResult{} : results.front();
  }
  boost::json::object meta() { return json(result().meta).as_object(); }
  std::string failure_of(queue::ForeignTask made) {
    EXPECT_TRUE(arrive(std::move(made)));
    const boost::json::object failed = meta();
    EXPECT_EQ(failed.at("status"), "FAILURE");
    return boost::json::serialize(failed.at("result").at("exc_message"));
  }
  bool nobody_waits() {
    return reached([&] {
      const auto due = store_->due_replies(clock_.wall(), 10);
      return due && due->empty();
    });
  }

  WithResults queue_{hints_};
  std::unique_ptr<ItemPayloads> payloads_;
  std::unique_ptr<ForeignResults> results_;
  std::unique_ptr<FeedbackEvents> feedback_;
  std::unique_ptr<ForeignTasks> foreign_;

 private:
  std::uint64_t made_ = 0;
};

TEST_F(ForeignTasksTest, AnswersTheBestItems) {
  const queue::ForeignTask made = request();
  ASSERT_TRUE(arrive(made));
  EXPECT_THAT(queue_.results(), IsEmpty());
  run(made.id);
  const queue::ForeignResult sent = result();
  EXPECT_EQ(sent.reply_to, "replies");
  EXPECT_EQ(sent.correlation_id, made.id.to_string());
  const boost::json::object told = meta();
  EXPECT_EQ(told.at("status"), "SUCCESS");
  EXPECT_EQ(told.at("result").at("task_id").as_string(), made.id.to_string());
  const boost::json::array& rows = told.at("result").at("results").as_array();
  ASSERT_THAT(rows, SizeIs(5));
  EXPECT_TRUE(rows[0].as_object().contains("score"));
  EXPECT_EQ(rows[0].at("title"), "Film");
  EXPECT_TRUE(nobody_waits());
}

TEST_F(ForeignTasksTest, RanksForAStoredUser) {
  const queue::ForeignTask first = request();
  ASSERT_TRUE(arrive(first));
  run(first.id);
  const auto user = store_->inference(first.id);
  ASSERT_TRUE(user);
  const queue::ForeignTask second = task("[" + std::to_string(user->user.value) + "]");
  ASSERT_TRUE(arrive(second));
  run(second.id);
  EXPECT_TRUE(reached([&] { return queue_.results().size() == 2; }));
  const auto ranked_for = store_->user(store_->inference(second.id)->user);
  ASSERT_TRUE(ranked_for);
  EXPECT_EQ(ranked_for->payload, R"({"age":30})");
}

class ForeignPersonsTest : public ForeignTasksTest {
 protected:
  ForeignPersonsTest() : ForeignTasksTest(film_domain("[person]\nfields = ['age']\n")) {}
};

TEST_F(ForeignPersonsTest, RankForWhoHasStoredFields) {
  ASSERT_TRUE(written<std::string>([&](auto done) {
    persons_->change("ann", json(R"({"age":41})"), Persons::Change::kAll, std::nullopt, done);
  }));
  const queue::ForeignTask made = task("[]", R"({"user_key":"ann"})");
  ASSERT_TRUE(arrive(made));
  run(made.id);
  EXPECT_EQ(store_->user(store_->inference(made.id)->user)->payload, R"({"age":41})");
}

class ForeignCandidatesTest : public ForeignTasksTest {
 protected:
  ForeignCandidatesTest()
      : ForeignTasksTest(film_domain("[[candidate.field]]\nname = 'bm25'\ntype = 'float'\n")) {}
};

TEST_F(ForeignCandidatesTest, AreRankedAndToldLikeThoseOfTheApi) {
  const queue::ForeignTask made =
      task("[]", R"({"age":30,"candidates":[{"id":3,"fields":{"bm25":2.5}},99,4]})");
  ASSERT_TRUE(arrive(made));
  run(made.id);
  const boost::json::object result = meta().at("result").as_object();
  for (const boost::json::value& row : result.at("results").as_array()) {
    const bool said = row.at("film_id") == 3;
    EXPECT_EQ(row.as_object().contains("bm25"), said) << row;
  }
  EXPECT_EQ(result.at("left_out"), json(R"([{"id":99,"reason":"unknown"}])"));
  EXPECT_EQ(store_->inference(made.id)->candidate_fields, "3 {\"bm25\":2.5}\n");
}
TEST_F(ForeignCandidatesTest, TellsWhichOfTheirFieldsIsWrong) {
  EXPECT_THAT(
      failure_of(task("[]", R"({"age":30,"candidates":[{"id":3,"fields":{"bm52":1}}]})")),
      HasSubstr(
          "candidates.0.fields.bm52: the domain has no candidate field of this name, did you mean bm25?"));
}

TEST_F(ForeignTasksTest, TakesTheSameTaskOnce) {
  const queue::ForeignTask made = request();
  EXPECT_TRUE(arrive(made));
  EXPECT_TRUE(arrive(made));
  run(made.id);
  EXPECT_EQ(meta().at("status"), "SUCCESS");
  EXPECT_TRUE(arrive(made));
  EXPECT_EQ(store_->counts().inferences, 1);
}

TEST_F(ForeignTasksTest, TellsWhatCannotBeRanked) {
  EXPECT_THAT(failure_of(task("[7]")), HasSubstr("no stored viewer has the number 7"));
}
TEST_F(ForeignTasksTest, TellsWhatIsNoUser) {
  EXPECT_THAT(failure_of(task(R"(["Ann"])")), HasSubstr("Ann"));
}
TEST_F(ForeignTasksTest, TellsThatAnArgumentIsMissing) {
  EXPECT_THAT(failure_of(task("[]")), HasSubstr("viewer"));
}
TEST_F(ForeignTasksTest, TellsWhichFieldIsWrong) {
  EXPECT_THAT(failure_of(task("[]", R"({"age":"old"})")), HasSubstr("age: "));
}
TEST_F(ForeignTasksTest, TellsWhichTasksAreKnown) {
  queue::ForeignTask made = request();
  made.name = "tasks.add";
  EXPECT_THAT(failure_of(made), HasSubstr("tasks.add is unknown; known are rank, train and tell"));
  EXPECT_EQ(store_->task(made.id)->state, TaskState::kFailed);
}
TEST_F(ForeignTasksTest, RefusesCanvas) {
  queue::ForeignTask made = request();
  made.is_canvas = true;
  EXPECT_THAT(failure_of(made), HasSubstr("chain"));
}

// A ranking of which two items were shown.
class ForeignFeedbackTest : public ForeignTasksTest {
 protected:
  void SetUp() override {
    ForeignTasksTest::SetUp();
    const queue::ForeignTask made = request();
    ASSERT_TRUE(arrive(made));
    run(made.id);
    EXPECT_TRUE(reached([&] { return queue_.results().size() == 1; }));
    ranked_ = made.id;
    const auto ended = inference_->load(ranked_);
    ASSERT_TRUE(ended);
    inference_number_ = (*ended)->inference;
    item_ = (*ended)->ranking.items.front().item.value;
    ASSERT_TRUE(written<std::vector<storage::Exposure>>(
        [&](auto done) { store_->record_exposure({inference_number_, 2, clock_.wall()}, std::move(done)); }));
  }
  queue::ForeignTask telling(std::string args, std::string kwargs = "{}") {
    queue::ForeignTask made = task(std::move(args), std::move(kwargs));
    made.name = "tell";
    return made;
  }
  std::string pick(std::string more = "") const {
    return R"({"task_id":")" + ranked_.to_string() + R"(","kind":"pick","film_id":)" + std::to_string(item_) +
           std::move(more) + "}";
  }
  // What was answered last, of results that arrived since the ranking's own.
  boost::json::object told() const { return json(queue_.results().back().meta).as_object(); }
  std::size_t picks() {
    std::size_t count = 0;
    EXPECT_TRUE(store_->each_shown({}, [&](const storage::ShownRequest& shown) {
      count += shown.feedback.size();
      return true;
    }));
    return count;
  }

  TaskId ranked_;
  InferenceId inference_number_;
  std::int64_t item_ = 0;
};

TEST_F(ForeignFeedbackTest, TellsOneEventOrMany) {
  ASSERT_TRUE(arrive(telling("[]", pick())));
  EXPECT_EQ(told().at("status"), "SUCCESS");
  EXPECT_EQ(told().at("result").at("accepted"), 1);
  ASSERT_TRUE(arrive(telling("[" + pick() + "]")));
  EXPECT_EQ(told().at("result").at("accepted"), 1);
  ASSERT_TRUE(arrive(telling("[[" + pick() + R"(,{"kind":"stared"}]])")));
  const boost::json::object both = told();
  EXPECT_EQ(both.at("result").at("accepted"), 1);
  EXPECT_EQ(both.at("result").at("refused"), 1);
  EXPECT_EQ(both.at("result").at("events").at(1).at("outcome"), "refused");
  EXPECT_THAT(std::string{both.at("result").at("events").at(1).at("reason").as_string()},
              HasSubstr("should be one of pick, none"));
  EXPECT_EQ(queue_.results().back().reply_to, "replies");
  EXPECT_EQ(picks(), 3U);
}

TEST_F(ForeignFeedbackTest, TellsNothingTwice) {
  const queue::ForeignTask made = telling("[" + pick() + "]");
  ASSERT_TRUE(arrive(made));
  ASSERT_TRUE(arrive(made));  // the message comes again
  EXPECT_EQ(told().at("result").at("accepted"), 1);
  EXPECT_EQ(picks(), 1U);
  const std::string known = pick(R"(,"event_id":"order 7")");
  ASSERT_TRUE(arrive(telling("[" + known + "]")));
  EXPECT_EQ(told().at("result").at("accepted"), 1);
  ASSERT_TRUE(arrive(telling("[" + known + "]")));
  EXPECT_EQ(told().at("result").at("duplicate"), 1);
  EXPECT_EQ(picks(), 2U);
}

TEST_F(ForeignFeedbackTest, SaysWhatCanBeNoEvents) {
  const auto reason = [&](queue::ForeignTask made) {
    EXPECT_TRUE(arrive(std::move(made)));
    const boost::json::object failed = told();
    EXPECT_EQ(failed.at("status"), "FAILURE");
    return boost::json::serialize(failed.at("result").at("exc_message"));
  };
  EXPECT_THAT(reason(telling("[]")), HasSubstr("0 arguments and none by name"));
  EXPECT_THAT(reason(telling("[1,2]")), HasSubstr("2 arguments"));
  EXPECT_THAT(reason(telling("[7]")), HasSubstr("an event, or a list of events"));
  EXPECT_THAT(reason(telling("[[]]")), HasSubstr("1 to 1000 events"));
  queue::ForeignTask canvas = telling("[" + pick() + "]");
  canvas.is_canvas = true;
  EXPECT_THAT(reason(canvas), HasSubstr("chain"));
  EXPECT_EQ(picks(), 0U);
  EXPECT_EQ(store_->task(canvas.id).error().code, ErrorCode::kNotFound) << "it is no task of the ledger";
}

TEST_F(ForeignFeedbackTest, TellsNothingThatIsRevokedOrTooLate) {
  queue::ForeignTask late = telling("[" + pick() + "]");
  late.expires = clock_.wall() - std::chrono::seconds{1};
  ASSERT_TRUE(arrive(late));
  EXPECT_EQ(told().at("status"), "REVOKED");
  queue::ForeignTask silent = telling("[" + pick() + "]");
  silent.ignore_result = true;
  const std::size_t before = queue_.results().size();
  ASSERT_TRUE(arrive(silent));
  EXPECT_THAT(queue_.results(), SizeIs(before));
  EXPECT_EQ(picks(), 1U);
}

TEST_F(ForeignTasksTest, RefusesATrainingWithTooLittleToLearnFrom) {
  queue::ForeignTask made = task("[]");
  made.name = "train";
  EXPECT_THAT(failure_of(made), HasSubstr("Too little to learn from"));
  EXPECT_EQ(store_->task(made.id)->kind, TaskKind::kTraining);
}

TEST_F(ForeignTasksTest, AnswersNobodyWhoDoesNotWait) {
  queue::ForeignTask made = request();
  made.ignore_result = true;
  ASSERT_TRUE(arrive(made));
  run(made.id);
  EXPECT_TRUE(reached([&] { return store_->task(made.id)->state == TaskState::kSucceeded; }));
  results_->answer_due();
  EXPECT_THAT(queue_.results(), IsEmpty());
}

TEST_F(ForeignTasksTest, RevokesWhatHasNotBegun) {
  const queue::ForeignTask made = request();
  ASSERT_TRUE(arrive(made));
  foreign_->revoke({"not ours", made.id.to_string()});
  EXPECT_EQ(meta().at("status"), "REVOKED");
  EXPECT_EQ(store_->task(made.id)->state, TaskState::kCancelled);
}

TEST_F(ForeignTasksTest, RevokesWhatIsStillOnItsWay) {
  const queue::ForeignTask made = request();
  foreign_->revoke({made.id.to_string()});
  ASSERT_TRUE(arrive(made));
  EXPECT_EQ(meta().at("status"), "REVOKED");
  EXPECT_EQ(store_->counts().inferences, 0);
}

TEST_F(ForeignTasksTest, RevokesWhatCameTooLate) {
  queue::ForeignTask made = request();
  made.expires = clock_.wall();
  ASSERT_TRUE(arrive(made));
  EXPECT_EQ(meta().at("status"), "REVOKED");
  EXPECT_EQ(store_->task(made.id)->state, TaskState::kExpired);
}

TEST_F(ForeignTasksTest, SchedulesWhatIsForLater) {
  queue::ForeignTask made = request();
  made.eta = clock_.wall() + std::chrono::hours{1};
  ASSERT_TRUE(arrive(made));
  EXPECT_EQ(store_->task(made.id)->state, TaskState::kScheduled);
}

TEST_F(ForeignTasksTest, AnswersWhatAnotherProcessHasLeft) {
  const queue::ForeignTask made = request();
  ASSERT_TRUE(arrive(made));
  foreign_->stop();
  results_->stop();  // as good as killed: it knows of nothing any more
  run(made.id);
  EXPECT_TRUE(reached([&] { return store_->task(made.id)->state == TaskState::kSucceeded; }));
  open();
  results_->answer_due();
  EXPECT_THAT(queue_.results(), IsEmpty()) << "whoever took it in has a moment to answer";
  clock_.advance(std::chrono::seconds{2});
  results_->answer_due();
  EXPECT_EQ(meta().at("status"), "SUCCESS");
  EXPECT_TRUE(nobody_waits());
  results_->answer_due();
  EXPECT_THAT(queue_.results(), SizeIs(1));
}

TEST_F(ForeignTasksTest, GivesBackWhatTheStoreCannotTake) {
  store_->close();
  EXPECT_FALSE(arrive(request()));
}

TEST_F(ForeignTasksTest, GivesBackWhatComesBeforeTheDoorOpensAndAfterItCloses) {
  ForeignForwarder door;
  std::vector<bool> settled;
  door.task_arrived(request(), [&](bool taken) { settled.push_back(taken); });
  EXPECT_THAT(settled, ::testing::ElementsAre(false));
  door.forward_to(foreign_.get());
  const queue::ForeignTask made = request();
  std::promise<bool> taken;
  door.task_arrived(made, [&](bool kept) { taken.set_value(kept); });
  EXPECT_TRUE(taken.get_future().get());
  door.revoke({made.id.to_string()});
  EXPECT_EQ(meta().at("status"), "REVOKED");
  door.forward_to(nullptr);
  door.task_arrived(request(), [&](bool kept) { settled.push_back(kept); });
  EXPECT_THAT(settled, ::testing::ElementsAre(false, false));
}

}  // namespace
}  // namespace rankloop::app
