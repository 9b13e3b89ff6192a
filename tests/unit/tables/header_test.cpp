// Separators and names of headers.
#include "tables/header.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::tables {
namespace {

TEST(SeparatorOf, LooksForAnotherWhereTheHeaderIsOneCell) {
  EXPECT_EQ(separator_of("a,b;c\n", ','), ',');
  EXPECT_EQ(separator_of("a;b;c\n1,5;2;3\n", ','), ';');
  EXPECT_EQ(separator_of("\n\na\tb\n", ','), '\t');
  EXPECT_EQ(separator_of("a|b\n", '\t'), '|');
  EXPECT_EQ(separator_of("\"a;b\"\n", ','), ',');
  EXPECT_EQ(separator_of("a\n", ','), ',');
  EXPECT_EQ(separator_of("", '\t'), '\t');
}

char separator_among(std::string_view text, char expected, const std::vector<std::string_view>& known) {
  DelimitedReader reader{text, expected};
  EXPECT_TRUE(reader.next());
  const char separator = separator_of(reader, known);
  EXPECT_EQ(reader.delimiter(), separator);
  return separator;
}

TEST(SeparatorOf, TakesTheOneByWhichMostColumnsAreKnown) {
  const std::vector<std::string_view> known = {"title", "price", "year"};
  EXPECT_EQ(separator_among("title;price;a,b,c,d\n", ',', known), ';');
  EXPECT_EQ(separator_among("title|price, in euros|year\n", ',', known), '|');
  EXPECT_EQ(separator_among("title,price\n", '\t', known), ',');
  EXPECT_EQ(separator_among("\"title;price\",year\n", ',', known), ',');
  EXPECT_EQ(separator_among("title , price;year\n", ',', known), ',');  // blanks are no part of a name
  EXPECT_EQ(separator_among("titel;preis\n", ',', known), ';');         // nobody knows them
  EXPECT_EQ(separator_among("title\n", ',', known), ',');
}

TEST(SeparatorOf, LeavesTheReaderOnItsRow) {
  DelimitedReader reader{std::string_view{"\n\"a\nb\";c\n1;2\n"}, ','};
  ASSERT_TRUE(reader.next());
  separator_of(reader, {});
  EXPECT_EQ(reader.line(), 2U);
  EXPECT_EQ(reader.cells(), (std::vector<std::string_view>{"a\nb", "c"}));
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 4U);
  EXPECT_EQ(reader.cells(), (std::vector<std::string_view>{"1", "2"}));
}

TEST(SeparatorNamed, KnowsNamesAndCharacters) {
  EXPECT_EQ(separator_named("auto"), '\0');
  for (const char separator : kSeparators) {
    EXPECT_EQ(separator_named(name_of_separator(separator)), separator);
    EXPECT_EQ(separator_named(std::string(1, separator)), separator);
  }
  EXPECT_FALSE(separator_named("space"));
  EXPECT_FALSE(separator_named(""));
}

TEST(HeaderNames, RefusesANameThatStandsThereTwice) {
  DelimitedReader reader{std::string_view{"title, price ,price\n"}, ','};
  ASSERT_TRUE(reader.next());
  const auto names = header_names(reader);
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().message, "the column 'price' stands there twice");
}

TEST(Repeats, KnowsTheHeaderOnceMore) {
  const std::vector<std::string> header = {"a", "b"};
  const auto repeats_it = [&](std::vector<std::string_view> cells) { return repeats(header, cells); };
  EXPECT_TRUE(repeats_it({"a", " b "}));
  EXPECT_FALSE(repeats_it({"a", "c"}));
  EXPECT_FALSE(repeats_it({"a"}));
  EXPECT_FALSE(repeats_it({"a", "b", ""}));
  // In a single column a value may be like its name.
  const std::vector<std::string> single = {"name"};
  const std::vector<std::string_view> cell = {"name"};
  EXPECT_FALSE(repeats(single, cell));
}

}  // namespace
}  // namespace rankloop::tables
