// Derived fields of numbers, moments and lists.
#include "domain/derivation.h"

#include <cmath>
#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"

namespace rankloop {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFields =
    "[[item.field]]\nname = 'n'\ntype = 'float'\nrequired = false\n"
    "[[item.field]]\nname = 'day'\ntype = 'date'\nrequired = false\n"
    "[[item.field]]\nname = 'at'\ntype = 'time'\nrequired = false\n"
    "[[item.field]]\nname = 'tags'\ntype = 'tags'\nrequired = false\n"
    "[[item.field]]\nname = 'ages'\ntype = 'int_list'\nrequired = false\n"
    "[[item.field]]\nname = 'title'\ntype = 'text'\nrequired = false\n";

DomainCheck with(const std::string& derived) {
  return read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['q']\n"
      "[[request.field]]\nname = 'q'\ntype = 'int'\n" +
          std::string{kFields} + "[[item.derived]]\nname = 'd'\n" + derived,
      "test.toml");
}

// The derived value in the payload of `input`; empty: absent.
std::string derived(const std::string& how, const std::string& input) {
  const DomainCheck check = with(how);
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  const auto record = check.domain->items.check(boost::json::parse(input), {});
  EXPECT_TRUE(record) << record.error().message;
  const auto payload = boost::json::parse(record->payload).as_object();
  if (!payload.contains("d")) return "";
  const boost::json::value& value = payload.at("d");
  return value.is_double() ? describe_number(value.get_double()) : boost::json::serialize(value);
}

std::string fault(const std::string& how) {
  const DomainCheck check = with(how);
  return check.faults.empty() ? "" : check.faults.front().message;
}

TEST(Derived, LogarithmsAreAbsentWhereThereAreNone) {
  EXPECT_EQ(derived("how = 'log'\nof = 'n'\n", R"({"n":1})"), "0");
  EXPECT_EQ(derived("how = 'log'\nof = 'n'\n", R"({"n":0})"), "");
  EXPECT_EQ(derived("how = 'log1p'\nof = 'n'\n", R"({"n":0})"), "0");
  EXPECT_EQ(derived("how = 'log1p'\nof = 'n'\n", R"({"n":-1})"), "");
  EXPECT_EQ(derived("how = 'log1p'\nof = 'n'\n", "{}"), "");
}

TEST(Derived, CalendarsAreOfADeclaredZone) {
  const std::string summer = R"({"at":"2026-06-30T22:30:00Z"})";  // a Tuesday; in Berlin already Wednesday
  const std::string winter = R"({"at":"2026-12-31T23:30:00Z"})";
  EXPECT_EQ(derived("how = 'hour'\nof = 'at'\n", summer), "22");
  EXPECT_EQ(derived("how = 'hour'\nof = 'at'\nzone = 'Europe/Berlin'\n", summer), "0");
  EXPECT_EQ(derived("how = 'hour'\nof = 'at'\nzone = 'Europe/Berlin'\n", winter), "0");
  EXPECT_EQ(derived("how = 'weekday'\nof = 'at'\n", summer), "2");
  EXPECT_EQ(derived("how = 'weekday'\nof = 'at'\nzone = 'Europe/Berlin'\n", summer), "3");
  EXPECT_EQ(derived("how = 'month'\nof = 'at'\nzone = 'America/New_York'\n", winter), "12");
  EXPECT_EQ(derived("how = 'month'\nof = 'at'\nzone = 'Asia/Kolkata'\n", winter), "1");
  EXPECT_EQ(derived("how = 'hour'\nof = 'at'\nzone = 'Asia/Kolkata'\n", winter), "5");
  EXPECT_EQ(derived("how = 'weekday'\nof = 'day'\n", R"({"day":"1969-12-28"})"), "7");
  EXPECT_EQ(derived("how = 'hour'\nof = 'at'\n", R"({"at":"0001-01-01T00:00:00Z"})"), "0");
}

TEST(Derived, RefusesZonesThatAreNone) {
  EXPECT_EQ(fault("how = 'hour'\nof = 'at'\nzone = 'Europe/Berlim'\n"),
            "zone \"Europe/Berlim\": there is no time zone of this name, did you mean \"Europe/Berlin\"?");
  EXPECT_THAT(fault("how = 'hour'\nof = 'at'\nzone = '../../../etc/passwd'\n"),
              HasSubstr("no time zone of this name"));
  EXPECT_EQ(fault("how = 'hour'\nof = 'n'\n"), "\"n\" is a number, not a date or a time");
  EXPECT_EQ(fault("how = 'log'\nof = 'n'\nzone = 'UTC'\n"), "zone does not fit a derived field of log");
}

