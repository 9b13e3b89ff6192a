// The words in which declared inputs refuse what does not fit them.
#include "domain/declared_inputs.h"

#include <algorithm>
#include <limits>

#include "domain/utf8.h"

namespace rankloop {
namespace {

ChoiceRefusal words_of_refusal(const ChoiceInput& input) {
  if (input.refusal) return *input.refusal;
  if (!input.preset) return {.before = "Input should be "};
  return {.before = "", .quotes = true, .after = " is neither ", .last = " nor "};
}

bool is_visible(char c) {
  return c > ' ' && c <= '~';
}

}  // namespace

std::string joined(const std::vector<std::string_view>& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : std::string_view{", "};
    text += words[i];
  }
  return text;
}

std::string refusal_of(const ChoiceInput& input, std::string_view shown) {
  const ChoiceRefusal refusal = words_of_refusal(input);
  std::string text{refusal.before};
  if (refusal.quotes) text += shown;
  text += refusal.after;
  return text + joined(input.words, refusal.last);
}

std::string_view type_of_refusal(const ChoiceInput& input) {
  return words_of_refusal(input).type;
}

std::optional<TextFault> fault_of(const TextInput& input, std::string_view text) {
  constexpr std::size_t kNoBound = std::numeric_limits<std::size_t>::max();
  const std::size_t most = input.most.value_or(kNoBound);
  const std::size_t characters = input.least > 0 || most != kNoBound ? characters_in(text) : 0;
  const bool fits = characters >= input.least && characters <= most;
  const auto range = [&input, most] {
    return (input.least > 0 ? std::to_string(input.least) : "up") + " to " + std::to_string(most);
  };
  if (input.characters == Characters::kVisibleAscii) {
    if (fits && std::all_of(text.begin(), text.end(), is_visible)) return std::nullopt;
    return TextFault{"must have " + range() + " visible ASCII characters", "value_error"};
  }
  if (!fits) {
    return TextFault{std::string{input.name} + " has " + std::to_string(characters) +
                         " characters; allowed are " + range(),
                     "string_too_long"};
  }
  if (input.characters == Characters::kAllButNul && text.find('\0') != std::string_view::npos) {
    return TextFault{std::string{input.name} + " must not contain NUL", "value_error"};
  }
  return std::nullopt;
}

}  // namespace rankloop
