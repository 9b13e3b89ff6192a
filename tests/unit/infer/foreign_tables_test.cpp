// Tables of other people, each column with the type that a person would give it.
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "domain/domain.h"
#include "infer/infer_domain.h"
#include "support/checkout.h"
#include "tables/row_reader.h"

namespace rankloop::infer {
namespace {

Result<Inferred> inferred_of(const std::string& file) {
  auto bytes = tables::Bytes::of_file(in_checkout("tests/fixtures/tables/" + file));
  if (!bytes) return bytes.error();
  const Sources sources{{file, *bytes}, std::nullopt, std::nullopt};
  return infer_domain(sources, {});
}

// Table -> column -> type.
std::map<std::string, std::map<std::string, std::string>> expected_types() {
  const auto text =
      tables::Bytes::of_file(in_checkout("tests/fixtures/tables/types.csv")).value().all().value();
  tables::DelimitedReader reader{std::string_view{text}, ','};
  std::map<std::string, std::map<std::string, std::string>> types;
  for (reader.next(); reader.next();)
    types[std::string{reader.cells()[0]}].emplace(reader.cells()[1], reader.cells()[2]);
  return types;
}

TEST(ForeignTables, NearlyEveryColumnHasTheTypeThatAPersonWouldGiveIt) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> confusion;
  std::size_t columns = 0;
  std::size_t right = 0;
  for (const auto& [table, types] : expected_types()) {
    const auto inferred = inferred_of(table);
    ASSERT_TRUE(inferred) << table << ": " << inferred.error().message;
    std::size_t seen = 0;
    for (const ColumnReport& each : inferred->columns) {
      if (each.table != "items") continue;
      ++seen;
      const std::string found = each.type.empty() ? each.role : each.type;
      const std::string wanted = types.contains(each.column) ? types.at(each.column) : "nothing";
      confusion[{wanted, found}].insert(table + ":" + each.column);
      ++columns;
      right += wanted == found ? 1 : 0;
    }
    EXPECT_EQ(seen, types.size()) << table;
  }
  for (const auto& [pair, which] : confusion) {
    std::cout << pair.first << " taken for " << pair.second << ": " << which.size();
    if (pair.first != pair.second) {
      for (const std::string& column : which) std::cout << ' ' << column;
    }
    std::cout << '\n';
  }
  EXPECT_GE(columns, 100);
  EXPECT_GE(static_cast<double>(right), 0.95 * static_cast<double>(columns)) << right << " of " << columns;
}

TEST(ForeignTables, EachMakesAGoodDomainFileWithFeaturesAndACommentForEveryColumn) {
  for (const auto& [table, types] : expected_types()) {
    const auto inferred = inferred_of(table);
    ASSERT_TRUE(inferred) << table;
    const DomainCheck check = read_domain(inferred->text, table);
    ASSERT_TRUE(check.domain) << table << ": " << check.faults.front().message;
    EXPECT_GE(check.domain->features.size(), 5) << table;
    for (const auto& [column, type] : types)
      EXPECT_NE(inferred->text.find("# '" + column), std::string::npos) << table << ' ' << column;
    EXPECT_TRUE(inferred->items.whole_file);
  }
}

// Bytes of tables, each damaged somewhere, cut, or with another's in the middle.
std::string damaged(const std::vector<std::string>& texts, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % n; };
  std::string text = texts[below(texts.size())];
  for (std::size_t i = below(20); i > 0; --i) text[below(text.size())] = static_cast<char>(below(256));
  const std::string& other = texts[below(texts.size())];
  if (below(3) == 0) text.insert(below(text.size()), other.substr(below(other.size()), below(4'000)));
  if (below(3) == 0) text.resize(below(text.size()));
  constexpr std::string_view kMarks = "\",;|\n\r[]{}\\#";
  for (std::size_t i = below(10); i > 0 && !text.empty(); --i)
    text.insert(below(text.size()), 1, kMarks[below(kMarks.size())]);
  return text;
}

TEST(ForeignTables, WhateverTheBytesAreAGoodFileOrAnErrorComesOfThem) {
  std::vector<std::string> texts;
  for (const auto& [table, types] : expected_types())
    texts.push_back(
        tables::Bytes::of_file(in_checkout("tests/fixtures/tables/" + table)).value().all().value());
  std::mt19937 random{7};
  int files = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string items = damaged(texts, random);
    const std::string history = damaged(texts, random);
    const Sources sources{
        {"items.csv", tables::Bytes(items)}, SourceTable{"log.csv", tables::Bytes(history)}, std::nullopt};
    const auto inferred = infer_domain(sources, {});
    if (!inferred) {
      EXPECT_EQ(inferred.error().code, ErrorCode::kInvalidArgument) << inferred.error().message;
      continue;
    }
    ++files;
    EXPECT_TRUE(read_domain(inferred->text, "inferred").domain);
  }
  EXPECT_GT(files, 20);
}

}  // namespace
}  // namespace rankloop::infer
