// Stored fields in requests, what memory knows of them, an erasure and an export.
#include "app/serve/persons.h"

#include <memory>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/learn/job_attempt.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Reach = Persons::Reach;
using Change = Persons::Change;

constexpr const char* kStored =
    "[person]\nfields = ['age', 'budget']\n"
    "[[request.field]]\nname = 'greeting'\ntype = 'string'\nrequired = false\n";

// Runs what it is given at once.
class Inline final : public BlockingPool {
 public:
  bool submit(std::function<void()> work) override {
    work();
    return true;
  }
};

class PersonsTest : public UseCaseFixture {
 protected:
  explicit PersonsTest(std::string_view more = kStored) : UseCaseFixture(film_domain(more)) {}

  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
    storage::CatalogWrite write{1, {}};
    for (std::int64_t id = 1; id <= 8; ++id) write.items.push_back({{id}, film("Film", 10)});
    ASSERT_TRUE(write_items(std::move(write)));
    ASSERT_TRUE(serving_->wait_for_catalog(1));
  }

  Result<std::string> change(const PersonKey& person, std::string_view body, Change how = Change::kAll) {
    return written<std::string>(
        [&](auto done) { persons_->change(person, json(body), how, std::nullopt, std::move(done)); });
  }
  std::string completed(std::string_view body, Reach reach = Reach::kStore) {
    boost::json::value request = json(body);
    const Result<bool> complete = persons_->complete(request, reach);
    EXPECT_TRUE(complete);
    return complete && *complete ? boost::json::serialize(request) : "not known";
  }
  // A finished request, shown and picked from.
  TaskId asked(std::string_view body) {
    boost::json::value request = json(body);
    EXPECT_TRUE(*persons_->complete(request, Reach::kStore));
    Result<InferenceInput> input = inference_->check(request);
    EXPECT_TRUE(input);
    const TaskId task = inference_->new_task_id();
    EXPECT_TRUE(written<storage::StartedInference>(
        [&](auto done) { inference_->start(task, *std::move(input), std::nullopt, std::move(done)); }));
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    inference_->run(claimed->front());
    EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    const auto ended = recent_.find(task);
    EXPECT_TRUE(written<int>([&](auto done) { inference_->show(ended, 2, ExposureSource::kResults, done); }));
    EXPECT_TRUE(written<Picked>([&](auto done) { inference_->pick(ended, 2, std::nullopt, done); }));
    return task;
  }
  Result<storage::TaskRecord> erase(const PersonKey& person) {
    return written<storage::TaskRecord>(
        [&](auto done) { persons_->erase(person, "operator", std::nullopt, pool_, done); });
  }
  // The receipt of an erasure that is waiting.
  std::string receipt(const TaskId& task) {
    const auto claimed = store_->claim(TaskKind::kErasure, std::span{&task, 1}, 1);
    EXPECT_TRUE(claimed);
    if (!claimed || claimed->size() != 1) return {};
    JobAttempt attempt(*store_, log_, clock_, claimed->front(), {});
    const TaskOutcome outcome =
        attempt.run([&](Heartbeat& heart) { return persons_->run(claimed->front(), heart); }, {});
    EXPECT_EQ(outcome.name, "succeeded");
    return store_->task(task)->result;
  }
  std::vector<std::string> exported(const PersonKey& person) {
    const auto lines = persons_->all_of(person, serving_->item_names());
    std::string text;
    while (true) {
      const auto some = lines->next();
      EXPECT_TRUE(some) << some.error().message;
      if (!some || some->empty()) break;
      text += *some;
    }
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      all.push_back(text.substr(at, text.find('\n', at) - at));
    return all;
  }

  Inline pool_;
};

