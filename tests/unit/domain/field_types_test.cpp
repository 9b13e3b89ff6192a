// Words, tags, texts, vectors, places and moments: what they take, how they are kept, what is said of faults.
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "support/checkout.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One side of a domain with the given fields.
std::shared_ptr<const Domain> domain_of(const std::string& item_tables) {
  const DomainCheck check = read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['n']\n"
      "[[request.field]]\nname = 'n'\ntype = 'int'\n" +
          item_tables,
      "test.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

std::string field(const std::string& type, const std::string& more = "") {
  return "[[item.field]]\nname = 'x'\ntype = '" + type + "'\n" + more + "\n";
}

std::string kept(const std::string& tables, const std::string& input) {
  const auto record = domain_of(tables)->items.check(boost::json::parse(input), {});
  return record ? record->payload : "refused: " + record.error().message;
}

// The first fault: its place below the input, and what is wrong.
std::string refused(const std::string& tables, const std::string& input) {
  const auto record = domain_of(tables)->items.check(boost::json::parse(input), {});
  if (record) return "taken: " + record->payload;
  std::string place;
  for (const std::string& step : record.error().faults.front().loc) place += step + " ";
  return place + record.error().faults.front().msg;
}

std::string faults(const std::string& item_tables) {
  const DomainCheck check = read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['n']\n"
      "[[request.field]]\nname = 'n'\ntype = 'int'\n" +
          item_tables,
      "test.toml");
  return check.faults.empty() ? "" : check.faults.front().message;
}

TEST(Category, IsOneWordOfThoseListedOrOfAny) {
  EXPECT_EQ(kept(field("category"), R"({"x":"Zoë 2"})"), R"({"x":"Zoë 2"})");
  const std::string closed = field("category", "values = ['red', 'green']");
  EXPECT_EQ(kept(closed, R"({"x":"green"})"), R"({"x":"green"})");
  EXPECT_EQ(refused(closed, R"({"x":"gren"})"),
            "x should be \"red\" or \"green\", not \"gren\"; did you mean \"green\"?");
  EXPECT_EQ(refused(closed, R"({"x":3})"), "x should be a word, not 3");
  EXPECT_EQ(refused(field("category"), R"({"x":""})"), "x should have at least 1 character, not 0");
  EXPECT_EQ(refused(field("category"), R"({"x":")" + std::string(257, 'a') + R"("})"),
            "x should have at most 256 characters, not 257");
}

TEST(Category, ListsWordsThatAreWords) {
  EXPECT_EQ(faults(field("category", "values = []")), "values should list words, as [\"red\", \"green\"]");
  EXPECT_EQ(faults(field("category", "values = ['a', 'a']")), "the word \"a\" is listed twice");
  EXPECT_EQ(faults(field("category", "values = ['']")),
            "the word \"\" should have at least 1 character, not 0");
  EXPECT_EQ(faults(field("float", "values = ['a']")), "values does not fit a field of type float");
  EXPECT_EQ(faults(field("category", "minimum = 1")), "minimum does not fit a field of type category");
  EXPECT_EQ(faults(field("category", "values = ['a']\ndefault = 'b'")),
            "the default should be \"a\", not \"b\"");
}

TEST(Tags, AreASetOfWords) {
  EXPECT_EQ(kept(field("tags"), R"({"x":["b","a","b"]})"), R"({"x":["b","a"]})");
  EXPECT_EQ(kept(field("tags"), R"({"x":[]})"), R"({"x":[]})");
  EXPECT_EQ(refused(field("tags"), R"({"x":["a",4,""]})"), "x 1 should be a word, not 4");
  EXPECT_EQ(refused(field("tags"), R"({"x":"a;b"})"), "x should be a list of words, not \"a;b\"");
  EXPECT_EQ(refused(field("tags", "max_length = 1"), R"({"x":["a","b"]})"),
            "x should have at most 1 elements, not 2");
  EXPECT_EQ(refused(field("tags", "values = ['a']"), R"({"x":["a","b"]})"), "x 1 should be \"a\", not \"b\"");
}

