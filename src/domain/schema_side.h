// One side of a domain file ([item] or [request]) on its way to a Schema, with what later parts of the file
// need to know about its names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/schema.h"
#include "domain/toml_table.h"

namespace rankloop {

// A field or derived field as others may refer to it.
struct KnownName {
  enum class Kind {
    kNumber,
    kIntegers,  // a list of them
    kWord,
    kWords,  // a set of them
    kText,
    kVector,
    kPlace,
    kBroken,  // declared, but with a fault of its own: whatever refers to it is not reported again
  };
  std::string name;
  Kind kind = Kind::kNumber;
  bool may_be_absent = false;
  bool whole = false;  // only whole numbers
  double low = 0;      // the least and the largest value; infinite where nothing bounds it
  double high = 0;
  std::size_t size = 1;                 // of a vector
  double seconds_per_unit = 0;          // of a date or a time
  std::optional<FieldType> field_type;  // of a declared field
};
// "a number", "a text" ...
std::string_view described(KnownName::Kind kind);

struct SchemaSide {
  std::vector<Field> fields;
  std::vector<DerivedField> derived;
  std::vector<Check> checks;
  std::vector<KnownName> names;      // fields, then derived fields
  std::vector<std::string> columns;  // of tables that are imported, by which fields are found

  const KnownName* find(std::string_view name) const;
  // The names of numbers, for suggestions.
  std::vector<std::string_view> numbers() const;
};

// Reads the `field`, `derived` and `check` tables. `reserved` are names that the API uses itself, `columns`
// those of tables by which something else is found.
SchemaSide read_schema_side(TomlTable& table, std::span<const std::string> reserved, FileFaults& faults,
                            std::vector<std::string> columns = {});
// What an import finds a field by (see imported_names.h); empty: none is named, or it cannot be one, with a
// fault.
std::string read_column(TomlTable& table);

// The parts of it. Whether a new name can be used; with a fault where not.
bool accept_name(TomlTable& table, const std::string& name, std::span<const std::string> reserved,
                 SchemaSide& side);
void add_field(SchemaSide& side, Field field);
// What a `derived` table adds; null, with faults, when something is wrong with it.
DerivedField* read_derived(TomlTable& table, std::span<const std::string> reserved, SchemaSide& side,
                           FileFaults& faults);
// Reports a side that is too large.
void check_size(const SchemaSide& side, FilePlace at, FileFaults& faults);

// "left op right", the words of a check and of a rule.
struct ComparisonText {
  std::string left;
  Comparison op = Comparison::kEqual;
  std::string right;
};
std::optional<ComparisonText> parse_comparison(std::string_view text);
std::optional<Comparison> parse_comparison_symbol(std::string_view text);

// A number, or true and false as 1 and 0.
std::optional<double> parse_constant(std::string_view text);

// A letter, then letters, digits and underscores; at most 64.
bool is_identifier(std::string_view name);

}  // namespace rankloop
