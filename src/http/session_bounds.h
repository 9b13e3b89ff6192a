// How much a session reads at once, and of whom it reads little.
#pragma once

#include <chrono>
#include <cstddef>

namespace rankloop::http {

inline constexpr std::size_t kReadSize = 4U << 10;
inline constexpr std::size_t kBodyReadSize = 64U << 10;
inline constexpr std::size_t kMaxDiscarded = 64U << 10;  // of a refused body, to keep the connection
inline constexpr std::chrono::seconds kLimitedTime{2};   // for the one request of a limited connection

}  // namespace rankloop::http
