// Imports of history.
#include "app/learn/history.h"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/learn/history_line.h"
#include "domain/utf8.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::AllOf;
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
  Error fault_of(std::string_view lines) {
    const auto imported = history_->import(lines);
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
  EXPECT_EQ(imported->requests, 1);
  const auto requests = all_shown();
  ASSERT_EQ(requests.size(), 1U);
  const storage::ShownRequest& request = requests.front();
  EXPECT_EQ(request.source, RequestSource::kImport);
  EXPECT_EQ(request.person, "ada");
  EXPECT_EQ(request.created, WallTime{std::chrono::seconds{1'766'599'200}});
  EXPECT_EQ(request.ranking.policy.kind, PolicyKind::kImported);
  EXPECT_EQ(request.ranking.model, ModelId{0});
  EXPECT_EQ(request.ranking.catalog_version, 1);
  ASSERT_EQ(request.ranking.items.size(), 3U);
  EXPECT_EQ(request.ranking.items[0].item, ItemId{3});
  ASSERT_EQ(request.feedback.size(), 1U);
  EXPECT_EQ(request.feedback[0].item, ItemId{1});
  EXPECT_EQ(request.feedback[0].kind, kPickKind);
  EXPECT_EQ(request.feedback[0].people, 1);
  EXPECT_EQ(json(request.payload).at("age").to_number<int>(), 30);
}

TEST_F(HistoryTest, TellsNoneChosenFromNoOutcome) {
  const auto imported = history_->import(
      R"({"request":{"age":30},"shown":[1,2],"picked":[]}
{"request":{"age":31},"shown":[1,2]}
{"request":{"age":32},"shown":[1,2],"picked":null})");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->requests, 3);
  const auto requests = all_shown();
  ASSERT_EQ(requests.size(), 3U);
  ASSERT_EQ(requests[0].feedback.size(), 1U);
  EXPECT_EQ(requests[0].feedback[0].kind, kNoneKind);
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
  EXPECT_EQ(requests[0].feedback[0].people, 531);
  EXPECT_EQ(requests[0].feedback[0].rank, 2);
  EXPECT_EQ(requests[0].feedback[1].people, 1);
}

TEST_F(HistoryTest, TakesTheGainOfAPick) {
  const auto line = [](const std::string& picked) {
    return R"({"id":"a","request":{"age":30},"shown":[1,2,3],"picked":[)" + picked + "]}";
  };
  ASSERT_TRUE(history_->import(line(R"({"item":2,"gain":3.5},{"item":3,"gain":1,"weight":2})")));
  const auto requests = all_shown();
  ASSERT_EQ(requests.size(), 1U);
  ASSERT_EQ(requests[0].feedback.size(), 2U);
  EXPECT_EQ(requests[0].feedback[0].value, 3.5);
  EXPECT_EQ(requests[0].feedback[0].people, 1);
  EXPECT_EQ(requests[0].feedback[1].value, 1);
  EXPECT_TRUE(history_->import(line(R"({"item":2,"gain":3.5},{"item":3,"weight":2})")));  // the same again
  EXPECT_FALSE(history_->import(line(R"({"item":2,"gain":4},{"item":3,"weight":2})")));
}

TEST_F(HistoryTest, SkipsEmptyLines) {
  const auto imported = history_->import("\n  \r\n{\"request\":{\"age\":30},\"shown\":[1]}\r\n\n");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->requests, 1);
  for (const char* nothing : {"", "\n \n"}) {
    EXPECT_EQ(fault_of(nothing).message, "there are no requests in the text");
  }
}

TEST_F(HistoryTest, WritesAllOrNothing) {
  const Error error = fault_of(
      R"({"request":{"age":30},"shown":[1]}

{"request":{"age":-1},"shown":[1]})");
  EXPECT_EQ(error.faults.front().loc.front(), "line 3");
  EXPECT_TRUE(all_shown().empty());
  EXPECT_EQ(store_->counts().inferences, 0);
}

TEST_F(HistoryTest, NamesTheLineThatIsNoJson) {
  const Error error = fault_of("{\"request\":{\"age\":30},\"shown\":[1]}\n{\"request\":");
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("line 2: "));
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
  EXPECT_THAT(with(R"("shown":[1.5])"), HasSubstr("whole numbers, the ids of items, not of 1.5"));
  EXPECT_THAT(with(R"("shown":["SKU-1"])"), HasSubstr("not of \"SKU-1\""));
  EXPECT_THAT(with(R"("shown":[{"item":1}])"), HasSubstr("not of an object"));
  EXPECT_EQ(with(R"("shown":[1,9])"), "there is no item 9 in the catalog");
  EXPECT_EQ(with(R"("shown":[1,2,1])"), "item 1 is shown twice");
  EXPECT_EQ(with(R"("shown":[1],"picked":[2])"), "item 2 was picked, but not shown");
  EXPECT_EQ(with(R"("shown":[1],"picked":1)"), "Input should be a valid list");
  const auto no_pick =
      HasSubstr("Input should hold item ids, or objects with an item and a weight and a gain above 0, not ");
  EXPECT_THAT(with(R"("shown":[1],"picked":["1"])"), no_pick);
  EXPECT_THAT(with(R"("shown":[1],"picked":[{"weight":2}])"), no_pick);
  EXPECT_THAT(with(R"("shown":[1],"picked":[{"item":1,"weight":0}])"), no_pick);
  EXPECT_THAT(with(R"("shown":[1],"picked":[{"item":1,"weight":"2"}])"), no_pick);
  EXPECT_THAT(with(R"("shown":[1],"picked":[{"item":1,"gain":0}])"), no_pick);
  EXPECT_THAT(with(R"("shown":[1],"picked":[{"item":1,"gain":1e7}])"),
              HasSubstr("a gain may be up to 1000000"));
  EXPECT_THAT(with(R"("shown":[1],"picked":[1,1])"), HasSubstr("item 1 is picked twice"));
  EXPECT_THAT(with(R"("shown":[1],"picked":[{"item":1,"rating":4}])"),
              HasSubstr("what \"rating\" says cannot be kept"));
  for (const std::string before : {"", "x", "xx"}) {
    std::string name = before;
    while (name.size() < 200) name += "€";
    EXPECT_TRUE(is_utf8(with(R"("shown":[1],"picked":[{"item":1,")" + name + "\":4}]")));
  }
  EXPECT_EQ(message_of(R"({"shown":[1]})"), "Field required");
}

