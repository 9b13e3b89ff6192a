// Cuts the text of a rule into words.
#include "domain/rule_words.h"

#include <algorithm>
#include <array>

namespace rankloop {
namespace {

using Kind = RuleWord::Kind;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t end_of(std::string_view text, std::size_t from, auto inner) {
  while (from < text.size() && inner(text[from])) ++from;
  return from;
}

// The sign that the text begins with; the longest one.
std::string_view sign_at(std::string_view text) {
  constexpr std::array<std::string_view, 11> kSigns = {"==", "!=", "<=", ">=", "<", ">",
                                                       "(",  ")",  "[",  "]",  ","};
  const auto found =
      std::ranges::find_if(kSigns, [&](std::string_view sign) { return text.starts_with(sign); });
  return found == kSigns.end() ? std::string_view{} : *found;
}

// Takes one word off the beginning; none when there is none.
std::optional<RuleWord> take_word(std::string_view& text) {
  const char first = text.front();
  RuleWord word;
  std::size_t end = 0;
  if (is_letter(first)) {
    word.kind = Kind::kName;
    end = end_of(text, 1, [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '.'; });
  } else if (is_digit(first) || (first == '-' && text.size() > 1)) {
    word.kind = Kind::kNumber;
    end = end_of(text, 1, [](char c) {
      return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '-' || c == '+';
    });
  } else if (first == '"' || first == '\'') {
    word.kind = Kind::kQuoted;
    const std::size_t closing = text.find(first, 1);
    if (closing == std::string_view::npos) return std::nullopt;
    word.text = text.substr(1, closing - 1);
    text.remove_prefix(closing + 1);
    return word;
  } else {
    word.kind = Kind::kSign;
    end = sign_at(text).size();
  }
  if (end == 0) return std::nullopt;
  word.text = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

}  // namespace

std::optional<std::vector<RuleWord>> rule_words(std::string_view text) {
  std::vector<RuleWord> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.empty()) break;
    auto word = take_word(text);
    if (!word) return std::nullopt;
    words.push_back(*std::move(word));
  }
  words.emplace_back();
  return words;
}

std::string joined(const std::vector<RuleWord>& words) {
  std::string text;
  bool opened = true;
  for (const RuleWord& word : words) {
    if (word.kind == Kind::kEnd) break;
    const bool sign = word.kind == Kind::kSign;
    const bool closes = sign && (word.text == ")" || word.text == "]" || word.text == ",");
    if (!opened && !closes) text += ' ';
    opened = sign && (word.text == "(" || word.text == "[");
    const char quote = word.text.find('"') == std::string::npos ? '"' : '\'';
    text += word.kind == Kind::kQuoted ? quote + word.text + quote : word.text;
  }
  return text;
}

}  // namespace rankloop
