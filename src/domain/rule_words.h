// The text of a rule as its words: names, numbers, quoted words, signs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop {

struct RuleWord {
  enum class Kind { kName, kNumber, kQuoted, kSign, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // of a quoted word without its quotes
};

// Ends with one of kind kEnd. None: a quote is not closed, or a character is no part of any word.
std::optional<std::vector<RuleWord>> rule_words(std::string_view text);

// As one line with single blanks: the same for rules that say the same words.
std::string joined(const std::vector<RuleWord>& words);

}  // namespace rankloop