TEST(Derived, DaysLieBetweenDatesAndTimes) {
  EXPECT_EQ(
      derived("how = 'days'\nof = ['day', 'at']\n", R"({"day":"2026-03-01","at":"2026-03-03T12:00:00Z"})"),
      "2.5");
  EXPECT_EQ(
      derived("how = 'days'\nof = ['at', 'day']\n", R"({"day":"2026-03-01","at":"2026-03-03T12:00:00Z"})"),
      "-2.5");
  EXPECT_EQ(derived("how = 'days'\nof = ['at', 'day']\n", R"({"day":"2026-03-01"})"), "");
}

TEST(Derived, ListsContainAndHaveALength) {
  EXPECT_EQ(derived("how = 'contains'\nof = 'tags'\nvalue = 'sale'\n", R"({"tags":["new","sale"]})"), "1");
  EXPECT_EQ(derived("how = 'contains'\nof = 'tags'\nvalue = 'sale'\n", R"({"tags":[]})"), "0");
  EXPECT_EQ(derived("how = 'contains'\nof = 'tags'\nvalue = 'sale'\n", "{}"), "");
  EXPECT_EQ(derived("how = 'contains'\nof = 'ages'\nvalue = 3\n", R"({"ages":[1,3]})"), "1");
  EXPECT_EQ(derived("how = 'contains'\nof = 'ages'\nvalue = 3\n", R"({"ages":[]})"), "0");
  EXPECT_EQ(derived("how = 'length'\nof = 'tags'\n", R"({"tags":["a","a","b"]})"), "2");
  EXPECT_EQ(derived("how = 'length'\nof = 'title'\n", R"({"title":"Zoë"})"), "3");
  EXPECT_EQ(derived("how = 'length'\nof = 'title'\n", "{}"), "");
  EXPECT_EQ(fault("how = 'contains'\nof = 'tags'\nvalue = ''\n"), "value should be a word, not \"\"");
  EXPECT_EQ(fault("how = 'contains'\nof = 'title'\nvalue = 'a'\n"),
            "\"title\" is a text, not a list of numbers or tags");
}

TEST(Derived, BinsAreWords) {
  const auto bin = [](double n) {
    return derived("how = 'bin'\nof = 'n'\nedges = [0, 2.5, 10]\n", "{\"n\":" + std::to_string(n) + "}");
  };
  EXPECT_EQ(bin(-1), "\"below 0\"");
  EXPECT_EQ(bin(0), "\"0 to 2.5\"");
  EXPECT_EQ(bin(2.5), "\"2.5 to 10\"");
  EXPECT_EQ(bin(10), "\"10 or more\"");
  EXPECT_EQ(derived("how = 'bin'\nof = 'n'\nedges = [1]\n", "{}"), "");
  EXPECT_THAT(fault("how = 'bin'\nof = 'n'\nedges = [2, 1]\n"), HasSubstr("each larger than the one before"));
  EXPECT_THAT(fault("how = 'bin'\nof = 'n'\n"), HasSubstr("edges should be"));
  EXPECT_EQ(derived("how = 'category'\nof = 'n'\n", R"({"n":17})"), "\"17\"");
}

// What is made of what was derived above; and what cannot be.
TEST(Derived, StandOnEachOther) {
  EXPECT_EQ(
      derived("how = 'hour'\nof = 'at'\n[[item.derived]]\nname = 'e'\nhow = 'bin'\nof = 'd'\nedges = [12]\n",
              R"({"at":"2026-03-01T13:00:00Z"})"),
      "13");
  EXPECT_EQ(fault("how = 'category'\nof = 'n'\n[[item.derived]]\nname = 'e'\nhow = 'length'\nof = 'd'\n"),
            "\"d\" is derived itself; name a declared field");
  EXPECT_EQ(fault("how = 'category'\nof = 'n'\n[[item.derived]]\nname = 'e'\nhow = 'log'\nof = 'd'\n"),
            "\"d\" is a word, not a number");
}

}  // namespace
}  // namespace rankloop
