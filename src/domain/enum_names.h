// An enum whose values are counted from 0 and the array of their names, in step.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace rankloop {

template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_named(const std::array<std::string_view, N>& names,
                                          std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum, std::size_t N>
constexpr std::string_view name_among(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace rankloop