TEST(Text, MayBeLongAndIsNoFeature) {
  const std::string long_text(90'000, 'a');
  EXPECT_EQ(kept(field("text"), "{\"x\":\"" + long_text + "\"}"), "{\"x\":\"" + long_text + "\"}");
  EXPECT_EQ(refused(field("text", "max_length = 3"), R"({"x":"four"})"),
            "x should have at most 3 characters, not 4");
  const DomainCheck check = read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['x']\n" +
          field("text"),
      "test.toml");
  ASSERT_FALSE(check.domain);
  EXPECT_EQ(check.faults.front().message, "\"x\" in [item] is a text, no number");
}

TEST(Vector, HasAlwaysTheSameSize) {
  EXPECT_EQ(kept(field("vector", "size = 2"), R"({"x":[0.5,-3]})"), R"({"x":[0.5,-3]})");
  EXPECT_EQ(refused(field("vector", "size = 2"), R"({"x":[0.5]})"), "x should have 2 elements, not 1");
  EXPECT_EQ(refused(field("vector", "size = 1"), R"({"x":["0.5"]})"), "x 0 should be a number, not \"0.5\"");
  EXPECT_EQ(refused(field("vector", "size = 1\nmaximum = 1"), R"({"x":[1.5]})"),
            "x 0 should be at most 1, not 1.5");
  EXPECT_EQ(faults(field("vector")), "size is missing here: how many numbers it has");
  EXPECT_EQ(faults(field("vector", "size = 5000")), "size should be a whole number from 1 to 4096");
}

TEST(Vector, IsAsManyNumbers) {
  const auto domain = domain_of(field("vector", "size = 2\nrequired = false"));
  EXPECT_THAT(domain->items.columns(), ElementsAre("x[0]", "x[1]"));
  EXPECT_THAT(domain->items.check(boost::json::parse(R"({"x":[0.5,-3]})"), {})->values.numbers,
              ElementsAre(0.5, -3));
  EXPECT_THAT(domain->items.check(boost::json::parse("{}"), {})->values.numbers,
              ElementsAre(::testing::IsNan(), ::testing::IsNan()));
}

TEST(Place, HasBothDegrees) {
  EXPECT_EQ(kept(field("place"), R"({"x":{"lon":13.5,"lat":-52}})"), R"({"x":{"lat":-52,"lon":13.5}})");
  EXPECT_EQ(refused(field("place"), R"({"x":{"lat":91,"lon":0}})"), "x lat should be at most 90, not 91");
  EXPECT_EQ(refused(field("place"), R"({"x":{"lat":1}})"), "x lon is required");
  EXPECT_THAT(refused(field("place"), R"({"x":[1,2]})"), HasSubstr("should be a place, as {\"lat\""));
  EXPECT_THAT(domain_of(field("place"))->items.columns(), ElementsAre("x.lat", "x.lon"));
}

TEST(Time, TakesNumbersWhereItsEpochIsDeclared) {
  EXPECT_EQ(kept(field("time"), R"({"x":"2026-03-01T13:00:00.123456789+01:00"})"),
            R"({"x":"2026-03-01T12:00:00.123Z"})");
  EXPECT_THAT(refused(field("time"), R"({"x":1772366400})"), HasSubstr("should be a moment with its offset"));
  EXPECT_EQ(kept(field("time", "epoch = 'seconds'"), R"({"x":1772366400.5})"),
            R"({"x":"2026-03-01T12:00:00.500Z"})");
  EXPECT_EQ(kept(field("time", "epoch = 'milliseconds'"), R"({"x":1772366400000})"),
            R"({"x":"2026-03-01T12:00:00.000Z"})");
  EXPECT_THAT(refused(field("time", "epoch = 'seconds'"), R"({"x":1e300})"),
              HasSubstr("or seconds since 1970, as 1772366400, not 1e+300"));
  EXPECT_EQ(faults(field("time", "epoch = 'days'")), "epoch should be seconds or milliseconds, not \"days\"");
}

