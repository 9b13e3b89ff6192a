// What a single cell looks like, whatever the others of its column are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rankloop::infer {

// What a value of JSON is; a cell of a table may be anything that its text looks like.
enum class CellKind : std::uint8_t { kTable, kNothing, kText, kNumber, kFlag, kList, kObject };

// Several numbers in one cell: "0.5;1", "[1, 2]", "52.5,13.4".
struct NumbersInCell {
  std::vector<double> numbers;
  bool whole = true;         // each of them, and written so
  bool is_int_list = false;  // a list of whole numbers reads it: JSON, or semicolons
  bool brackets = false;
};

struct CellShape {
  std::optional<double> number;
  bool whole = false;         // its value
  bool pointed = false;       // written with a point or an exponent
  bool leading_zero = false;  // "007", which a number would lose
  std::optional<bool> flag;
  bool date = false;
  bool moment = false;        // with an offset, as fields of times read it
  bool naive_moment = false;  // without one
  bool other_date = false;    // 03/01/2026, March 1, 2026
  bool decorated = false;     // a number with something around it: "$12.99", "1,200", "80 %"
  bool object = false;        // a JSON object
  bool place = false;         // two numbers that are degrees, in one of the forms that a place has
  bool place_named = false;   // a JSON object of a place
  bool word_list = false;     // a JSON list of words
  bool broken_list = false;   // brackets, but no JSON: ['a', 'b']
};

// Of a cell without blanks at its ends that is not empty.
CellShape shape_of(std::string_view cell);
// Of what a value of JSON says: a text is no number, whatever it looks like.
CellShape shape_of(std::string_view cell, CellKind kind);
// Nothing where it has other characters, or a number alone.
std::optional<NumbersInCell> numbers_in(std::string_view cell);
// The words of a JSON list; nothing when it is none, or one of them is no text.
std::optional<std::vector<std::string>> words_in_json(std::string_view cell);

}  // namespace rankloop::infer
