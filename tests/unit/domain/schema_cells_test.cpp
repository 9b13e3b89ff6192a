// Records from rows of text.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/imported_names.h"
#include "domain/schema.h"
#include "domain/schema_names.h"
#include "domain/table_cells.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Cells, TakeTheFlagsOfOtherPrograms) {
  for (const char* yes : {"1", "true", "True", "TRUE", "t", "yes", "Y", "on", "1.0"})
    EXPECT_EQ(cell_flag(yes), true);
  for (const char* no : {"0", "false", "False", "FALSE", "f", "no", "N", "off", "0.0"})
    EXPECT_EQ(cell_flag(no), false);
  for (const char* neither : {"", "2", "maybe", "truely", "-1"}) EXPECT_EQ(cell_flag(neither), std::nullopt);
}

TEST(Cells, KnowTheWordsForNothing) {
  for (const char* word : {"NaN", "nan", "NA", "N/A", "<NA>", "NaT", "null", "NULL", "None", "\\N", "?"})
    EXPECT_TRUE(is_word_for_nothing(word)) << word;
  for (const char* word : {"", "0", "Nancy", "-", "nothing"}) EXPECT_FALSE(is_word_for_nothing(word)) << word;
}

std::shared_ptr<const Domain> domain_of(const std::string& fields) {
  const DomainCheck check = read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['a']\n" + fields,
      "test.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

std::vector<std::string> known_in(const Domain& domain, const std::vector<std::string>& header) {
  const std::array sides = {ImportedNames(domain, Side::kItem)};
  return known_columns(header, sides);
}

TEST(Columns, AreKnownByWhatTheirLettersMake) {
  EXPECT_EQ(identifier_of("Miles per Gallon"), "Miles_per_Gallon");
  EXPECT_EQ(identifier_of(" price (USD) "), "price_USD");
  EXPECT_EQ(identifier_of("1st"), "n_1st");
  EXPECT_EQ(identifier_of("a_b"), "a_b");
  EXPECT_EQ(identifier_of("价格"), "");
  EXPECT_EQ(identifier_of(std::string(99, 'a') + " b").size(), 64);
  const auto domain = domain_of(
      "[[item.field]]\nname = 'price_USD'\ntype = 'float'\n[[item.field]]\nname = 'a'\ntype = 'int'\n");
  const auto known = [&](const std::vector<std::string>& header) { return known_in(*domain, header); };
  EXPECT_THAT(known({"price (USD)", "a", "b c"}), ElementsAre("price_USD", "a", "b c"));
  EXPECT_THAT(known({"price (USD)", "price_USD"}), ElementsAre("price (USD)", "price_USD"));
  EXPECT_THAT(known({"price (USD)", "price-USD"}), ElementsAre("price_USD", "price-USD"));
}

TEST(Columns, AreKnownByTheColumnThatAFieldNames) {
  const auto domain = domain_of(
      "[[item.field]]\nname = 'cost'\ncolumn = 'price'\ntype = 'float'\n"
      "[[item.field]]\nname = 'title'\ncolumn = 'Name of it'\ntype = 'string'\n"
      "[[item.field]]\nname = 'price'\ncolumn = 'title'\ntype = 'string'\n"
      "[[item.field]]\nname = 'a'\ntype = 'int'\n");
  const auto known = [&](const std::vector<std::string>& header) { return known_in(*domain, header); };
  EXPECT_THAT(known({"a", "price", "title", "Name of it"}), ElementsAre("a", "cost", "price", "title"));
  // By their own names, where the columns are not there.
  EXPECT_THAT(known({"cost", "a"}), ElementsAre("cost", "a"));
  EXPECT_THAT(known({"cost", "price"}), ElementsAre("", "cost"));
  EXPECT_THAT(known({"co-st", "A", "a"}), ElementsAre("co-st", "A", "a"));

  boost::json::object object = {{"a", 1}, {"price", 2.5}, {"title", "x"}, {"Name of it", "y"}, {"b", 3}};
  ImportedNames(*domain, Side::kItem).name_by_fields(object);
  const boost::json::object named = {{"a", 1}, {"cost", 2.5}, {"price", "x"}, {"title", "y"}, {"b", 3}};
  EXPECT_EQ(object, named);
}

TEST(Cells, ReadNumbersListsAndMoments) {
  EXPECT_EQ(cell_number("+3.5"), 3.5);
  EXPECT_EQ(cell_number("1e3"), 1000);
  for (const char* none : {"", "+", "+-1", "inf", "nan", "1,5", "0x10"})
    EXPECT_EQ(cell_number(none), std::nullopt) << none;
  EXPECT_THAT(*cell_list("3; 4;5"), ElementsAre(3, 4, 5));
  EXPECT_THAT(*cell_list("[3,4]"), ElementsAre(3, 4));
  EXPECT_EQ(cell_list("3;x"), std::nullopt);
  EXPECT_EQ(to_iso8601(*cell_moment("1772366400")), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(to_iso8601(*cell_moment("1772366400.25")), "2026-03-01T12:00:00.250Z");
  EXPECT_EQ(cell_moment("1772366400000"), std::nullopt);
}

Field field(std::string name, FieldType type, bool required) {
  Field made;
  made.name = std::move(name);
  made.type = type;
  made.required = required;
  return made;
}

Schema shop() {
  return Schema({field("name", FieldType::kString, true), field("price", FieldType::kFloat, false),
                 field("day", FieldType::kDate, false), field("count", FieldType::kInt, false)},
                {}, {});
}

TEST(Cells, BecomeTheValuesOfARecord) {
  const std::vector<std::string> header = {"name", "price", "day"};
  const std::vector<std::string_view> cells = {"NA", "NA", "2026-03-01 00:00:00"};
  const auto record = shop().check_cells(header, cells, {});
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->payload, R"({"name":"NA","day":"2026-03-01"})");
}

TEST(Cells, SayHowToGetLargerNumbers) {
  const std::vector<std::string> header = {"name", "count"};
  const std::vector<std::string_view> cells = {"a", "4710199010372"};
  const auto record = shop().check_cells(header, cells, {});
  ASSERT_FALSE(record);
  EXPECT_THAT(
      record.error().message,
      HasSubstr("at most 2147483647, not 4710199010372; a field takes larger numbers, up to 2^53, when "
                "the domain declares its maximum"));
}

TEST(SchemaNames, TellKnownFromUnknown) {
  const Schema schema = shop();
  EXPECT_TRUE(knows(schema, "name"));
  EXPECT_TRUE(knows(schema, "count"));
  EXPECT_FALSE(knows(schema, "Name"));
  EXPECT_THAT(names_of(schema), ElementsAre("name", "price", "day", "count"));
  const boost::json::object given = {{"name", "a"}, {"prcie", 1}, {"id", 7}};
  const std::string_view ignored[] = {"id"};
  EXPECT_THAT(unknown_names(schema, given, ignored), ElementsAre("prcie"));
}

}  // namespace
}  // namespace rankloop
