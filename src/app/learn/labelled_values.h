// What the cells of a labelled file say, before they are a row.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "domain/field_value.h"
#include "domain/schema.h"

namespace rankloop::app {

// The number of a cell as the store would keep it. Nothing when it is none.
std::optional<double> read_number(std::string_view cell, const Field* field = nullptr);

// Puts what was read of a field into its columns.
void take(const Schema& schema, const Field& field, const FieldValue& value, Values& values);

// Whether it is a history of who asks, which no file need have.
bool is_history(const Domain& domain, const Feature& feature);

// What the columns and lists of a side hold where a row says nothing: the defaults of its fields.
struct Defaults {
  explicit Defaults(const Schema& schema);

  Values values;
  std::vector<FieldValue> fields;
};

// What a cell of a row is, on either side.
struct Source {
  enum class Of {
    kNumber,  // one column: a number, or a derived field that the file brings itself
    kWord,    // likewise a derived word
    kField,   // a whole field of words, a list, a text, a vector, a place
  };
  std::size_t cell = 0;
  Side side = Side::kItem;
  Of of = Of::kNumber;
  std::size_t index = 0;         // of the side's columns, words or fields
  const Field* field = nullptr;  // none: a derived field
  std::string_view name;
};

// A derived field that the file does not bring, but all that it is made of.
struct Derived {
  Side side = Side::kItem;
  const DerivedField* field = nullptr;
  std::size_t column = 0;  // or word
  std::size_t left = 0;    // of a list, among the side's fields
  std::size_t right = 0;
};

}  // namespace rankloop::app