TEST_F(HistoryTest, TakesTheUserKeysThatRequestsTake) {
  const auto line = [](const std::string& key) {
    return R"({"request":{"age":30},"shown":[1],"user_key":)" + key + "}";
  };
  EXPECT_TRUE(history_->import(line("\"" + std::string(128, 'k') + "\"")));
  EXPECT_TRUE(history_->import(line("null")));
  EXPECT_TRUE(history_->import(line("17")));
  EXPECT_EQ(all_shown().back().person, "17");
  for (const std::string& key :
       {"\"" + std::string(129, 'k') + "\"", std::string{"7.5"}, std::string{R"("a\u0000b")"}}) {
    EXPECT_THAT(message_of(line(key)), HasSubstr("1 to 128 characters"));
  }
}

TEST_F(HistoryTest, TakesMomentsOfAnyOffsetAndRefusesTheFuture) {
  const auto line = [](const std::string& at) {
    return R"({"request":{"age":30},"shown":[1],"at":")" + at + "\"}";
  };
  for (const char* at :
       {"2025-12-24T18:00:00Z", "2025-12-24 19:00:00.000000+01:00", "2025-12-25T03:00:00.000000000+0900"}) {
    ASSERT_TRUE(history_->import(line(at))) << at;
    EXPECT_EQ(all_shown().back().created, WallTime{std::chrono::seconds{1'766'599'200}}) << at;
  }
  EXPECT_THAT(message_of(line("9999-12-31T23:59:59Z")),
              AllOf(HasSubstr("in the past"), HasSubstr("9999-12-31")));
  EXPECT_THAT(message_of(line("2025-12-24T18:00:00")),
              AllOf(HasSubstr("offset"), HasSubstr("2025-12-24T18:00:00\"")));
}

TEST_F(HistoryTest, NamesWhatItLeavesOutOrRefusesIt) {
  const std::string text = R"({"request":{"age":30,"agee":3},"shown":[1,2],"clicked":[1],"user":"u1"})";
  const auto imported = history_->import(text);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->unknown_fields, 3);
  std::vector<std::string> names;
  for (const UnknownName& each : imported->unknown) names.push_back(each.name + ":" + each.nearest);
  EXPECT_THAT(names, ElementsAre("clicked:picked", "request.agee:request.age", "user:"));
  const auto refused = history_->import(text, {.strict = true});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'clicked'"));
  EXPECT_EQ(all_shown().size(), 1U);
}

TEST_F(HistoryTest, PassesOverBadLinesWhenAsked) {
  const std::string text =
      "{\"request\":{\"age\":30},\"shown\":[1]}\n{\"request\":{\"age\":30},\"shown\":[99]}\n\n[]\n"
      "{\"request\":{\"age\":30},\"shown\":[2],\"user_key\":\"caf\xe9\"}\n";
  const auto imported = history_->import(text, {.skip_bad = true});
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->requests, 1);
  ASSERT_EQ(imported->bad.size(), 3U);
  EXPECT_EQ(imported->bad[0].line, 2U);
  EXPECT_EQ(imported->bad[0].reason, "shown: there is no item 99 in the catalog");
  EXPECT_EQ(imported->bad[1].line, 4U);
  EXPECT_EQ(imported->bad[2].line, 5U);
  EXPECT_THAT(imported->bad[2].reason, HasSubstr("latin1"));
  EXPECT_EQ(all_shown().size(), 1U);
  const auto nothing = history_->import("[]\n", {.skip_bad = true});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->requests, 0);
  EXPECT_EQ(nothing->bad.size(), 1U);
}

