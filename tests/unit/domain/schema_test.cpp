// Records from JSON, their columns and their faults.
#include "domain/schema.h"

#include <cmath>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/strict_json.h"

namespace rankloop {
namespace {

constexpr std::string_view kBody[] = {"body"};

// One field of each type, optional ones with and without a default, derived fields of each kind and a check.
constexpr std::string_view kFile = R"(
domain.name = "test"
request.noun = "user"
item.noun = "thing"
model.features = ["n"]
[[item.field]]
name = "n"
type = "int"
minimum = -5
maximum = 100
[[item.field]]
name = "big"
type = "int"
required = false
[[item.field]]
name = "f"
type = "float"
maximum = 10
[[item.field]]
name = "g"
type = "float"
required = false
[[item.field]]
name = "b"
type = "bool"
default = true
[[item.field]]
name = "day"
type = "date"
required = false
minimum = 2020-01-01
[[item.field]]
name = "at"
type = "time"
required = false
[[item.field]]
name = "word"
type = "string"
default = "none"
min_length = 1
max_length = 8
[[item.field]]
name = "list"
type = "int_list"
required = false
maximum = 9
max_length = 4
[[item.derived]]
name = "list_mean"
how = "mean"
of = "list"
[[item.derived]]
name = "list_std"
how = "stddev"
of = "list"
[[item.derived]]
name = "list_length"
how = "length"
of = "list"
stored = false
[[item.derived]]
name = "sum"
how = "sum"
of = ["n", "f"]
[[item.derived]]
name = "ratio"
how = "ratio"
of = ["n", "f"]
[[item.derived]]
name = "g_squared"
how = "product"
of = ["g", "g"]
[[item.derived]]
name = "is_seven"
how = "equals"
of = "n"
value = 7
[[item.check]]
must = "n >= f"
message = "should be at least f"
)";

const Schema& schema() {
  static const DomainCheck check = read_domain(kFile, "test.toml");
  EXPECT_TRUE(check.domain) << (check.faults.empty() ? "" : check.faults[0].message);
  return check.domain->items;
}

Result<Record> check(std::string_view text, std::span<const std::string_view> ignored = {}) {
  const auto value = parse_strict_json(text);
  EXPECT_TRUE(value) << text;
  return schema().check(*value, kBody, ignored);
}

double column(const Record& record, std::string_view name) {
  const auto index = schema().column(name);
  EXPECT_TRUE(index) << name;
  return record.values.numbers[index.value_or(0)];
}

// "place: type" of every fault.
std::vector<std::string> faults(const Result<Record>& record) {
  std::vector<std::string> texts;
  if (record) return texts;
  for (const FieldFault& fault : record.error().faults) {
    std::string text;
    for (const std::string& part : fault.loc) text += (text.empty() ? "" : ".") + part;
    texts.push_back(text + ": " + fault.type);
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Schema, WritesTheCanonicalPayloadInDeclaredOrder) {
  const auto record =
      check(R"({"list":[1,2,3],"f":0.5,"at":"2026-03-01T12:00:00Z","n":7.0,"day":"2026-02-28"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(
      record->payload,
      R"({"n":7,"f":0.5,"b":true,"day":"2026-02-28","at":"2026-03-01T12:00:00.000Z","word":"none",)"
      R"("list":[1,2,3],"list_mean":2,"list_std":0.816496580927726,"sum":7.5,"ratio":14,"is_seven":1})");
  EXPECT_EQ(column(*record, "n"), 7);
  EXPECT_EQ(column(*record, "b"), 1);
  EXPECT_EQ(column(*record, "day"), 20512);
  EXPECT_EQ(column(*record, "at"), 1772366400);
  EXPECT_EQ(column(*record, "list_length"), 3);
}

TEST(Schema, LeavesAbsentFieldsAndWhatDerivesFromThemOut) {
  const auto record = check(R"({"n":3,"f":0,"g":null})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->payload, R"({"n":3,"f":0,"b":true,"word":"none","sum":3,"ratio":0,"is_seven":0})");
  for (const char* name : {"g", "g_squared", "day", "at", "big", "list_mean", "list_std", "list_length"}) {
    EXPECT_TRUE(std::isnan(column(*record, name))) << name;
  }
}

TEST(Schema, SummarisesAnEmptyListByItsLengthOnly) {
  const auto record = check(R"({"n":3,"f":0,"list":[]})");
  ASSERT_TRUE(record);
  EXPECT_EQ(column(*record, "list_length"), 0);
  EXPECT_TRUE(std::isnan(column(*record, "list_mean")));
}

TEST(Schema, NamesEveryFaultAtOnceInDeclaredOrder) {
  const auto record =
      check(R"({"n":"3","f":true,"b":1,"day":"2026-02-30","at":"noon","word":"","list":[1,"2",10]})");
  EXPECT_EQ(faults(record),
            (Texts{"body.n: int_type", "body.f: float_type", "body.b: bool_type",
                   "body.day: date_from_datetime_parsing", "body.at: datetime_parsing",
                   "body.word: string_too_short", "body.list.1: int_type", "body.list.2: less_than_equal"}));
  EXPECT_EQ(record.error().faults[0].msg, "should be a whole number, not \"3\"");
  EXPECT_EQ(record.error().faults[7].msg, "should be at most 9, not 10");
}

TEST(Schema, RefusesWhatIsNoWholeNumber) {
  EXPECT_EQ(faults(check(R"({"n":2.7,"f":0})")), Texts{"body.n: int_from_float"});
  EXPECT_EQ(faults(check(R"({"n":true,"f":0})")), Texts{"body.n: int_type"});
  EXPECT_EQ(faults(check(R"({"n":null,"f":0})")), Texts{"body.n: int_type"});
  EXPECT_EQ(faults(check(R"({"n":[3],"f":0})")), Texts{"body.n: int_type"});
  EXPECT_EQ(faults(check(R"({"n":-6,"f":-10})")), Texts{"body.n: greater_than_equal"});
}

TEST(Schema, BoundsAnIntWithoutItsOwnMaximumBy32Bits) {
  EXPECT_TRUE(check(R"({"n":1,"f":0,"big":2147483647})"));
  EXPECT_TRUE(check(R"({"n":1,"f":0,"big":-2147483648})"));
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"big":2147483648})")), Texts{"body.big: less_than_equal"});
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"big":-2147483649})")), Texts{"body.big: greater_than_equal"});
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"big":18446744073709551615})")), Texts{"body.big: less_than_equal"});
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"big":1e300})")), Texts{"body.big: less_than_equal"});
}

