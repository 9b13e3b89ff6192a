// Text forms of durations and sizes, as people write them in settings and query parameters.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rankloop {

// "250ms", "30s", "5m", "24h", "7d"; a bare number is seconds ("1.5"). Not negative, at most ten years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string to_text(std::chrono::milliseconds duration);  // the largest whole unit: "1500ms", "30s"

// "512", "64KB", "16MB", "2GB" (powers of 1,024).
std::optional<std::uint64_t> parse_bytes(std::string_view text);
std::string bytes_to_text(std::uint64_t bytes);

}  // namespace rankloop