// What was written down as bad comes again with its line and the reason.
TEST_F(HistoryTest, TakesMendedLinesAsTheyAre) {
  const std::string line = R"({"line":2,"reason":"x","request":{"age":30},"shown":[1]})";
  const auto imported = history_->import(line, {.strict = true});
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->unknown_fields, 0);
  EXPECT_EQ(history_->import(R"({"request":{"age":30},"shown":[1],"line":2,"reason":"x"})")->unknown_fields,
            2);
}

TEST_F(HistoryTest, TellsTheEncodingOnce) {
  const std::string line = "{\"request\":{\"age\":30},\"shown\":[1],\"user_key\":\"caf\xe9\"}\n";
  const Error error = fault_of(line + line);
  ASSERT_EQ(error.faults.size(), 1U);
  EXPECT_THAT(error.faults[0].msg, HasSubstr("Latin-1"));
  EXPECT_EQ(error.faults[0].loc, std::vector<std::string>{"line 1"});
  ASSERT_TRUE(history_->import(line, {.text = {.encoding = tables::Encoding::kLatin1}}));
  EXPECT_EQ(all_shown().size(), 1U);
}

TEST_F(HistoryTest, RefusesWhatItCannotKeep) {
  const auto with = [&](const std::string& rest) {
    return message_of(R"({"request":{"age":30},"shown":[3,1],)" + rest + "}");
  };
  EXPECT_TRUE(history_->import(R"({"request":{"age":30},"shown":[3,1],"positions":[1,2]})"));
  EXPECT_THAT(with(R"("positions":[2,3])"), HasSubstr("without gaps"));
  EXPECT_THAT(with(R"("positions":[1])"), HasSubstr("one number for each item"));
}

TEST_F(HistoryTest, ImportsARequestWithAnIdOnce) {
  const std::string first = R"({"id":"r1","request":{"age":30},"shown":[3,1],"picked":[1]})"
                            "\n";
  const std::string second = R"({"id":2,"request":{"age":30},"shown":[3,1],"at":"2025-12-24T18:00:00Z"})"
                             "\n";
  ASSERT_TRUE(history_->import(first));
  const auto again = history_->import(first + second + second);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->requests, 1);
  EXPECT_EQ(again->repeated, 2);
  EXPECT_EQ(all_shown().size(), 2U);
  const auto other = history_->import(R"({"id":"r1","request":{"age":31},"shown":[3,1],"picked":[1]})");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(other.error().message, HasSubstr("request 'r1'"));
}

TEST_F(HistoryTest, TakesPropensities) {
  ASSERT_TRUE(history_->import(R"({"request":{"age":30},"shown":[3,1],"propensities":[0.25,1]})"));
  EXPECT_EQ(all_shown().back().ranking.items[0].propensity, 0.25F);
  for (const char* list : {"[0.5]", "[0.5,0]", "[0.5,1.5]", "3"}) {
    EXPECT_FALSE(
        history_->import(R"({"request":{"age":30},"shown":[3,1],"propensities":)" + std::string{list} + "}"));
  }
}

TEST_F(HistoryTest, NamesAHundredFaultsAtMost) {
  std::string shown;
  for (int id = 100; id < 600; ++id) shown += (shown.empty() ? "" : ",") + std::to_string(id);
  const std::string line = R"({"request":{"age":30},"shown":[)" + shown + "]}\n";
  EXPECT_EQ(fault_of(line).faults.size(), kMaxHistoryFaults);
  EXPECT_EQ(fault_of(line + line).faults.size(), kMaxHistoryFaults);
}

TEST_F(HistoryTest, BoundsALine) {
  EXPECT_THAT(message_of(R"({"request":{"age":30},"shown":[1],"note":")" + std::string(1 << 20, 'x') + "\"}"),
              HasSubstr("longer than 1 MB"));
}

TEST_F(HistoryTest, GivesUpWhenItIsToStop) {
  std::stop_source stop;
  stop.request_stop();
  const auto imported = history_->import(R"({"request":{"age":30},"shown":[1]})", {}, stop.get_token());
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(all_shown().empty());
}

// Others write between the portions of a long import.
TEST_F(HistoryTest, WritesInPortions) {
  std::string text;
  for (int i = 0; i < 1'201; ++i)
    text += R"({"request":{"age":30},"shown":[1,2],"picked":[2]})"
            "\n";
  options_.metrics = &metrics_.storage;
  restart();
  history_ = std::make_unique<History>(domain_, 1, *store_, *serving_, clock_);
  const auto batches = [&] { return metrics_.storage.batch_size->Collect().histogram.sample_count; };
  const std::uint64_t before = batches();
  const auto imported = history_->import(text);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->requests, 1'201);
  EXPECT_EQ(all_shown().size(), 1'201U);
  EXPECT_GE(batches() - before, 3U);
}

}  // namespace
}  // namespace rankloop::app
