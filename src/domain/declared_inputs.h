// Inputs, each declared once, as a constant of what reads it: its name, its type, its bounds, what it is for
// and, where they are its own, the words that refuse it. What a request is checked by (domain/body_reader.h
// for bodies, http/routes/inputs.h for queries) and what the API description says of it
// (http/described_inputs.h) both come from the declaration.
//
// Lengths count characters (code points), as JSON Schema does. Immutable.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"

namespace rankloop {

// Up to what is exact in every JSON reader.
inline constexpr std::int64_t kLargestNumber = (1LL << 53) - 1;

// A whole number within bounds.
struct NumberInput {
  std::string_view name;
  std::string_view help;
  std::int64_t minimum = 1;
  std::int64_t maximum = kLargestNumber;
  std::optional<std::int64_t> preset{};   // what counts when it is not given
  std::optional<std::int64_t> example{};  // for those without a preset
  std::string_view unit = "";             // what it counts, for the words that refuse it in a body
};

// A number of a body, with a fraction.
struct RealInput {
  std::string_view name;
  std::string_view help;
  double minimum = 0;
  double maximum = std::numeric_limits<double>::infinity();
  bool below = false;  // the maximum itself is no longer allowed
  std::optional<double> example{};
  std::string_view unit = "";  // of a number that is refused when it is read; others the use case judges
  std::string_view missing = "Field required";
};

// True or false; in a query false unless it is given.
struct FlagInput {
  std::string_view name;
  std::string_view help;
};

// Which characters a text may have.
enum class Characters { kAll, kAllButNul, kVisibleAscii };

struct TextInput {
  std::string_view name;
  std::string_view help;
  std::size_t least = 0;              // characters
  std::optional<std::size_t> most{};  // characters
  std::optional<std::string_view> preset{};
  Characters characters = Characters::kAll;
  std::optional<std::string_view> example{};
};

// How a word that is none of a choice's words is refused: "level is 'loud'; allowed are low and high".
struct ChoiceRefusal {
  std::string_view before = "";    // "level is "
  bool quotes = false;             // what was given comes next
  std::string_view after = "";     // "; allowed are ", then the words
  std::string_view last = " or ";  // before the last word
  std::string_view type = "enum";
};

// One of a few words.
struct ChoiceInput {
  std::string_view name;
  std::string_view help;
  std::vector<std::string_view> words;
  std::optional<std::string_view> preset{};
  std::optional<std::string_view> example{};
  // None: what the words are, and where there is a preset, also which word was given.
  std::optional<ChoiceRefusal> refusal{};
};

// A duration such as 500ms or 30s.
struct DurationInput {
  std::string_view name;
  std::string_view help;
  std::chrono::milliseconds most;  // a longer one counts as this
};

// The id of a task.
struct TaskInput {
  std::string_view name;
  std::string_view help;
};

// The id of one item in a body. A whole number that is no item's names none, and is answered as one that is
// not there.
struct ItemInput {
  std::string_view name;
  std::string_view help;
  ItemIdType type = ItemIdType::kNumber;
  std::optional<std::int64_t> instead{};  // a number that may stand in its place, below all ids
  std::optional<std::string> example{};   // JSON
};

// The ids of some items in a body.
struct ItemsInput {
  std::string_view name;
  std::string_view help;
  std::string_view help_of_one;
  std::size_t most = 0;  // items
  ItemIdType type = ItemIdType::kNumber;
};

// "asc or desc", "a, b or c".
std::string joined(const std::vector<std::string_view>& words, std::string_view last);

// What is said of a word that is none of the choice's; `shown` is the word as a message repeats it.
std::string refusal_of(const ChoiceInput& input, std::string_view shown);
std::string_view type_of_refusal(const ChoiceInput& input);

// What is wrong with a text; nothing: it is sound.
struct TextFault {
  std::string message;
  std::string_view type;
};
std::optional<TextFault> fault_of(const TextInput& input, std::string_view text);

}  // namespace rankloop
