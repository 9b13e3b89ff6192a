// Tables of other people, each column with the type that a person would give it.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>

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
  const auto text = tables::Bytes::of_file(in_checkout("tests/fixtures/tables/types.csv")).value().all().value();
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

}  // namespace
}  // namespace rankloop::infer
