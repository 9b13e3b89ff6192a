// Feedback of many kinds, of rankings and of people, in every store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

class FeedbackContract : public StoreContract {
 protected:
  Result<Exposure> tell(std::pair<TaskId, InferenceId> of, std::string kind, double value,
                        std::string event_id, int rank = 1) {
    NewFeedback feedback{of.first, of.second, ItemId{99 + rank}, rank, std::move(kind),
                         value,    1,         clock_.wall()};
    feedback.weight = 0.5;
    feedback.event_id = std::move(event_id);
    return await<Exposure>(
        [&](auto done) { store_->record_feedback(std::move(feedback), std::nullopt, std::move(done)); });
  }
  Status tell_elsewhere(std::string event_id) {
    NewPersonEvent event{PersonKey{"ann"}, ItemId{100},        "buy", 9.5, clock_.wall(),
                         clock_.wall(),    std::move(event_id)};
    return await<void>([&](auto done) { store_->record_person_event(std::move(event), std::move(done)); });
  }
};

TEST_P(FeedbackContract, KeepsEveryKindAsItWasTold) {
  const auto made = finished();
  ASSERT_TRUE(expose(made.second, 3));
  ASSERT_TRUE(tell(made, "cart", 1, ""));
  ASSERT_TRUE(tell(made, "buy", 19.9, "order 1"));
  reopen();
  const auto record = store_->inference(made.second);
  ASSERT_TRUE(record);
  ASSERT_EQ(record->feedback.size(), 2U);
  EXPECT_EQ(record->feedback[0].kind, "cart");
  EXPECT_EQ(record->feedback[1].kind, "buy");
  EXPECT_EQ(record->feedback[1].value, 19.9);
  EXPECT_EQ(record->feedback[1].weight, 0.5);
  EXPECT_EQ(record->feedback[1].people, 1);
  EXPECT_TRUE(record->feedback[1].evidence);
}

TEST_P(FeedbackContract, TakesAnEventOnce) {
  const auto made = finished();
  ASSERT_TRUE(expose(made.second, 3));
  ASSERT_TRUE(tell(made, "buy", 1, "a"));
  EXPECT_EQ(code_of(tell(made, "buy", 1, "a")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(tell(made, "cart", 1, "a", 2)), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(tell_elsewhere("b"));
  EXPECT_EQ(code_of(tell_elsewhere("b")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(tell_elsewhere("a")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(tell(made, "buy", 1, "b")), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(tell_elsewhere(""));
  ASSERT_TRUE(tell_elsewhere(""));
  reopen();
  EXPECT_EQ(code_of(tell_elsewhere("a")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->inference(made.second)->feedback.size(), 1U);
}

// Sent without waiting, so that they share a batch.
TEST_P(FeedbackContract, TakesOneOfManyThatAreToldAtOnce) {
  const auto made = finished();
  ASSERT_TRUE(expose(made.second, 3));
  std::atomic<int> taken = 0, repeated = 0;
  for (int i = 0; i < 20; ++i) {
    NewPersonEvent event{PersonKey{"ann"}, ItemId{100}, "buy", 1, clock_.wall(), clock_.wall(), "same"};
    store_->record_person_event(event, [&](const Status& done) {
      if (done) ++taken;
      if (!done && done.error().code == ErrorCode::kAlreadyExists) ++repeated;
    });
  }
  drain();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(repeated, 19);
}

TEST_P(FeedbackContract, NeedsTheItemToHaveBeenShown) {
  const auto made = finished();
  EXPECT_EQ(code_of(tell(made, "buy", 1, "early")), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(expose(made.second, 1));
  EXPECT_EQ(code_of(tell(made, "buy", 1, "below", 2)), ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(tell(made, "buy", 1, "early"));  // what was refused did not use up its id
}

TEST_P(FeedbackContract, ChangesNoCountOfPicks) {
  const auto made = finished();
  ASSERT_TRUE(expose(made.second, 3));
  ASSERT_TRUE(tell(made, "buy", 7, ""));
  EXPECT_EQ(store_->model_counts()->front(), (ModelCounts{ModelId{7}, 1, 0, 0, 0}));
  EXPECT_EQ(store_->outcome_counts({}, 10)->with_outcome, 1);  // but it is an outcome
}

INSTANTIATE_TEST_SUITE_P(Stores, FeedbackContract, testing::ValuesIn(store_factories()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace rankloop::storage
