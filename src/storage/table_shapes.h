// The answer of a dialect's statement "tables_to_move" as shapes of tables.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "storage/store_tables.h"

namespace rankloop::storage {

inline std::vector<std::string> parted_at_commas(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

inline constexpr auto table_shape_of = [](const auto& row) {
  return TableShape{.name = row.text("name"),
                    .columns = row.text("columns"),
                    .types = parted_at_commas(row.text("types")),
                    .read = row.text("read"),
                    .write = row.text("write"),
                    .count = row.text("count"),
                    .empty = row.text("empty")};
};

}  // namespace rankloop::storage
