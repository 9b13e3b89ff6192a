// Columns by their names, and the texts that name them.
#include "storage/columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "storage/queries.h"

namespace rankloop::storage {
namespace {

TEST(Columns, StandWhereTheAnswerHasThem) {
  const auto found = Positions::of(std::to_array<std::string_view>({"payload", "unread", "id", "unread"}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at("payload"), 0);
  EXPECT_EQ(found->at("id"), 2);
  EXPECT_EQ(found->at("version"), Positions::kNone);
}

TEST(Columns, RefuseAnUnknownNameAndOneThatStandsTwice) {
  const auto misspelt = Positions::of(std::to_array<std::string_view>({"id", "paylaod"}));
  ASSERT_FALSE(misspelt);
  EXPECT_EQ(misspelt.error().message, "'paylaod' is no name of a column");
  const auto twice = Positions::of(std::to_array<std::string_view>({"id", "kind", "id"}));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "two columns are called 'id'");
}

TEST(Columns, HaveEachNameOnce) {
  std::map<std::string_view, int> counted;
  for (const std::string_view name : kColumns) ++counted[name];
  EXPECT_EQ(counted.size(), kColumns.size());
}

// Without comments, and with one blank between words; parameters as PostgreSQL writes them.
std::string plain(std::string_view sql) {
  std::string words;
  for (std::size_t begin = 0; begin < sql.size();) {
    const std::size_t end = std::min(sql.find('\n', begin), sql.size());
    const std::string_view line = sql.substr(begin, end - begin);
    if (!line.starts_with("--")) words += std::string(line) + " ";
    begin = end + 1;
  }
  std::string plain;
  for (const char c : words) {
    if (c == ' ' && (plain.empty() || plain.back() == ' ')) continue;
    plain.push_back(c == '?' ? '$' : c);
  }
  return plain;
}

// What is the same in both dialects stands in db/queries/shared/.
TEST(Queries, HaveNoTextInBothDialects) {
  const Queries shared("shared");
  const Queries sqlite("sqlite");
  const Queries postgres("postgres");
  EXPECT_GT(shared.all().size(), 45U);
  for (const auto& [name, text] : sqlite.all()) {
    if (shared.all().contains(name) || !postgres.all().contains(name)) continue;
    EXPECT_NE(plain(text), plain(postgres.text(name))) << name;
  }
}

TEST(Queries, WriteParametersAsTheDialectDoes) {
  EXPECT_NE(Queries("sqlite").text("counter").find("name = ?1"), std::string_view::npos);
  EXPECT_NE(Queries("postgres").text("counter").find("name = $1"), std::string_view::npos);
}

}  // namespace
}  // namespace rankloop::storage
