// CSV and its relatives.
#include "app/row_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rankloop::app {
namespace {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

Rows rows_of(std::string_view text, char delimiter = ',') {
  DelimitedReader reader{text, delimiter};
  Rows rows;
  while (reader.next()) rows.emplace_back(reader.cells().begin(), reader.cells().end());
  EXPECT_EQ(reader.fault(), "");
  return rows;
}

TEST(DelimitedReader, SplitsRowsIntoCells) {
  EXPECT_EQ(rows_of("a,b,c\n1,2,3\n"), (Rows{{"a", "b", "c"}, {"1", "2", "3"}}));
  EXPECT_EQ(rows_of("a\tb, c\n", '\t'), (Rows{{"a", "b, c"}}));
}

TEST(DelimitedReader, KeepsEmptyCells) {
  EXPECT_EQ(rows_of(",a,,b,\n"), (Rows{{"", "a", "", "b", ""}}));
  EXPECT_EQ(rows_of("a,"), (Rows{{"a", ""}}));
  EXPECT_EQ(rows_of("\"\"\n"), (Rows{{""}}));
  EXPECT_EQ(rows_of(" a , b "), (Rows{{" a ", " b "}}));
}

TEST(DelimitedReader, TakesTheQuotesOff) {
  EXPECT_EQ(rows_of("\"a,b\",\"say \"\"hi\"\"\",\"\",c\n"), (Rows{{"a,b", "say \"hi\"", "", "c"}}));
  EXPECT_EQ(rows_of("a\"b,c\"\n"), (Rows{{"a\"b", "c\""}}));  // not at the beginning: a letter like others
}

TEST(DelimitedReader, KeepsLineBreaksInQuotes) {
  DelimitedReader reader{"\"one\r\ntwo\n\nthree\",x\nnext,y\n", ','};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.cells()[0], "one\r\ntwo\n\nthree");
  EXPECT_EQ(reader.line(), 1U);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.cells()[0], "next");
  EXPECT_EQ(reader.line(), 5U);
}

TEST(DelimitedReader, EndsLinesAsWindowsDoes) {
  EXPECT_EQ(rows_of("a,b\r\n\"c\",\"d\"\r\ne,f\r\n"), (Rows{{"a", "b"}, {"c", "d"}, {"e", "f"}}));
  EXPECT_EQ(rows_of("a,b\r"), (Rows{{"a", "b"}}));
  EXPECT_EQ(rows_of("a,\"b\"\r"), (Rows{{"a", "b"}}));
}

TEST(DelimitedReader, EndsLinesAsOldMacsDid) {
  EXPECT_EQ(rows_of("a,b\rc,\"d\"\r\r1,2"), (Rows{{"a", "b"}, {"c", "d"}, {"1", "2"}}));
}

TEST(DelimitedReader, BoundsARow) {
  const std::string text = "a,b\n" + std::string(kMaxRowBytes, 'x') + ",1\n2,3\n";
  DelimitedReader reader{text, ','};
  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fault(), kRowTooLong);
  EXPECT_EQ(reader.line(), 2U);
  EXPECT_FALSE(reader.next());
  const std::string commas = std::string(kMaxRowBytes - 1, ',') + "\n1";
  EXPECT_EQ(rows_of(commas).size(), 2U);
}

TEST(SeparatorOf, LooksForAnotherWhereTheHeaderIsOneCell) {
  EXPECT_EQ(separator_of("a,b;c\n", ','), ',');
  EXPECT_EQ(separator_of("a;b;c\n1,5;2;3\n", ','), ';');
  EXPECT_EQ(separator_of("\n\na\tb\n", ','), '\t');
  EXPECT_EQ(separator_of("a|b\n", '\t'), '|');
  EXPECT_EQ(separator_of("\"a;b\"\n", ','), ',');
  EXPECT_EQ(separator_of("a\n", ','), ',');
  EXPECT_EQ(separator_of("", '\t'), '\t');
}

TEST(DelimitedReader, SkipsAByteOrderMark) {
  EXPECT_EQ(rows_of("\xef\xbb\xbf\"a\",b\n"), (Rows{{"a", "b"}}));
  EXPECT_EQ(rows_of("\xef\xbb\xbf"), Rows{});
}

TEST(DelimitedReader, SkipsBlankLinesAndCountsThem) {
  DelimitedReader reader{"\n\r\na\n\n\nb\n\n", ','};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 3U);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 6U);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
}

TEST(DelimitedReader, HasNoRowsWithoutText) {
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("\n\r\n\n"), Rows{});
}

TEST(DelimitedReader, TellsWhenAQuoteIsNeverClosed) {
  DelimitedReader reader{"a,b\n1,\"two\n3,4\n", ','};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fault(), "");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fault(), "a quoted cell is never closed");
  EXPECT_EQ(reader.line(), 2U);
  EXPECT_EQ(reader.cells().back(), "two\n3,4\n");
  EXPECT_FALSE(reader.next());
}

TEST(DelimitedReader, TakesTextBehindAClosingQuoteAsItStands) {
  EXPECT_EQ(rows_of("\"a\"b,c\n"), (Rows{{"ab", "c"}}));
}

TEST(DelimitedReader, CountsTheBytesItHasRead) {
  const std::string text = "a,b\n1,2\n";
  DelimitedReader reader{text, ','};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.offset(), 4U);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.offset(), text.size());
}

// Small cells live inside their strings, so a growing list of cells must not move them.
TEST(DelimitedReader, KeepsEveryCellOfAWideRow) {
  std::string text;
  Row wanted;
  for (int i = 0; i < 500; ++i) {
    wanted.push_back(std::to_string(i) + "\"");
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"\"\"";
  }
  EXPECT_EQ(rows_of(text), Rows{wanted});
}

std::string quoted(const std::string& cell) {
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? "\"\"" : std::string{c};
  return text + "\"";
}

RC_GTEST_PROP(DelimitedReader, ReadsBackWhatWasWritten, ()) {
  const char delimiter = *rc::gen::element(',', '\t', ';');
  const std::string end = *rc::gen::element<std::string>("\n", "\r\n", "\r");
  const auto cell =
      rc::gen::container<std::string>(rc::gen::element('a', 'b', ',', '\t', ';', '"', '\n', '\r', ' '));
  const auto rows =
      *rc::gen::resize(12, rc::gen::container<Rows>(rc::gen::nonEmpty(rc::gen::container<Row>(cell))));
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool plain = !row[i].empty() && row[i].find_first_of("\"\r\n,\t;") == std::string::npos;
      if (i > 0) text += delimiter;
      text += plain && *rc::gen::arbitrary<bool>() ? row[i] : quoted(row[i]);
    }
    text += end;
  }
  if (*rc::gen::arbitrary<bool>() && !text.empty()) text.resize(text.size() - end.size());
  RC_ASSERT(rows_of(text, delimiter) == rows);
}

// Whatever the bytes are: every call ends, and what is read never lies outside the text.
RC_GTEST_PROP(DelimitedReader, EndsOnAnyText, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', '\0', '\xef'));
  DelimitedReader reader{text, ','};
  std::size_t offset = 0;
  while (reader.next()) {
    RC_ASSERT(reader.offset() > offset);
    RC_ASSERT(reader.offset() <= text.size());
    RC_ASSERT(!reader.cells().empty());
    offset = reader.offset();
  }
}

}  // namespace
}  // namespace rankloop::app
