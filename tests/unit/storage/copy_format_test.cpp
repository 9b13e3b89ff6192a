// The binary format of COPY.
#include "storage/postgres/copy_format.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::storage::postgres {
namespace {

using Kind = Cell::Kind;

const std::vector<CopyType> kTypes = {CopyType::kInt2, CopyType::kInt4,  CopyType::kInt8, CopyType::kFloat8,
                                      CopyType::kText, CopyType::kBytes, CopyType::kUuid};

Cell integer(std::int64_t value) {
  return {.kind = Kind::kInteger, .integer = value};
}
Cell real(double value) {
  return {.kind = Kind::kReal, .real = value};
}
Cell text(std::string_view value) {
  return {.kind = Kind::kText, .bytes = value};
}
Cell bytes(std::string_view value) {
  return {.kind = Kind::kBytes, .bytes = value};
}

struct Seen {
  Kind kind;
  std::int64_t integer;
  double real;
  std::string bytes;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> seen(Cells cells) {
  std::vector<Seen> out;
  for (const Cell& cell : cells) {
    out.push_back({cell.kind, cell.kind == Kind::kInteger ? cell.integer : 0,
                   cell.kind == Kind::kReal ? cell.real : 0, std::string{cell.bytes}});
  }
  return out;
}

const std::string kId(16, '\x7f');
const std::vector<Cell> kRow = {integer(std::numeric_limits<std::int16_t>::min()),
                                integer(-1),
                                integer(std::numeric_limits<std::int64_t>::max()),
                                real(-2.5),
                                text("Zürich"),
                                bytes({"\0\1\xff", 3}),
                                bytes(kId)};
const std::vector<Cell> kNothing(7);

TEST(CopyFormat, ReadsWhatItWrote) {
  std::string out = copy_header();
  ASSERT_TRUE(append_copy_row(out, kRow, kTypes));
  ASSERT_TRUE(append_copy_row(out, kNothing, kTypes));
  out += copy_trailer();
  std::vector<std::vector<Seen>> rows;
  CopyReader reader(kTypes);
  ASSERT_TRUE(reader.take(out, [&](Cells cells) -> Status {
    rows.push_back(seen(cells));
    return {};
  }));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], seen(kRow));
  EXPECT_EQ(rows[1], seen(kNothing));
}

TEST(CopyFormat, TakesPiecesAndStopsWhenTold) {
  CopyReader reader(kTypes);
  int rows = 0;
  const auto visit = [&](Cells) -> Status {
    ++rows;
    return rows < 3 ? Status{} : Status{Error{ErrorCode::kAborted, "enough"}};
  };
  std::string row;
  ASSERT_TRUE(append_copy_row(row, kRow, kTypes));
  EXPECT_TRUE(reader.take(copy_header() + row, visit));
  EXPECT_TRUE(reader.take(row, visit));
  EXPECT_EQ(reader.take(row + row, visit).error().code, ErrorCode::kAborted);
  EXPECT_EQ(rows, 3);
}

TEST(CopyFormat, RefusesDamage) {
  std::string whole = copy_header();
  ASSERT_TRUE(append_copy_row(whole, kRow, kTypes));
  const auto ignore = [](Cells) -> Status { return {}; };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == copy_header().size()) continue;  // a header alone is a piece
    CopyReader reader(kTypes);
    EXPECT_EQ(reader.take(whole.substr(0, size), ignore).error().code, ErrorCode::kDataLoss) << size;
  }
}

TEST(CopyFormat, RefusesValuesThatDoNotFit) {
  const auto refused = [](const Cell& cell, CopyType type) {
    std::string out;
    const Status status = append_copy_row(out, std::span(&cell, 1), {type});
    return !status && status.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(integer(32'768), CopyType::kInt2));
  EXPECT_TRUE(refused(integer(-2'147'483'649), CopyType::kInt4));
  EXPECT_TRUE(refused(integer(1), CopyType::kText));
  EXPECT_TRUE(refused(real(1), CopyType::kInt8));
  EXPECT_TRUE(refused(text("a"), CopyType::kBytes));
  EXPECT_TRUE(refused(text({"a\0b", 3}), CopyType::kText));
  EXPECT_TRUE(refused(bytes("short"), CopyType::kUuid));
  EXPECT_FALSE(refused(integer(32'767), CopyType::kInt2));
}

}  // namespace
}  // namespace rankloop::storage::postgres
