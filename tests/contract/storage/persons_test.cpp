// What is stored of people, what is known of them, and their erasure, in every store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr TaskKindTraits kErasure = traits_of(TaskKind::kErasure);

class PersonsContract : public StoreContract {
 protected:
  Result<std::string> change(const PersonKey& person,
                             std::function<Result<std::string>(std::string_view)> make,
                             std::optional<RecordedAnswer<std::string>> keep = {}) {
    PersonChange change{.person = person, .make = std::move(make), .domain_version = 1, .at = clock_.wall()};
    return await<std::string>([&](auto done) { store_->change_person(std::move(change), keep, done); });
  }
  Result<std::string> store(const PersonKey& person, const std::string& payload) {
    return change(person, [payload](std::string_view) { return Result<std::string>(payload); });
  }
  // A finished request of a person, shown and picked from.
  InferenceId asked(const PersonKey& person, bool picked = true) {
    NewInference made = request();
    made.person = person;
    const TaskId id = made.task;
    EXPECT_TRUE(start(std::move(made)));
    const auto outcome = finish(claim(id));
    EXPECT_TRUE(outcome);
    if (!outcome) return {};
    if (picked) {
      EXPECT_TRUE(expose(outcome->inference, 2));
      EXPECT_TRUE(give_feedback(id, outcome->inference, ItemId{100}, 1));
    }
    return outcome->inference;
  }
  void did(const PersonKey& person, std::string event_id = {}) {
    NewPersonEvent event{person,        ItemId{100},        "buy", 9.5, clock_.wall() - std::chrono::hours{1},
                         clock_.wall(), std::move(event_id)};
    ASSERT_TRUE(await<void>([&](auto done) { store_->record_person_event(std::move(event), done); }));
  }
  Result<TaskRecord> begin_erasure(const TaskId& task, const PersonKey& person) {
    return await<TaskRecord>([&](auto done) {
      store_->start_job({.task = task,
                         .kind = kErasure,
                         .arguments = "{}",
                         .at = clock_.wall(),
                         .erasure = NewErasure{person, "operator"}},
                        std::nullopt, done);
    });
  }
  TaskId erasure_of(const PersonKey& person) {
    const TaskId task = new_id();
    EXPECT_TRUE(begin_erasure(task, person));
    return task;
  }
  Result<Erasure> erase(const TaskId& task, int most = 100) {
    return await<Erasure>([&](auto done) {
      store_->erase_portion(
          {.task = task, .most = most, .kept = [](std::string_view) { return std::string("{\"kept\":1}"); }},
          done);
    });
  }
  Erasure erase_all(const TaskId& task, int most = 100) {
    for (int portions = 0; portions < 100; ++portions) {
      const auto now = erase(task, most);
      EXPECT_TRUE(now);
      if (!now || now->done) return now ? *now : Erasure{};
    }
    ADD_FAILURE() << "it never ends";
    return {};
  }
};

TEST_P(PersonsContract, StoresWhatAChangeMakesOfWhatIsStored) {
  EXPECT_EQ(*store_->stored_of_person("ann"), "");
  EXPECT_EQ(code_of(store_->person("ann")), ErrorCode::kNotFound);
  const auto add = [](std::string_view stored) { return Result<std::string>(std::string(stored) + "+"); };
  EXPECT_EQ(*change("ann", add), "+");
  clock_.advance(std::chrono::seconds{5});
  EXPECT_EQ(*change("ann", add), "++");
  ASSERT_TRUE(store("bob", "{\"age\":1}"));
  reopen();
  EXPECT_EQ(*store_->stored_of_person("ann"), "++");
  const auto person = store_->person("ann");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->payload, "++");
  EXPECT_EQ(person->changed, clock_.wall());
  EXPECT_EQ(person->requests, 0);
  EXPECT_FALSE(person->first_seen);
  EXPECT_EQ(*store_->stored_of_person("bob"), "{\"age\":1}");
}

