// Answers kept under an Idempotency-Key, many threads at once, and the end of a store.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::SizeIs;

template <class T>
RecordedAnswer<T> keep_under(const std::string& key) {
  return {key, "fingerprint of " + key, [key](const Result<T>& outcome) -> std::optional<KeptAnswer> {
            return KeptAnswer{"fingerprint of " + key, outcome ? 200 : 409, "body", std::nullopt};
          }};
}

class AnswersContract : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, AnswersContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(AnswersContract, DoesAWriteOncePerKey) {
  const NewInference first = request();
  RecordedAnswer<StartedInference> keep{"k", "print",
                                        [id = first.task](const auto&) -> std::optional<KeptAnswer> {
                                          return KeptAnswer{"print", 200, "", id};
                                        }};
  ASSERT_TRUE(start(first, keep));
  const NewInference second = request();
  EXPECT_EQ(code_of(start(second, keep)), ErrorCode::kAlreadyExists);
  EXPECT_FALSE(store_->live_state(second.task));
  EXPECT_EQ(code_of(store_->task(second.task)), ErrorCode::kNotFound);
  EXPECT_EQ(store_->counts().inferences, 1);
  reopen();
  const auto kept = store_->kept_answer("k");
  ASSERT_TRUE(kept);
  ASSERT_TRUE(kept->has_value());
  EXPECT_EQ((*kept)->fingerprint, "print");
  EXPECT_EQ((*kept)->task, first.task);
}

TEST_P(AnswersContract, KeepsARefusalButNothingOfTheWrite) {
  const auto [task, inference] = finished();
  EXPECT_EQ(code_of(give_feedback(task, inference, ItemId{100}, 1, keep_under<Exposure>("k"))),
            ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(expose(inference, 3));
  EXPECT_EQ(code_of(give_feedback(task, inference, ItemId{100}, 1, keep_under<Exposure>("k"))),
            ErrorCode::kAlreadyExists);
  const auto kept = store_->kept_answer("k");
  ASSERT_TRUE(kept);
  EXPECT_EQ((*kept)->status, 409);
  EXPECT_EQ((*kept)->body, "body");
  EXPECT_THAT(store_->inference(task)->feedback, SizeIs(0));
  EXPECT_EQ(code_of(cancel(new_id(), keep_under<TaskRecord>("unknown"))), ErrorCode::kNotFound);
  EXPECT_TRUE(store_->kept_answer("unknown")->has_value());
}

TEST_P(AnswersContract, KeepsNothingWhenNotAskedTo) {
  RecordedAnswer<StartedInference> keep{"k", "print",
                                        [](const auto&) { return std::optional<KeptAnswer>(); }};
  ASSERT_TRUE(start(request(), keep));
  EXPECT_FALSE(store_->kept_answer("k")->has_value());
  EXPECT_TRUE(start(request(), keep));
}

TEST_P(AnswersContract, KeepsAnAnswerOfItsOwnOnceAndForgetsIt) {
  const auto keep = [&](const std::string& key) {
    return await<void>([&](auto done) {
      store_->keep_answer(key, {"print", 422, R"({"detail":[]})", std::nullopt}, clock_.wall(), done);
    });
  };
  ASSERT_TRUE(keep("old"));
  EXPECT_EQ(code_of(keep("old")), ErrorCode::kAlreadyExists);
  clock_.advance(std::chrono::hours{1});
  ASSERT_TRUE(keep("young"));
  const auto forgotten = await<std::int64_t>([&](auto done) { store_->forget_answers(clock_.wall(), done); });
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(*forgotten, 1);
  EXPECT_FALSE(store_->kept_answer("old")->has_value());
  EXPECT_EQ((*store_->kept_answer("young"))->body, R"({"detail":[]})");
}

TEST_P(AnswersContract, LetsOneOfManyFinishersWin) {
  const Lease lease = claim(started());
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto outcome = finish(lease);
      if (outcome) {
        ++won;
      } else {
        EXPECT_EQ(outcome.error().code, ErrorCode::kAborted);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_P(AnswersContract, ServesManyThreadsAtOnce) {
  constexpr int kThreads = 6;
  constexpr int kJourneys = 25;
  std::vector<std::vector<NewInference>> requests(kThreads);
  for (auto& part : requests) {
    for (int i = 0; i < kJourneys; ++i) part.push_back(request());
  }
  std::vector<std::thread> threads;
  for (const auto& part : requests) {
    threads.emplace_back([this, &part] {
      for (const NewInference& made : part) {
        ASSERT_TRUE(start(made));
        const auto outcome = finish(claim(made.task));
        ASSERT_TRUE(outcome);
        ASSERT_TRUE(expose(outcome->inference, 2));
        ASSERT_TRUE(give_feedback(made.task, outcome->inference, ItemId{100}, 1));
        const auto record = store_->inference(made.task);
        ASSERT_TRUE(record);
        EXPECT_EQ(record->state, TaskState::kSucceeded);
        EXPECT_THAT(record->feedback, SizeIs(1));
        ASSERT_TRUE(store_->sweep());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->counts().inferences, kThreads * kJourneys);
  EXPECT_EQ(store_->waiting_writes(), 0U);
}

TEST_P(AnswersContract, RefusesWritesWhenTooManyWait) {
  options_.max_waiting_writes = 1;
  reopen();
  std::promise<void> inside;
  std::promise<void> go_on;
  store_->count_events({}, [&](const Status&) {
    inside.set_value();
    go_on.get_future().wait();
  });
  inside.get_future().wait();
  std::promise<Status> waiting;
  store_->count_events({}, [&](Status done) { waiting.set_value(std::move(done)); });
  EXPECT_EQ(store_->waiting_writes(), 1U);
  EXPECT_EQ(code_of(await<void>([&](auto done) { store_->count_events({}, done); })),
            ErrorCode::kResourceExhausted);
  NewInference made = request();
  EXPECT_EQ(code_of(start(made)), ErrorCode::kResourceExhausted);
  EXPECT_FALSE(store_->live_state(made.task));
  EXPECT_EQ(listener_.times_ready(made.task), 0);
  go_on.set_value();
  EXPECT_TRUE(waiting.get_future().get());
}

TEST_P(AnswersContract, CommitsWhatWaitsAndRefusesWhatComesLaterWhenClosed) {
  std::atomic<int> committed{0};
  for (int i = 0; i < 50; ++i) {
    store_->start_inference(request(), std::nullopt, [&](const Result<StartedInference>& done) {
      if (done) ++committed;
    });
  }
  store_->close();
  EXPECT_EQ(committed, 50);
  EXPECT_EQ(code_of(start(request())), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(store_->user(RequestId{1})), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(store_->ping()), ErrorCode::kUnavailable);
  store_->close();
  reopen();
  EXPECT_EQ(store_->counts().inferences, 50);
}

TEST_P(AnswersContract, CountsEvents) {
  const auto count = [&](std::vector<EventCount> counts) {
    return await<void>([&](auto done) { store_->count_events(std::move(counts), done); });
  };
  EXPECT_TRUE(count({{"status", 100, 3}, {"results", 100, 1}}));
  EXPECT_TRUE(count({{"status", 100, 2}}));
}

}  // namespace
}  // namespace rankloop::storage
