// What a TOML text may ask of its parser, looked at before it is parsed: toml++ calls itself once for each
// level and has no bound for the levels that dotted keys make.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rankloop {

inline constexpr std::size_t kMaxTomlBytes = 1 << 20;
inline constexpr std::size_t kMaxTomlParts = 32;  // of one dotted key
inline constexpr std::size_t kMaxTomlDepth = 32;  // of lists and inline tables in each other

struct TomlExcess {
  std::size_t line = 1;  // 1-based
  std::size_t column = 1;
  std::string message;  // what is too much, and what is allowed
};

// Nothing when the text keeps within the bounds; whether it is TOML is for the parser to say.
std::optional<TomlExcess> toml_excess(std::string_view text);

}  // namespace rankloop