TEST_P(PersonsContract, LeavesWhatARefusedChangeFound) {
  ASSERT_TRUE(store("ann", "{\"age\":1}"));
  const auto refused = change("ann", [](std::string_view) -> Result<std::string> {
    return Error{ErrorCode::kInvalidArgument, "too young"};
  });
  EXPECT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
  EXPECT_EQ(*store_->stored_of_person("ann"), "{\"age\":1}");
}

TEST_P(PersonsContract, ForgetsWhoHasNoFieldsLeft) {
  ASSERT_TRUE(store("ann", "{\"age\":1}"));
  EXPECT_EQ(*store("ann", "{}"), "{}");
  EXPECT_EQ(*store("nobody", "{}"), "{}");
  EXPECT_EQ(code_of(store_->person("ann")), ErrorCode::kNotFound);
}

TEST_P(PersonsContract, KeepsTheAnswerOfAChange) {
  const auto keep = [&] {
    return RecordedAnswer<std::string>{"key", std::string(32, 'f'), [](const Result<std::string>& stored) {
                                         KeptAnswer kept{std::string(32, 'f'), 200, *stored, {}};
                                         return std::optional(kept);
                                       }};
  };
  const auto age = [](int years) {
    return
        [years](std::string_view) { return Result<std::string>("{\"age\":" + std::to_string(years) + "}"); };
  };
  ASSERT_TRUE(change("ann", age(1), keep()));
  EXPECT_EQ(code_of(change("ann", age(2), keep())), ErrorCode::kAlreadyExists);
  EXPECT_EQ(*store_->stored_of_person("ann"), "{\"age\":1}");
}

TEST_P(PersonsContract, KnowsWhatAPersonAskedAndDid) {
  const WallTime first = clock_.wall();
  const InferenceId one = asked("ann");
  asked("bob");
  clock_.advance(std::chrono::seconds{5});
  const InferenceId two = asked("ann", false);
  did("ann", "order 1");
  did("bob");
  const auto person = store_->person("ann");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->payload, "");
  EXPECT_EQ(person->requests, 2);
  EXPECT_EQ(person->events, 1);
  EXPECT_EQ(person->first_seen, clock_.wall() - std::chrono::hours{1});
  EXPECT_EQ(person->last_seen, clock_.wall());
  const auto requests = store_->requests_of("ann", RequestId{}, 10);
  ASSERT_TRUE(requests);
  ASSERT_THAT(*requests, SizeIs(2));
  EXPECT_EQ(requests->front().created, first);
  EXPECT_EQ(requests->front().person, "ann");
  // A request has the number of its inference.
  EXPECT_EQ(requests->at(0).id.value, one.value);
  EXPECT_EQ(requests->at(1).id.value, two.value);
  EXPECT_EQ(store_->inference(two)->user, requests->at(1).id);
  EXPECT_THAT(*store_->requests_of("ann", requests->at(0).id, 10), SizeIs(1));
  EXPECT_THAT(*store_->requests_of("ann", RequestId{}, 1), SizeIs(1));
  const auto newest = store_->newest_requests_of("ann", 1);
  ASSERT_TRUE(newest);
  ASSERT_THAT(*newest, SizeIs(1));
  EXPECT_EQ(newest->front().id.value, two.value);
  EXPECT_THAT(*store_->newest_requests_of("ann", 10), SizeIs(2));
  EXPECT_THAT(*store_->newest_requests_of("nobody", 10), IsEmpty());
  const auto events = store_->events_of("ann", 0, 10);
  ASSERT_TRUE(events);
  ASSERT_THAT(*events, SizeIs(1));
  EXPECT_EQ(events->front().kind, "buy");
  EXPECT_EQ(events->front().item, ItemId{100});
  EXPECT_EQ(events->front().value, 9.5);
  EXPECT_EQ(events->front().event_id, "order 1");
  EXPECT_EQ(events->front().received, clock_.wall());
  EXPECT_THAT(*store_->events_of("ann", events->front().id, 10), IsEmpty());
}

