#include "app/history.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HistoryTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(4);
    start_serving();
    history_ = std::make_unique<History>(domain_, 1, *store_, *serving_, clock_);
  }
  Error fault_of(std::string_view lines, std::size_t first_line = 1) {
    const auto imported = history_->import(lines, first_line);
    EXPECT_FALSE(imported) << lines;
    return imported ? Error{} : imported.error();
  }
  // The one fault of a line.
  std::string message_of(std::string_view line) {
    const Error error = fault_of(line);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(error.faults.size(), 1U) << line;
    return error.faults.empty() ? error.message : error.faults.front().msg;
  }
  std::vector<storage::ShownRequest> all_shown() {
    std::vector<storage::ShownRequest> requests;
    EXPECT_TRUE(store_->each_shown({}, [&](const storage::ShownRequest& request) {
      requests.push_back(request);
      return true;
    }));
    return requests;
  }

  std::unique_ptr<History> history_;
};

TEST_F(HistoryTest, WritesRequestsAsIfTheyHadHappenedHere) {
  const auto imported = history_->import(
      R"({"request":{"age":30,"budget":5},"shown":[3,1,2],"picked":[1],"user_key":"ada","at":"2025-12-24T18:00:00Z"})");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, 1);
  const auto requests = all_shown();
  ASSERT_EQ(requests.size(), 1U);
  const storage::ShownRequest& request = requests.front();
  EXPECT_EQ(request.source, "import");
  EXPECT_EQ(request.user_key, "ada");
  EXPECT_EQ(request.created, WallTime{std::chrono::seconds{1'766'599'200}});
  EXPECT_EQ(request.ranking.policy.name, "imported");
  EXPECT_EQ(request.ranking.model, ModelId{0});
  EXPECT_EQ(request.ranking.catalog_version, 1);
  ASSERT_EQ(request.ranking.items.size(), 3U);
  EXPECT_EQ(request.ranking.items[0].item, ItemId{3});
  ASSERT_EQ(request.feedback.size(), 1U);
  EXPECT_EQ(request.feedback[0].item, ItemId{1});
  EXPECT_EQ(request.feedback[0].kind, "pick");
  EXPECT_EQ(request.feedback[0].weight, 1);
  EXPECT_EQ(json(request.payload).at("age").to_number<int>(), 30);
}

TEST_F(HistoryTest, TellsNoneChosenFromNoOutcome) {
  const auto imported = history_->import(
      R"({"request":{"age":30},"shown":[1,2],"picked":[]}
{"request":{"age":31},"shown":[1,2]}
{"request":{"age":32},"shown":[1,2],"picked":null})");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, 3);
  const auto requests = all_shown();
  ASSERT_EQ(requests.size(), 3U);
  ASSERT_EQ(requests[0].feedback.size(), 1U);
  EXPECT_EQ(requests[0].feedback[0].kind, "none");
  EXPECT_FALSE(requests[0].feedback[0].item);
  EXPECT_TRUE(requests[1].feedback.empty());
  EXPECT_TRUE(requests[2].feedback.empty());
  EXPECT_EQ(requests[2].created, clock_.wall());
  EXPECT_EQ(store_->outcome_counts({}, 100)->with_outcome, 1);
}

TEST_F(HistoryTest, TakesWeightsThatCountPeople) {
  ASSERT_TRUE(history_->import(
      R"({"request":{"age":30},"shown":[1,2,3],"picked":[{"item":2,"weight":531},{"item":3}]})"));
  const auto requests = all_shown();
  ASSERT_EQ(requests.size(), 1U);
  ASSERT_EQ(requests[0].feedback.size(), 2U);
  EXPECT_EQ(requests[0].feedback[0].weight, 531);
  EXPECT_EQ(requests[0].feedback[0].rank, 2);
  EXPECT_EQ(requests[0].feedback[1].weight, 1);
}

TEST_F(HistoryTest, SkipsEmptyLines) {
  const auto imported = history_->import("\n  \r\n{\"request\":{\"age\":30},\"shown\":[1]}\r\n\n");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, 1);
  for (const char* nothing : {"", "\n \n"}) {
    EXPECT_EQ(fault_of(nothing).message, "there are no requests in the text");
  }
}

TEST_F(HistoryTest, WritesAllOrNothing) {
  const Error error = fault_of(
      R"({"request":{"age":30},"shown":[1]}

{"request":{"age":-1},"shown":[1]})",
      100);
  EXPECT_EQ(error.faults.front().loc.front(), "line 102");
  EXPECT_TRUE(all_shown().empty());
  EXPECT_EQ(store_->counts().inferences, 0);
}

