// One [[rule]] table of a domain file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/cross_file.h"
#include "domain/domain.h"
#include "domain/toml_table.h"

namespace rankloop {

// The rule but for its columns; none, with faults at their places, when something is wrong with it.
//
//   rule       = conjunction { "or" conjunction }
//   conjunction = unary { "and" unary }
//   unary      = "not" unary | "(" rule ")" | term
//   term       = operand ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) operand
//              | operand "in" operand | operand "contains" operand | operand "any" "of" operand
//              | field "is" ( "absent" | "present" )
//   operand    = field | number | "true" | "false" | word | "[" word { "," word } "]"
//   field      = ( "item" | "request" ) "." name        word: in single or double quotes
std::optional<Rule> read_rule_table(TomlTable& table, const Sides& sides);

// What one text of a table's key says, likewise.
struct ReadRule {
  RuleCondition condition;
  std::string text;  // as Rule::text
};
std::optional<ReadRule> read_rule_text(TomlTable& table, std::string_view key, const PlacedText& text,
                                       const Sides& sides);

// Gives the operands their columns in these schemas.
void place(RuleCondition& condition, const Schema& requests, const Schema& items);

}  // namespace rankloop
