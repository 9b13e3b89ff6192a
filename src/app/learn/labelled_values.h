// What the cells of a labelled file say, before they are a row.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/field_value.h"
#include "domain/schema.h"

namespace rankloop::app {

// The number of a cell as the store would keep it. Nothing when it is none.
std::optional<double> read_number(std::string_view cell, const Field* field = nullptr);

// Puts what was read of a field into its columns.
void take(const Schema& schema, const Field& field, const FieldValue& value, Values& values);

// What the columns and lists of a side hold where a row says nothing: the defaults of its fields.
struct Defaults {
  explicit Defaults(const Schema& schema);

  Values values;
  std::vector<FieldValue> fields;
};

}  // namespace rankloop::app
