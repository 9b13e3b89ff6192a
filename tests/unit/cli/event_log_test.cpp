// Logs of events and tables of requests, row by row.
#include "cli/quickstart/event_log.h"

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/quickstart/request_facts.h"
#include "domain/calendar.h"

namespace rankloop::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kDomain = R"(
[domain]
name = "films"
[request]
noun = "request"
plural = "requests"
[[request.field]]
name = "country"
type = "category"
required = false
[[request.field]]
name = "age"
type = "int"
required = false
[item]
noun = "film"
plural = "films"
[[item.field]]
name = "price"
type = "float"
[model]
features = ["price"]
)";

const LogWatch kWatch{[](double, double) {}, {}};

std::shared_ptr<const Domain> films() {
  const DomainCheck check = read_domain(kDomain, "films.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

// Films 1 to `count`.
std::shared_ptr<const ml::Catalog> catalog(std::int64_t count) {
  const auto domain = films();
  const auto empty = ml::Catalog::empty(domain);
  std::vector<ml::ItemChange> changes;
  for (std::int64_t id = 1; id <= count; ++id) {
    const auto record = domain->items.check(boost::json::parse(R"({"price": 1})"), {});
    changes.push_back({ItemId{id}, 1, empty->pick(record->values)});
  }
  return empty->with(1, changes);
}

LogTable table(std::string_view text) {
  return {"log.csv", tables::Bytes(text), {}, ','};
}

EventLog read(std::string_view text, const infer::HistoryColumnNames& columns, std::size_t most = 1'000) {
  auto log = read_event_log(table(text), columns, *catalog(9), most, kWatch);
  EXPECT_TRUE(log) << log.error().message;
  return log ? *std::move(log) : EventLog{};
}

std::vector<std::int64_t> items(const EventLog& log) {
  std::vector<std::int64_t> ids;
  for (const app::Event& event : log.events) ids.push_back(event.item.value);
  return ids;
}

TEST(EventLog, HasTheRowsOfKnownItemsTheOldestFirst) {
  const EventLog log = read(
      "who,film,when\nann,3,2026-01-02\nbob,99,2026-01-01\nann,2,2026-01-01\nann,x7,2026-01-01\n\"\",1,2026-"
      "01-03\n",
      {.person = "who", .moment = "when", .item = "film", .events = true});
  EXPECT_THAT(items(log), ElementsAre(2, 3, 1));
  EXPECT_EQ(log.events[0].person, "ann");
  EXPECT_EQ(log.events[2].person, "");
  EXPECT_EQ(log.items.rows, 5U);
  EXPECT_EQ(log.items.unknown, 2U);
  EXPECT_THAT(log.items.examples, ElementsAre("99", "x7"));
}

TEST(EventLog, LeavesOutAndCountsWhatIsNoEvent) {
  const EventLog log = read(
      "film,clicked,when\n1,1,2026-01-02\n2,0,2026-01-02\n3,1,yesterday\n4,1\nfilm,clicked,when\n5,yes,2026-"
      "01-02\n",
      {.moment = "when", .item = "film", .pick = "clicked", .events = true});
  EXPECT_THAT(items(log), ElementsAre(1, 5));
  EXPECT_EQ(log.not_picked, 1U);
  EXPECT_EQ(log.momentless, 1U);
  EXPECT_EQ(log.unreadable, 1U);
}

TEST(EventLog, TakesRatingsFromTheirMeanOn) {
  const infer::HistoryColumnNames columns{.item = "film", .pick = "stars", .events = true, .rated = true};
  const EventLog log = read("film,stars\n1,5\n2,1\n3,3\n", columns);
  EXPECT_THAT(items(log), ElementsAre(1, 3));
  EXPECT_EQ(log.not_picked, 1U);
  EXPECT_THAT(items(read("film,stars\n1,4.1\n2,4.1\n3,4.1\n", columns)), ElementsAre(1, 2, 3));
}

TEST(EventLog, KeepsTheNewest) {
  const EventLog log =
      read("film,day\n1,2026-01-05\n2,2026-01-01\n3,2026-01-04\n4,2026-01-02\n5,2026-01-03\n6,2026-01-06\n",
           {.moment = "day", .item = "film", .events = true}, 2);
  EXPECT_THAT(items(log), ElementsAre(1, 6));
  EXPECT_EQ(log.older, 4U);
}

TEST(EventLog, NamesAColumnThatIsNotThere) {
  const auto log =
      read_event_log(table("film\n1\n"), {.person = "fil", .item = "film"}, *catalog(2), 9, kWatch);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("log.csv: there is no column 'fil', did you mean 'film'"));
}

TEST(EventLog, EndsWhenItIsToldTo) {
  std::stop_source stop;
  stop.request_stop();
  const auto log = read_event_log(table("film\n1\n"), {.item = "film"}, *catalog(2), 9,
                                  {[](double, double) {}, stop.get_token()});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kAborted);
}