TEST(Schema, TakesOnlyDaysOfTheCalendar) {
  for (const char* day : {"2020-02-29", "2024-12-31", "9999-12-31"}) {
    EXPECT_TRUE(check(R"({"n":1,"f":0,"day":")" + std::string{day} + "\"}")) << day;
  }
  for (const char* day : {"2021-02-29", "2100-02-29", "2024-13-01", "2024-00-10", "2024-1-01",
                          "2024-01-01T00:00:00Z", "20240101", "2024-01-0x", "", "0000-01-01", "+024-01-01"}) {
    EXPECT_EQ(faults(check(R"({"n":1,"f":0,"day":")" + std::string{day} + "\"}")),
              Texts{"body.day: date_from_datetime_parsing"})
        << day;
  }
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"day":20240101})")), Texts{"body.day: date_type"});
  const auto early = check(R"({"n":1,"f":0,"day":"2019-12-31"})");
  EXPECT_EQ(faults(early), Texts{"body.day: greater_than_equal"});
  EXPECT_EQ(early.error().faults[0].msg, "should be at least 2020-01-01, not \"2019-12-31\"");
}

TEST(Schema, KeepsMomentsOfAnyOffsetAsUtc) {
  const auto record = check(R"({"n":1,"f":0,"at":"2026-03-01T23:59:59.125Z"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(column(*record, "at"), 1772409599.125);
  const auto berlin = check(R"({"n":1,"f":0,"at":"2026-03-02T00:59:59.125456+01:00"})");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->payload, record->payload);
  for (const char* at : {"2026-03-01T12:00:00", "2026-03-01", "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z",
                         "2026-03-01T12:00:60Z", "2026-03-01T12:00:00,125Z", "2026-02-30T12:00:00Z"}) {
    EXPECT_EQ(faults(check(R"({"n":1,"f":0,"at":")" + std::string{at} + "\"}")),
              Texts{"body.at: datetime_parsing"})
        << at;
  }
}