TEST_F(PersonsTest, AddsWhatARequestDoesNotSay) {
  EXPECT_EQ(*change("ann", R"({"age":41,"budget":9.5})"), R"({"age":41,"budget":9.5})");
  EXPECT_EQ(completed(R"({"user_key":"ann"})"), R"({"user_key":"ann","age":41,"budget":9.5E0})");
  EXPECT_EQ(completed(R"({"user_key":"ann","age":7})"), R"({"user_key":"ann","age":7,"budget":9.5E0})");
  EXPECT_EQ(completed(R"({"user_key":"ann","budget":null})"), R"({"user_key":"ann","budget":null,"age":41})");
  EXPECT_EQ(completed(R"({"user_key":"bob"})"), R"({"user_key":"bob"})");
  for (const char* body : {R"({"age":7})", R"({"user_key":7})", R"({"user_key":""})", "[]", "7"})
    EXPECT_EQ(completed(body, Reach::kMemory), body);
}

TEST_F(PersonsTest, CountsStoredFieldsAsGiven) {
  ASSERT_TRUE(change("ann", R"({"age":41})"));
  boost::json::value body = json(R"({"user_key":"ann"})");
  EXPECT_FALSE(inference_->check(body));
  ASSERT_TRUE(*persons_->complete(body, Reach::kStore));
  const auto input = inference_->check(body);
  ASSERT_TRUE(input);
  EXPECT_EQ(input->request.payload, R"({"age":41})");
}

TEST_F(PersonsTest, ReadsAPersonOnceAndAgainAfterAChange) {
  const char* const body = R"({"user_key":"ann"})";
  EXPECT_EQ(completed(body, Reach::kMemory), "not known");
  EXPECT_EQ(completed(body), body);
  EXPECT_EQ(completed(body, Reach::kMemory), body);  // nobody is known, too
  ASSERT_TRUE(change("ann", R"({"age":41})"));
  EXPECT_EQ(completed(body, Reach::kMemory), "not known");
  EXPECT_EQ(completed(body), R"({"user_key":"ann","age":41})");
  clock_.advance(std::chrono::hours{1});  // nobody else can have changed it
  EXPECT_EQ(completed(body, Reach::kMemory), R"({"user_key":"ann","age":41})");
  EXPECT_EQ(completed(R"({"user_key":"ann","age":1,"budget":2})", Reach::kMemory),
            R"({"user_key":"ann","age":1,"budget":2})");
}

TEST_F(PersonsTest, ChangesSomeFields) {
  EXPECT_EQ(*change("ann", R"({"age":41})", Change::kSome), R"({"age":41})");
  EXPECT_EQ(*change("ann", R"({"budget":5})", Change::kSome), R"({"age":41,"budget":5})");
  EXPECT_EQ(*change("ann", R"({"age":null})", Change::kSome), R"({"budget":5})");
  EXPECT_EQ(*change("ann", R"({"age":1})"), R"({"age":1})");
  EXPECT_EQ(*change("ann", R"({"age":null})", Change::kSome), "{}");
  EXPECT_EQ(persons_->get("ann").error().code, ErrorCode::kNotFound);
}

