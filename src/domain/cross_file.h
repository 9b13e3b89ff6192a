// One [[cross]] table of a domain file, and the names on both sides that it and features speak of.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "domain/domain.h"
#include "domain/schema_side.h"
#include "domain/toml_table.h"

namespace rankloop {

struct Sides {
  const SchemaSide& requests;
  const SchemaSide& items;
  const SchemaSide& of(Side side) const { return side == Side::kItem ? items : requests; }
};

// What a feature, a cross or a rule names. Its column is known once the schemas are built.
struct NamedColumn {
  Side side = Side::kItem;
  std::string name;
};

// Whether it is a number. Reports what is wrong, unless that was already reported where the name is declared.
bool is_number(FilePlace at, const NamedColumn& wanted, const Sides& sides, FileFaults& faults);

struct CrossTable {
  Cross cross;  // but for its columns
  std::string request;
  std::string item;
};

// None, with faults at their places, when something is wrong with it. `used` are the names of features and of
// other crosses.
std::optional<CrossTable> read_cross_table(TomlTable& table, const Sides& sides,
                                           const std::set<std::string, std::less<>>& used,
                                           FileFaults& faults);

// The cross with its columns in these schemas.
Cross placed(const CrossTable& table, const Schema& requests, const Schema& items);

}  // namespace rankloop
