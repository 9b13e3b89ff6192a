// The types of single columns: what the cells are, and what the name says.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/field_value.h"
#include "infer/column_name.h"
#include "infer/column_type.h"

namespace rankloop::infer {
namespace {

ColumnProfile profile_of(const std::string& name, const std::vector<std::string>& cells) {
  ColumnProfile seen(name);
  for (const std::string& cell : cells) seen.take(cell, {});
  return seen;
}

ColumnType type_for(const std::string& name, const std::vector<std::string>& cells, bool whole_file = true) {
  return type_of(profile_of(name, cells), {whole_file, false});
}

std::string type_name(const std::string& name, const std::vector<std::string>& cells) {
  return std::string{name_of(type_for(name, cells).field.type)};
}

// So many rows of these cells, one after another.
std::vector<std::string> repeated(const std::vector<std::string>& cells, std::size_t times) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < times; ++i) all.insert(all.end(), cells.begin(), cells.end());
  return all;
}

TEST(ColumnTypes, TellsWholeNumbersFromOthers) {
  EXPECT_EQ(type_name("x", {"1", "-2", "30"}), "int");
  EXPECT_EQ(type_name("x", {"1", "2.5", "3e2"}), "float");
  EXPECT_EQ(type_name("x", {"1.0", "2.0", "3.0"}), "float");
  EXPECT_EQ(type_name("x", {"1.0", "", "3.0"}), "int");  // pandas
  EXPECT_EQ(type_name("x", {"?", "NaN", "3"}), "int");
  EXPECT_EQ(type_name("x", {"1", "2", "three"}), "string");
}

