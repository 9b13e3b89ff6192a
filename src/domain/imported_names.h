// By which names imports find the fields of a side: tables, and lines of JSON, that other programs wrote.
//
// A domain file may name a `column` of a field, and of the items' id. Nothing but an import asks for it, so
// it is no part of the schema: it is read from the file's text when an import begins.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/domain.h"

namespace rankloop {

struct FieldColumn {
  std::string field;
  std::string column;
};

// Those that the file names, of the fields of one side and, of items, of their id.
std::vector<FieldColumn> field_columns(const Domain& domain, Side side);

// Immutable; borrows the domain.
class ImportedNames {
 public:
  ImportedNames(const Domain& domain, Side side);

  // The field that names this column.
  const FieldColumn* by_column(std::string_view column) const;
  // The column that a field names; empty: none.
  std::string_view column_of(std::string_view field) const;
  const std::vector<FieldColumn>& columns() const { return columns_; }
  bool knows(std::string_view field) const;

  // Gives the members of an object the names of their fields. Where a field's own name is there beside its
  // column, the column counts.
  void name_by_fields(boost::json::object& object) const;

 private:
  const Schema& schema_;
  const std::vector<FieldColumn> columns_;
};

// The columns of a table as the sides know them: by the column that a field names, else by the field's own
// name; those whose name nobody knows take the one that identifier_of() makes of it, where that is a field's
// and no other column's. Empty: a field has this name, but is found by another column that is there, too.
std::vector<std::string> known_columns(std::span<const std::string> header,
                                       std::span<const ImportedNames> sides);

}  // namespace rankloop