TEST(MomentOfEvent, IsReadAsLogsWriteIt) {
  const auto noon = parse_moment("2026-03-01T12:00:00Z");
  for (const char* cell : {"2026-03-01T12:00:00Z", "2026-03-01 12:00:00", "2026-03-01 12:00", "1772366400",
                           "1772366400000", "2026-03-01 13:00:00+01:00"})
    EXPECT_EQ(moment_of_event(cell), noon) << cell;
  EXPECT_EQ(moment_of_event("2026-03-01"), parse_moment("2026-03-01T00:00:00Z"));
  for (const char* cell : {"", "03/01/2026", "noon"}) EXPECT_EQ(moment_of_event(cell), std::nullopt) << cell;
}

RequestFacts facts_of(std::string_view text, const infer::HistoryColumnNames& log) {
  auto facts = RequestFacts::read({"people.csv", tables::Bytes(text), {}, ','}, log, *films(), kWatch);
  EXPECT_TRUE(facts) << facts.error().message;
  return facts ? *std::move(facts) : RequestFacts{};
}

TEST(RequestFacts, SayMoreOfThePersonOfALine) {
  const RequestFacts facts = facts_of("who,country,age,shoes\nann,de,41,9\nbob,fr,old,8\n",
                                      {.person = "who", .item = "film", .events = true});
  EXPECT_EQ(facts.rows(), 1U);
  EXPECT_EQ(facts.refused(), 1U);
  EXPECT_EQ(boost::json::parse(facts.filled(R"({"request":{},"user_key":"ann"})")),
            boost::json::parse(R"({"request":{"country":"de","age":41},"user_key":"ann"})"));
  EXPECT_EQ(boost::json::parse(facts.filled(R"({"request":{"age":7,"country":null},"user_key":"ann"})")),
            boost::json::parse(R"({"request":{"age":7,"country":"de"},"user_key":"ann"})"));
  EXPECT_EQ(facts.filled(R"({"request":{},"user_key":"cid"})"), R"({"request":{},"user_key":"cid"})");
  EXPECT_EQ(facts.filled(R"({"request":{}})"), R"({"request":{}})");
}

TEST(RequestFacts, SayMoreOfTheRequestWhereTheTableNamesIt) {
  const RequestFacts facts =
      facts_of("search,country\ns1,de\n", {.request = "search", .person = "who", .item = "film"});
  EXPECT_EQ(boost::json::parse(facts.filled(R"({"id":"s1","request":{}})")),
            boost::json::parse(R"({"id":"s1","request":{"country":"de"}})"));
}

TEST(RequestFacts, AreOfNoUseWithoutAColumnThatTheLogHas) {
  const LogTable people{"people.csv", tables::Bytes(std::string_view{"name,country\nann,de\n"}), {}, ','};
  const auto facts = RequestFacts::read(people, {.person = "who", .item = "film"}, *films(), kWatch);
  ASSERT_FALSE(facts);
  EXPECT_THAT(facts.error().message, HasSubstr("people.csv has no column that the log has, too"));
}

}  // namespace
}  // namespace rankloop::cli
