// CSV and its relatives.
#include "tables/row_reader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rankloop::tables {
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

// Gives a text away in pieces of so many bytes.
class Trickle : public ByteSource {
 public:
  Trickle(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = std::min({into.size(), piece_, text_.size() - at_});
    std::copy_n(text_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  std::uint64_t taken() const override { return at_; }

 private:
  const std::string text_;
  const std::size_t piece_;
  std::size_t at_ = 0;
};

std::unique_ptr<ByteSource> trickle(std::string text, std::size_t piece = 100) {
  return std::make_unique<Trickle>(std::move(text), piece);
}

TEST(DelimitedReader, ReadsRowsThatLieAcrossTheEndOfItsWindow) {
  std::string text = "number,text\r\n";
  for (int i = 0; i < 60'000; ++i) text += std::to_string(i) + ",\"a \"\"b\"\"\r\n c\"\r\n";
  ASSERT_GT(text.size(), 3U * (256U << 10));
  DelimitedReader reader{trickle(text), ','};
  ASSERT_TRUE(reader.next());
  std::size_t line = 2;
  for (int i = 0; i < 60'000; ++i, line += 2) {
    ASSERT_TRUE(reader.next());
    ASSERT_EQ(reader.line(), line);
    ASSERT_EQ(reader.cells().size(), 2U);
    ASSERT_EQ(reader.cells()[0], std::to_string(i));
    ASSERT_EQ(reader.cells()[1], "a \"b\"\r\n c");
  }
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.offset(), text.size());
  EXPECT_EQ(reader.taken(), text.size());
}

// The two halves of a line's end come one after the other, and the quotes of a doubled one, too.
TEST(DelimitedReader, ReadsWhatComesByteByByteAsItDoesAtOnce) {
  const std::string text = "\r\n\r\na,\"b\"\"c\"\r\n\r\n\"d\r\ne\",f\rg\n";
  DelimitedReader whole{text, ','};
  DelimitedReader pieces{trickle(text, 1), ','};
  while (whole.next()) {
    ASSERT_TRUE(pieces.next());
    EXPECT_EQ(pieces.cells(), whole.cells());
    EXPECT_EQ(pieces.line(), whole.line());
    EXPECT_EQ(pieces.raw(), whole.raw());
  }
  EXPECT_FALSE(pieces.next());
}

TEST(DelimitedReader, KeepsTheRowAsItStandsThere) {
  DelimitedReader reader{"a; \"b\"\"c\" ;d\r\ne\n", ';'};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.raw(), "a; \"b\"\"c\" ;d");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.raw(), "e");
}

TEST(DelimitedReader, GoesOnBehindALineThatCannotBeRead) {
  const std::string text = "a,b\n1,\"two\n3,4\n" + std::string(kMaxRowBytes + 5, 'x') + "\n5,6\n";
  for (const bool pieces : {false, true}) {
    DelimitedReader reader =
        pieces ? DelimitedReader{trickle(text, 10'000), ','} : DelimitedReader{std::string_view{text}, ','};
    ASSERT_TRUE(reader.next());
    ASSERT_TRUE(reader.next());
    EXPECT_FALSE(reader.fault().empty());
    EXPECT_EQ(reader.raw(), "1,\"two");
    reader.pass_over_line();
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.line(), 3U);
    EXPECT_EQ(reader.cells(), (std::vector<std::string_view>{"3", "4"}));
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.fault(), kRowTooLong);
    EXPECT_EQ(reader.raw(), std::string(1'000, 'x'));
    reader.pass_over_line();
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.line(), 5U);
    EXPECT_EQ(reader.cells(), (std::vector<std::string_view>{"5", "6"}));
    EXPECT_FALSE(reader.next());
  }
}

TEST(LineReader, CountsLinesAndCutsThoseThatAreTooLong) {
  const std::string text = "\n{1}\r\n \t\r\n" + std::string(kMaxRowBytes + 1, 'x') + "\n" +
                           std::string(3 * kMaxRowBytes, 'y') + "\n{2}";
  LineReader reader{trickle(text, 5'000)};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 2U);
  EXPECT_EQ(reader.text(), "{1}\r");
  for (const std::size_t line : {4U, 5U}) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.line(), line);
    EXPECT_EQ(reader.text().size(), kMaxRowBytes + 1);
  }
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 6U);
  EXPECT_EQ(reader.text(), "{2}");
  EXPECT_FALSE(reader.next());
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
}  // namespace rankloop::tables