TEST_F(HistoryTest, NamesTheLineThatIsNoJson) {
  const Error error = fault_of("{\"request\":{\"age\":30},\"shown\":[1]}\n{\"request\":", 7);
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("line 8: "));
  EXPECT_EQ(message_of("[1]"), "Input should be a JSON object");
}

TEST_F(HistoryTest, NamesEveryFaultOfALine) {
  const Error error =
      fault_of(R"({"request":{"age":"x"},"shown":[1,9],"picked":[2],"user_key":"","at":"today"})");
  std::vector<std::string> places;
  for (const FieldFault& fault : error.faults) {
    EXPECT_EQ(fault.loc.front(), "line 1");
    places.push_back(fault.loc.at(1));
  }
  EXPECT_THAT(places, ::testing::UnorderedElementsAre("request", "shown", "picked", "user_key", "at"));
}

TEST_F(HistoryTest, SaysWhatIsWrongWithAList) {
  const auto with = [&](const std::string& rest) {
    return message_of(R"({"request":{"age":30},)" + rest + "}");
  };
  EXPECT_EQ(with(R"("picked":null)"), "Field required");
  EXPECT_EQ(with(R"("shown":[])"), "Input should be a list of the items shown, best first");
  EXPECT_EQ(with(R"("shown":[1.5])"), "Input should be a list of whole numbers");
  EXPECT_EQ(with(R"("shown":["1"])"), "Input should be a list of whole numbers");
  EXPECT_EQ(with(R"("shown":[1,9])"), "there is no item 9 in the catalog");
  EXPECT_EQ(with(R"("shown":[1,2,1])"), "item 1 is shown twice");
  EXPECT_EQ(with(R"("shown":[1],"picked":[2])"), "item 2 was picked, but not shown");
  EXPECT_EQ(with(R"("shown":[1],"picked":1)"), "Input should be a valid list");
  const std::string no_pick = "Input should hold item ids, or objects with an item and a weight above 0";
  EXPECT_EQ(with(R"("shown":[1],"picked":["1"])"), no_pick);
  EXPECT_EQ(with(R"("shown":[1],"picked":[{"weight":2}])"), no_pick);
  EXPECT_EQ(with(R"("shown":[1],"picked":[{"item":1,"weight":0}])"), no_pick);
  EXPECT_EQ(with(R"("shown":[1],"picked":[{"item":1,"weight":"2"}])"), no_pick);
  EXPECT_EQ(message_of(R"({"shown":[1]})"), "Field required");
}

TEST_F(HistoryTest, TakesTheUserKeysThatRequestsTake) {
  const auto line = [](const std::string& key) {
    return R"({"request":{"age":30},"shown":[1],"user_key":)" + key + "}";
  };
  EXPECT_TRUE(history_->import(line("\"" + std::string(128, 'k') + "\"")));
  EXPECT_TRUE(history_->import(line("null")));
  for (const std::string& key :
       {"\"" + std::string(129, 'k') + "\"", std::string{"7"}, std::string{R"("a\u0000b")"}}) {
    EXPECT_THAT(message_of(line(key)), HasSubstr("1 to 128 bytes"));
  }
}

}  // namespace
}  // namespace rankloop::app