TEST(Schema, BoundsTextsInBytesAndRefusesNul) {
  EXPECT_TRUE(check("{\"n\":1,\"f\":0,\"word\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}"));
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"word":"123456789"})")), Texts{"body.word: string_too_long"});
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"word":"a\u0000"})")), Texts{"body.word: value_error"});
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"word":7})")), Texts{"body.word: string_type"});
}

TEST(Schema, RefusesLongListsWithOneFault) {
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"list":["a","b","c","d","e"]})")), Texts{"body.list: too_long"});
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"list":"1;2"})")), Texts{"body.list: list_type"});
}

TEST(Schema, RefusesARecordThatBreaksACheckAtItsLeftField) {
  const auto record = check(R"({"n":1,"f":2})");
  EXPECT_EQ(faults(record), Texts{"body.n: value_error"});
  EXPECT_EQ(record.error().faults[0].msg, "should be at least f");
  EXPECT_EQ(faults(check(R"({"n":1,"f":"2"})")), Texts{"body.f: float_type"})
      << "not checked with a bad value";
}

TEST(Schema, RefusesNumbersTooLargeToDeriveFrom) {
  EXPECT_EQ(faults(check(R"({"n":1,"f":0,"g":1e200})")), Texts{"body.g: value_error"});
}

TEST(Schema, CountsUnknownFieldsButNeitherDerivedNorIgnoredOnes) {
  constexpr std::string_view kIgnored[] = {"thing_id", "user_key"};
  const auto record = check(R"({"n":1,"f":0,"x":1,"y":{"n":2},"sum":"anything","thing_id":4})", kIgnored);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->unknown_fields, 2U);
  EXPECT_EQ(column(*record, "sum"), 1);
}

TEST(Schema, RefusesWhatIsNoObject) {
  for (const char* text : {"null", "[]", "3", "\"{}\""})
    EXPECT_EQ(faults(check(text)), Texts{"body: dict_type"}) << text;
}

TEST(Schema, KeepsZeroWithoutSign) {
  const auto record = check(R"({"n":-0.0,"f":-0.0})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->payload, R"({"n":0,"f":0,"b":true,"word":"none","sum":0,"ratio":0,"is_seven":0})");
  EXPECT_FALSE(std::signbit(column(*record, "f")));
}

TEST(Schema, ChecksRowsOfText) {
  const std::vector<std::string> header = {"thing_id", "n", "f", "b", "g", "list", "word", "day", "extra"};
  const std::vector<std::string_view> cells = {"17",     " 7",  "2.5",        "0", "",
                                               "1; 2;3", "a b", "2026-03-01", "x"};
  constexpr std::string_view kIgnored[] = {"thing_id"};
  const auto record = schema().check_cells(header, cells, kBody, kIgnored);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->payload,
            R"({"n":7,"f":2.5,"b":false,"day":"2026-03-01","word":"a b","list":[1,2,3],)"
            R"("list_mean":2,"list_std":0.816496580927726,"sum":9.5,"ratio":2.8,"is_seven":1})");
  EXPECT_EQ(record->unknown_fields, 1U);
}

TEST(Schema, TakesAJsonListInACell) {
  const std::vector<std::string> header = {"n", "f", "list"};
  const std::vector<std::string_view> cells = {"7", "2.5", "[4,5]"};
  const auto record = schema().check_cells(header, cells, kBody);
  ASSERT_TRUE(record);
  EXPECT_EQ(column(*record, "list_mean"), 4.5);
}

