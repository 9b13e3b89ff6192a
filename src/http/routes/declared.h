// Inputs of routes, each declared once, as a constant of the route's file: what a request is checked by
// (QueryReader, BodyReader in inputs.h) and what the API description says of it both come from the
// declaration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/route.h"

namespace rankloop::http {

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
};

// A number of a body, with a fraction.
struct RealInput {
  std::string_view name;
  std::string_view help;
  double minimum = 0;
  double maximum = std::numeric_limits<double>::infinity();
  bool below = false;  // the maximum itself is no longer allowed
  std::optional<double> example{};
};

// True or false; in a query false unless it is given.
struct FlagInput {
  std::string_view name;
  std::string_view help;
};

struct TextInput {
  std::string_view name;
  std::string_view help;
  std::size_t most = 0;  // characters; 0: no bound of its own
  std::optional<std::string_view> preset{};
};

// One of a few words. Of a word that is none of them is said what the words are; where there is a preset,
// also which word it was.
struct ChoiceInput {
  std::string_view name;
  std::string_view help;
  std::vector<std::string_view> words;
  std::optional<std::string_view> preset{};
  std::optional<std::string_view> example{};
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

// As parameters of a query.
Parameter in_query(const NumberInput& input);
Parameter in_query(const FlagInput& input);
Parameter in_query(const TextInput& input);
Parameter in_query(const ChoiceInput& input);
Parameter in_query(const DurationInput& input);
Parameter in_query(const TaskInput& input, bool required = false);

// As members of a body, for body_schema(): "name":{...}. A text that need not be there may be null as well.
std::string in_body(const RealInput& input);
std::string in_body(const FlagInput& input);
std::string in_body(const TextInput& input);
std::string in_body(const ChoiceInput& input);

// The JSON Schema of a body with these members; `example` is a JSON text.
std::string body_schema(std::initializer_list<std::string_view> required,
                        std::initializer_list<std::string> members, std::string_view example = {});

}  // namespace rankloop::http