TEST(FieldTypes, AreReadFromTheCellsOfATable) {
  const auto domain = domain_of(
      "[[item.field]]\nname = 'c'\ntype = 'category'\nrequired = false\n"
      "[[item.field]]\nname = 't'\ntype = 'tags'\nseparator = '|'\n"
      "[[item.field]]\nname = 'v'\ntype = 'vector'\nsize = 2\n"
      "[[item.field]]\nname = 'p'\ntype = 'place'\nrequired = false\n"
      "[[item.field]]\nname = 'm'\ntype = 'time'\nepoch = 'milliseconds'\nrequired = false\n");
  const std::vector<std::string> header = {"c", "t", "v", "p", "m"};
  const auto payload = [&](const std::vector<std::string_view>& cells) {
    const auto record = domain->items.check_cells(header, cells, {});
    return record ? record->payload : record.error().message;
  };
  EXPECT_EQ(
      payload({" NA ", "a b | c|", "[0.5 1]", "52.5, 13.25", "1772366400000"}),
      R"({"c":"NA","t":["a b","c"],"v":[0.5,1],"p":{"lat":52.5,"lon":13.25},"m":"2026-03-01T12:00:00.000Z"})");
  EXPECT_EQ(payload({"", "", "0.5;1", "", ""}), R"({"t":[],"v":[0.5,1]})");
  EXPECT_EQ(payload({"", R"(["a|b"])", "[0.5, 1]", R"({"lat":1,"lon":2})", "NaT"}),
            R"({"t":["a|b"],"v":[0.5,1],"p":{"lat":1,"lon":2}})");
  EXPECT_THAT(payload({"", "", "0.5", "here", "x"}), HasSubstr("2 elements, not 1"));
}

TEST(FieldTypes, OfTheExampleAreTakenOver) {
  std::ifstream in(in_checkout("domain/shop.toml"));
  const DomainCheck check = read_domain(std::string{std::istreambuf_iterator<char>(in), {}}, "shop.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  EXPECT_TRUE(check_domain_change(*check.domain, *check.domain));
  EXPECT_EQ(check.domain->features.back().size, 4U);
  const auto record =
      check.domain->requests.check(boost::json::parse(R"({"country":"NA","at":"2026-06-30T22:30:00Z"})"), {});
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->payload,
            R"({"country":"NA","device":"phone","at":"2026-06-30T22:30:00.000Z","hour":0,"weekday":3,)"
            R"("part_of_day":"below 6"})");
}

TEST(Time, IsNowWhereTheRequestSaysNothing) {
  const DomainCheck check = read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['at']\n"
      "[[request.field]]\nname = 'at'\ntype = 'time'\ndefault = 'now'\n"
      "[[request.field]]\nname = 'day'\ntype = 'date'\ndefault = 'now'\n",
      "test.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const Schema& requests = check.domain->requests;
  const WallTime now = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + std::chrono::hours{12};
  EXPECT_EQ(requests.check(boost::json::parse("{}"), {}, {}, now)->payload,
            R"({"at":"2026-03-01T12:00:00.000Z","day":"2026-03-01"})");
  EXPECT_EQ(requests.check(boost::json::parse(R"({"day":"2026-02-02"})"), {}, {}, now)->payload,
            R"({"at":"2026-03-01T12:00:00.000Z","day":"2026-02-02"})");
  EXPECT_EQ(requests.read("{}")->payload, "{}");
  EXPECT_EQ(faults(field("time", "default = 'now'")),
            "only a request's field has the default now, and \"x\" is an item's");
}

TEST(FieldTypes, MayListMoreWordsLaterButNotFewer) {
  const auto two = domain_of(field("category", "values = ['a', 'b']"));
  const auto three = domain_of(field("category", "values = ['a', 'b', 'c']"));
  const auto any = domain_of(field("category"));
  EXPECT_TRUE(check_domain_change(*two, *three));
  EXPECT_TRUE(check_domain_change(*two, *any));
  EXPECT_FALSE(check_domain_change(*three, *two));
  EXPECT_FALSE(check_domain_change(*any, *two));
  EXPECT_FALSE(
      check_domain_change(*domain_of(field("vector", "size = 2")), *domain_of(field("vector", "size = 3"))));
}

}  // namespace
}  // namespace rankloop