TEST_F(PersonsTest, NamesWhatCannotBeStored) {
  for (const Change how : {Change::kAll, Change::kSome}) {
    const auto unknown = change("ann", R"({"agee":41,"greeting":"hi"})", how);
    ASSERT_FALSE(unknown);
    ASSERT_THAT(unknown.error().faults, SizeIs(2));
    EXPECT_THAT(unknown.error().faults[0].msg, HasSubstr("is age meant?"));
    EXPECT_THAT(unknown.error().faults[1].msg, HasSubstr("these are: age, budget"));
    EXPECT_THAT(change("ann", R"({"age":-1,"budget":"x"})", how).error().faults, SizeIs(2));
    EXPECT_EQ(change("ann", "7", how).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(persons_->get("ann").error().code, ErrorCode::kNotFound);
}

class PersonsOfNoFieldsTest : public PersonsTest {
 protected:
  PersonsOfNoFieldsTest() : PersonsTest("") {}
};

TEST_F(PersonsOfNoFieldsTest, AreNotLookedAtAndAreKnownAllTheSame) {
  const auto refused = change("ann", R"({"age":41})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("stores nothing of people"));
  EXPECT_EQ(completed(R"({"user_key":"ann"})", Reach::kMemory), R"({"user_key":"ann"})");
  asked(R"({"age":30,"user_key":"ann"})");
  EXPECT_EQ(persons_->get("ann")->requests, 1);
  const auto task = erase("ann");
  ASSERT_TRUE(task);
  EXPECT_THAT(receipt(task->id), HasSubstr(R"("requests":1)"));
}

TEST_F(PersonsTest, ErasesAndSaysWhat) {
  ASSERT_TRUE(change("ann", R"({"age":41})"));
  const TaskId first = asked(R"({"user_key":"ann","greeting":"I am Ann"})");
  for (int i = 0; i < 120; ++i) asked(R"({"user_key":"ann"})");
  ASSERT_TRUE(written<void>([&](auto done) {
    store_->record_person_event({"ann", ItemId{3}, "buy", 1, clock_.wall(), clock_.wall()}, done);
  }));
  EXPECT_EQ(completed(R"({"user_key":"ann"})"), R"({"user_key":"ann","age":41})");
  const auto task = erase("ann");
  ASSERT_TRUE(task) << task.error().message;
  EXPECT_EQ(task->arguments, "{}");
  EXPECT_EQ(completed(R"({"user_key":"ann"})"), R"({"user_key":"ann"})");
  const std::string told = receipt(task->id);
  EXPECT_THAT(told, HasSubstr(R"("by":"operator")"));
  EXPECT_THAT(told, HasSubstr(R"("removed":{"persons":1,"person_events":1})"));
  EXPECT_THAT(told, HasSubstr(R"("unlinked":{"person_events":0,"requests":121,"feedback":121})"));
  EXPECT_THAT(told, Not(HasSubstr("ann")));
  EXPECT_EQ(erase("ann").error().code, ErrorCode::kNotFound);
  const auto request = store_->user(store_->inference(first)->user);
  EXPECT_EQ(request->person, "");
  EXPECT_EQ(request->payload, R"({"age":41})");  // what a model sees stays, the greeting does not
}

TEST_F(PersonsTest, TellsEverythingLineByLine) {
  ASSERT_TRUE(change("ann \"x\"", R"({"age":41})"));
  const TaskId task = asked(R"({"user_key":"ann \"x\"","budget":3,"candidates":[2,5,7]})");
  for (int i = 0; i < 30; ++i) asked(R"({"user_key":"ann \"x\""})");
  asked(R"({"user_key":"bob","age":1})");
  ASSERT_TRUE(written<void>([&](auto done) {
    store_->record_person_event({"ann \"x\"", ItemId{3}, "buy", 2.5, clock_.wall(), clock_.wall(), "order 1"},
                                done);
  }));
  const std::vector<std::string> lines = exported("ann \"x\"");
  ASSERT_THAT(lines, SizeIs(1 + 31 + 1 + 1));
  const auto head = json(lines.front()).as_object();
  EXPECT_EQ(head.at("user_key"), "ann \"x\"");
  EXPECT_EQ(boost::json::serialize(head.at("fields")), R"({"age":41})");
  EXPECT_EQ(head.at("requests"), 31);
  const auto first = json(lines[1]).as_object();
  EXPECT_EQ(first.at("task_id").as_string(), task.to_string());
  EXPECT_EQ(boost::json::serialize(first.at("request")), R"({"age":41,"budget":3})");
  EXPECT_THAT(first.at("candidates").as_array(), SizeIs(3));
  ASSERT_THAT(first.at("shown").as_array(), SizeIs(2));
  EXPECT_EQ(first.at("shown").as_array()[1].at("position"), 2);
  ASSERT_THAT(first.at("feedback").as_array(), SizeIs(1));
  EXPECT_EQ(first.at("feedback").as_array()[0].at("kind"), "pick");
  EXPECT_EQ(first.at("feedback").as_array()[0].at("film_id"), first.at("shown").as_array()[1].at("film_id"));
  const auto event = json(lines[32]).as_object();
  EXPECT_EQ(event.at("event"), "buy");
  EXPECT_EQ(event.at("event_id"), "order 1");
  EXPECT_EQ(lines.back(), R"({"kind":"end","requests":31,"events":1})");
  const auto nobody = persons_->all_of("nobody", serving_->item_names());
  EXPECT_EQ(nobody->next().error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace rankloop::app