TEST(ColumnTypes, BoundsOnlyWhatCannotBeNegative) {
  EXPECT_EQ(type_for("price", {"1.5", "2"}).field.minimum, 0);
  EXPECT_EQ(type_for("num_votes", {"1", "2"}).field.minimum, 0);
  EXPECT_FALSE(type_for("x", {"1.5", "2"}).field.minimum);
  EXPECT_FALSE(type_for("price", {"-1.5", "2"}).field.minimum);
  const Field large = type_for("x", {"1", "3000000000"}).field;
  EXPECT_EQ(large.type, FieldType::kInt);
  EXPECT_EQ(large.maximum, 9'007'199'254'740'992);
}

TEST(ColumnTypes, KnowsFlags) {
  EXPECT_EQ(type_name("ok", {"0", "1", "1"}), "bool");
  EXPECT_EQ(type_name("ok", {"yes", "no", "NA"}), "bool");
  EXPECT_EQ(type_name("ok", {"True", "False", "True"}), "bool");
  EXPECT_EQ(type_name("num_children", {"0", "1", "1"}), "int");
  EXPECT_EQ(type_name("x", {"0", "1", "2"}), "int");
}

TEST(ColumnTypes, KnowsDaysAndMoments) {
  EXPECT_EQ(type_name("d", {"2026-03-01", "2026-03-02 00:00:00"}), "date");
  EXPECT_EQ(type_name("t", {"2026-03-01T12:00:00Z", "2026-03-01 12:00:00+01:00"}), "time");
  EXPECT_EQ(type_for("created_at", {"1500000000", "1600000000"}).field.epoch, Epoch::kSeconds);
  EXPECT_EQ(type_for("timestamp", {"1500000000123", "1600000000000"}).field.epoch, Epoch::kMilliseconds);
  EXPECT_EQ(type_name("views", {"1500000000", "1600000000"}), "int");
  const ColumnType naive = type_for("t", {"2026-03-01 12:00:00", "2026-03-01 13:30:00"});
  EXPECT_EQ(naive.field.type, FieldType::kString);
  ASSERT_EQ(naive.doubts.size(), 1);
  EXPECT_NE(naive.doubts[0].find("append Z"), std::string::npos);
  EXPECT_NE(type_for("d", {"03/01/2026", "12/31/2025"}).doubts[0].find("write 2026-03-01"),
            std::string::npos);
}

TEST(ColumnTypes, SaysWhatStandsAroundNumbers) {
  for (const char* cell : {"$12.99", "EUR 12.5", "1,200", "80 %", "3 km", "12€"})
    EXPECT_TRUE(shape_of(cell).decorated) << cell;
  for (const char* cell : {"name 1", "N1001", "SKU-1", "12", "", "km"})
    EXPECT_FALSE(shape_of(cell).decorated) << cell;
  EXPECT_NE(type_for("price", {"$12.99", "$3.50"}).doubts.at(0).find("leave only the number"),
            std::string::npos);
}

TEST(ColumnTypes, TakesNumbersThatAreNamesForWords) {
  EXPECT_EQ(type_name("zip", {"12345", "99999"}), "category");
  EXPECT_EQ(type_name("x", {"007", "123"}), "category");
  EXPECT_EQ(type_name("brandId", {"7", "9", "7"}), "category");
  EXPECT_EQ(type_name("x", {"12345678901234567890", "1"}), "category");
  EXPECT_EQ(type_name("id_count", {"7", "9", "7"}), "int");
}

TEST(ColumnTypes, ClosesACategoryOnlyWhenAllOfItWasSeenOften) {
  const std::vector<std::string> cells = repeated({"S", "M", "L"}, 5);
  EXPECT_EQ(type_for("fit", cells).field.values, (std::vector<std::string>{"L", "M", "S"}));
  EXPECT_TRUE(type_for("fit", cells, false).field.values.empty());
  EXPECT_TRUE(type_for("brand", cells).field.values.empty());
  std::vector<std::string> rare = cells;
  rare.push_back("XL");
  EXPECT_TRUE(type_for("fit", rare).field.values.empty());
  EXPECT_EQ(type_for("fit", rare).field.type, FieldType::kCategory);
}

TEST(ColumnTypes, FindsTheSeparatorOfTags) {
  const std::vector<std::string> bars = repeated({"a|b", "b|c|a", "c", "a|c", "b"}, 2);
  EXPECT_EQ(type_for("x", bars).field.separator, "|");
  const std::vector<std::string> commas =
      repeated({"Pizza, Bars", "Bars, Sushi, Pizza", "Sushi", "Pizza", "Pizza, Sushi"}, 4);
  EXPECT_EQ(type_for("x", commas).field.type, FieldType::kTags);
  EXPECT_EQ(type_for("x", commas).field.separator, ",");
  EXPECT_EQ(type_name("x", {R"(["a","b"])", "[]", R"(["c"])"}), "tags");
  EXPECT_EQ(type_name("where", repeated({"Berlin, DE", "Paris, FR", "Lyon, FR", "Bonn, DE"}, 9)), "category");
  EXPECT_NE(type_name("x", {"once upon, a time", "there was, they say", "a king, who slept"}), "tags");
}

TEST(ColumnTypes, TellsProseFromTitlesAndWords) {
  std::vector<std::string> prose, titles;
  for (int i = 0; i < 30; ++i) {
    prose.push_back("The story of number " + std::to_string(i) +
                    " is told here, at some length, with a beginning and an end that nobody knows.");
    titles.push_back("Story number " + std::to_string(i));
  }
  EXPECT_EQ(type_name("x", prose), "text");
  EXPECT_EQ(type_name("x", titles), "string");
  EXPECT_EQ(type_name("x", {std::string(2'000, 'a'), "b"}), "text");
  EXPECT_EQ(type_name("x", repeated({"red", "blue"}, 8)), "category");
}

TEST(ColumnTypes, KnowsListsOfNumbers) {
  const Field vector = type_for("x", {"0.5 1 2", "[1, 2, 3.5]", "0;1;0.25"}).field;
  EXPECT_EQ(vector.type, FieldType::kVector);
  EXPECT_EQ(vector.size, 3);
  EXPECT_EQ(type_name("embedding", {"1,2", "3,4"}), "vector");
  EXPECT_EQ(type_name("ages", {"3;4;5", "[6]", "7;8"}), "int_list");
  EXPECT_EQ(type_name("x", {"52.52,13.405", "48.1 11.5"}), "place");
  EXPECT_EQ(type_name("location", {"52,13", "48,11"}), "place");
  EXPECT_EQ(type_name("x", {R"({"lat":1,"lon":2})", R"({"lon":3.5,"lat":-4})"}), "place");
  EXPECT_NE(type_name("x", {"12,50", "13,75"}), "place");  // decimal commas
  EXPECT_NE(type_name("x", {"95.5,13.4", "52.5,13.4"}), "place");
}

TEST(ColumnTypes, RequiresWhatNoRowLeavesEmptyOfAFileThatItSawWhole) {
  EXPECT_TRUE(type_for("x", {"1", "2"}).field.required);
  EXPECT_FALSE(type_for("x", {"1", "2"}, false).field.required);
  EXPECT_FALSE(type_for("x", {"1", ""}).field.required);
  EXPECT_FALSE(type_for("x", {"1", "NA"}).field.required);
  EXPECT_TRUE(type_for("x", {"a", "b"}, false).field.required);  // an empty text is one
}

TEST(ColumnTypes, SaysWhatIsNoFeature) {
  EXPECT_EQ(type_for("x", {"", ""}).why_not, "always empty");
  EXPECT_EQ(type_for("x", {"EUR", "EUR"}).why_not, "always the same");
  EXPECT_TRUE(type_for("x", {"EUR", ""}).pays_as_feature);
  EXPECT_FALSE(type_for("name", {"a", "b", "c"}).pays_as_feature);
  EXPECT_FALSE(type_for("x", {R"({"a":1})", R"({"a":2})"}).pays_as_feature);
}

TEST(ColumnTypes, RemembersABoundedShareOfAColumn) {
  ColumnProfile seen("x");
  const ProfileBounds bounds{.words = 10, .distinct = 20};
  for (std::size_t i = 0; i < 1'000; ++i)
    seen.take("word " + std::to_string(i) + "|" + std::string(i, 'y'), bounds);
  EXPECT_EQ(seen.words.words().size(), 10);
  EXPECT_EQ(seen.distinct_cells(), 20);
  EXPECT_TRUE(seen.distinct_cut());
  EXPECT_LE(seen.separated[0].words.words().size(), 10);
  EXPECT_LE(seen.examples[2].size(), 40);
}

TEST(ColumnNames, HaveWords) {
  EXPECT_EQ(NameWords("movieId").all(), (std::vector<std::string>{"movie", "id"}));
  EXPECT_EQ(NameWords("ISBN13").all(), (std::vector<std::string>{"isbn", "13"}));
  EXPECT_EQ(NameWords("HTTPServer price (USD)").all(),
            (std::vector<std::string>{"http", "server", "price", "usd"}));
  EXPECT_TRUE(NameWords("userid").say(Hint::kPerson));
  EXPECT_TRUE(NameWords("itemid").say(Hint::kId));
  EXPECT_FALSE(NameWords("paid").say(Hint::kId));
  EXPECT_EQ(singular("companies"), "company");
  EXPECT_EQ(singular("movies"), "movie");
  EXPECT_EQ(singular("glass"), "glass");
  EXPECT_EQ(plural("dish"), "dishes");
}

}  // namespace
}  // namespace rankloop::infer
