// Rules over the values of a request and an item: what must hold of both.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "domain/schema.h"

namespace rankloop {

enum class Side { kRequest, kItem };

// One comparison, or several joined. Numbers are compared as float32: whole ones are declared within ±2^24,
// so that is exact, and others may only be ordered (<, <=, >, >=), where it moves the border by one part in
// 10^7.
//
// With three outcomes: what compares an absent value neither holds nor fails; `not` leaves that so, `and`
// fails when a part fails, `or` holds when a part holds, else either is as undecided as its parts.
struct RuleCondition {
  enum class Kind {
    kCompare,  // `left op right`, two numbers
    kSame,     // the words of both sides are the same set
    kCommon,   // they have a word in common
    kAbsent,   // left is absent
    kNot,
    kAnd,
    kOr,
  };
  struct Operand {
    std::optional<Side> side;  // none: the constant, or the words
    std::string name;          // of the field; of a constant as the rule writes it
    std::size_t column = 0;    // of the side's numbers, or of its words
    double constant = 0;
    std::vector<std::string> words;
  };
  Kind kind = Kind::kCompare;
  bool of_words = false;
  Comparison op = Comparison::kEqual;
  Operand left;   // the item's, where one of them is
  Operand right;  // of the request, or constant
  std::vector<RuleCondition> parts;
};

// What must hold for an item to be ranked at all. Rules are applied before scoring; all of them must hold.
struct Rule {
  RuleCondition must;
  std::string text;            // as people read it: "item.origin == request.origin"
  bool absent_passes = false;  // what is undecided, because a value is absent: breaks the rule, or passes
};

}  // namespace rankloop