TEST_P(PersonsContract, BeginsNoErasureOfNobody) {
  const TaskId task = new_id();
  EXPECT_EQ(code_of(begin_erasure(task, "nobody")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store_->task(task)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(erase(task)), ErrorCode::kNotFound);
}

TEST_P(PersonsContract, ErasesInPortionsAndCountsThem) {
  ASSERT_TRUE(store("ann", "{\"age\":1}"));
  const InferenceId one = asked("ann");
  for (int i = 0; i < 4; ++i) asked("ann", false);
  for (int i = 0; i < 3; ++i) did("ann");
  const InferenceId other = asked("bob");
  did("bob");
  const TaskId task = erasure_of("ann");
  EXPECT_EQ(*store_->stored_of_person("ann"), "");  // at once
  EXPECT_EQ(store_->person("ann")->requests, 5);
  const auto first = erase(task, 2);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->done);
  EXPECT_EQ(first->requests, 2);
  EXPECT_EQ(first->events, 2);
  reopen();  // what was counted is there
  const Erasure all = erase_all(task, 2);
  EXPECT_TRUE(all.done);
  EXPECT_EQ(all.asked_by, "operator");
  EXPECT_EQ(all.persons, 1);
  EXPECT_EQ(all.events, 3);
  EXPECT_EQ(all.requests, 5);
  EXPECT_EQ(all.feedback, 1);
  EXPECT_EQ(code_of(store_->person("ann")), ErrorCode::kNotFound);
  EXPECT_EQ(store_->user(RequestId{one.value})->person, "");
  EXPECT_EQ(store_->user(RequestId{one.value})->payload, "{\"kept\":1}");
  EXPECT_THAT(store_->inference(one)->feedback, SizeIs(1));  // as nobody's
  EXPECT_EQ(store_->person("bob")->requests, 1);
  EXPECT_EQ(store_->person("bob")->events, 1);
  EXPECT_EQ(store_->user(RequestId{other.value})->payload, R"({"name":"Ada","people_num":2})");
  const auto again = erase(task);  // the same receipt, however often it is asked for
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->done);
  EXPECT_EQ(again->requests, 5);
}

TEST_P(PersonsContract, LeavesWhatCameAfterTheFirstPortion) {
  asked("ann");
  did("ann");
  const TaskId task = erasure_of("ann");
  ASSERT_TRUE(erase(task, 1));
  asked("ann", false);
  did("ann");
  ASSERT_TRUE(store("ann", "{\"age\":2}"));
  EXPECT_EQ(erase_all(task, 1).requests, 1);
  const auto person = store_->person("ann");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->requests, 1);
  EXPECT_EQ(person->events, 1);
  EXPECT_EQ(person->payload, "{\"age\":2}");
}

TEST_P(PersonsContract, ErasesOnePersonTwiceAtOnce) {
  asked("ann");
  const TaskId one = erasure_of("ann");
  const TaskId two = erasure_of("ann");
  EXPECT_EQ(erase_all(one).requests, 1);
  EXPECT_EQ(erase_all(two).requests, 0);
  EXPECT_EQ(code_of(begin_erasure(new_id(), "ann")), ErrorCode::kNotFound);
}

TEST_P(PersonsContract, ForgetsErasuresWhoseTasksHaveEnded) {
  asked("ann");
  const TaskId given_up = erasure_of("ann");
  const TaskId open = erasure_of("ann");
  ASSERT_TRUE(cancel(given_up));
  const auto forget = [&] {
    return await<void>([&](auto done) { store_->forget_erasures(clock_.wall(), done); });
  };
  ASSERT_TRUE(forget());
  EXPECT_EQ(code_of(erase(given_up)), ErrorCode::kNotFound);
  EXPECT_EQ(erase_all(open).requests, 1);
  const Lease lease = claim(open, TaskKind::kErasure);
  ASSERT_TRUE(
      await<ModelId>([&](auto done) { store_->finish_job(lease, {.json = "{}"}, clock_.wall(), done); }));
  ASSERT_TRUE(forget());
  EXPECT_EQ(code_of(erase(open)), ErrorCode::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Stores, PersonsContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

}  // namespace
}  // namespace rankloop::storage
