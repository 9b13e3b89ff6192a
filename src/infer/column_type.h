// From what was seen in a column to a field: its type, its bounds, and what is not sure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/schema.h"
#include "infer/column_profile.h"

namespace rankloop::infer {

// What is known beside the column itself.
struct SampleKnowledge {
  bool whole_file = true;   // no row follows the sample
  bool of_request = false;  // all fields of requests are optional
};

struct ColumnType {
  Field field;            // a name is given later
  bool of_codes = false;  // numbers that are names
  bool pays_as_feature = true;
  bool mute = false;    // words that stand for something that is not read
  std::string why_not;  // as a feature
  std::vector<std::string> doubts;
};

ColumnType type_of(const ColumnProfile& seen, const SampleKnowledge& known);

// As a domain file names it; nothing: there is no such type.
std::optional<FieldType> type_named(std::string_view name);
// The names of all types, for messages: "int, float, ...".
std::string type_names();

// Of a type that somebody chose.
ColumnType as_type(const ColumnProfile& seen, const SampleKnowledge& known, FieldType type);

// The words that a column of this type has, the commonest first; nothing where there are too many.
std::vector<std::string> words_of(const ColumnProfile& seen, const Field& field);

// What to take instead where the first choice refuses a row: a text of any kind.
ColumnType as_words(const ColumnProfile& seen, const SampleKnowledge& known, const std::string& refusal);

// "2 % empty, 31 different, 0.5 to 99.9, as 'a', 'b'".
std::string told(const ColumnProfile& seen, const ColumnType& type);

std::string number_text(double number);

}  // namespace rankloop::infer