TEST(Schema, NamesEveryFaultOfARowOfText) {
  const std::vector<std::string> header = {"n", "f", "b", "list", "word"};
  const std::vector<std::string_view> cells = {"", "dear", "perhaps", "1;x;2.5", "\xff"};
  EXPECT_EQ(faults(schema().check_cells(header, cells, kBody)),
            (Texts{"body.n: missing", "body.f: float_type", "body.b: bool_type", "body.word: string_unicode",
                   "body.list.1: int_type", "body.list.2: int_from_float"}));
}

TEST(Schema, RefusesRowsThatDoNotFitTheHeader) {
  const std::vector<std::string> header = {"n", "f"};
  const std::vector<std::string_view> cells = {"1"};
  EXPECT_EQ(faults(schema().check_cells(header, cells, kBody)), Texts{"body: value_error"});
  const std::vector<std::string> doubled = {"n", "f", "n"};
  const std::vector<std::string_view> three = {"1", "0", "2"};
  EXPECT_EQ(faults(schema().check_cells(doubled, three, kBody)), Texts{"body.n: value_error"});
}

TEST(Schema, PatchesAStoredPayload) {
  const auto before = check(R"({"n":7,"f":2,"g":3,"word":"abc"})");
  ASSERT_TRUE(before);
  const auto changes = parse_strict_json(R"({"f":4,"g":null,"thing_id":3,"novel":1})");
  constexpr std::string_view kIgnored[] = {"thing_id"};
  const auto after = schema().patch(before->payload, *changes, kBody, kIgnored);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->payload, R"({"n":7,"f":4,"b":true,"word":"abc","sum":11,"ratio":1.75,"is_seven":1})");
  EXPECT_EQ(after->unknown_fields, 1U);
}

TEST(Schema, RefusesAPatchWhoseOutcomeIsWrong) {
  const auto before = check(R"({"n":7,"f":2})");
  ASSERT_TRUE(before);
  EXPECT_EQ(faults(schema().patch(before->payload, *parse_strict_json(R"({"n":1})"), kBody)),
            Texts{"body.n: value_error"});
  EXPECT_EQ(faults(schema().patch(before->payload, *parse_strict_json(R"({"n":null})"), kBody)),
            Texts{"body.n: int_type"});
  EXPECT_EQ(faults(schema().patch(before->payload, *parse_strict_json("[]"), kBody)),
            Texts{"body: dict_type"});
}

TEST(Schema, CallsADamagedPayloadDataLoss) {
  for (const char* payload : {"", "{", "[]", "{\"n\":\"x\"}", "{\"n\":1}"}) {
    const auto record = schema().read(payload);
    ASSERT_FALSE(record) << payload;
    EXPECT_EQ(record.error().code, ErrorCode::kDataLoss);
    EXPECT_TRUE(record.error().faults.empty());
  }
  EXPECT_EQ(schema().patch("{", *parse_strict_json("{}"), kBody).error().code, ErrorCode::kDataLoss);
}

TEST(Schema, ReadsAPayloadOfBeforeAFieldWithADefault) {
  const auto record = schema().read(R"({"n":3,"f":1})");
  ASSERT_TRUE(record);
  EXPECT_EQ(column(*record, "b"), 1);
}

TEST(Schema, CopiesStayUsable) {
  Schema copy = schema();
  const Schema moved = std::move(copy);
  EXPECT_TRUE(moved.check(*parse_strict_json(R"({"n":1,"f":0})"), kBody));
  EXPECT_EQ(Schema().columns().size(), 0U);
  EXPECT_EQ(Schema().check(*parse_strict_json("{}"), kBody)->payload, "{}");
}

TEST(Comparison, HoldsAsItsSymbolSays) {
  EXPECT_TRUE(holds(1, Comparison::kLess, 2) && holds(2, Comparison::kLessEqual, 2));
  EXPECT_TRUE(holds(3, Comparison::kGreater, 2) && holds(2, Comparison::kGreaterEqual, 2));
  EXPECT_TRUE(holds(2, Comparison::kEqual, 2) && holds(1, Comparison::kNotEqual, 2));
  EXPECT_FALSE(holds(std::nan(""), Comparison::kEqual, std::nan("")));
  EXPECT_EQ(symbol(Comparison::kGreaterEqual), ">=");
}

}  // namespace
}  // namespace rankloop
