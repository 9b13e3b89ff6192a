// Dates and moments as text. Only days that exist in the proleptic Gregorian calendar, years 0001 to 9999.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "domain/clock.h"

namespace rankloop {

// "YYYY-MM-DD".
std::optional<std::chrono::sys_days> parse_date(std::string_view text);
std::string to_date_text(std::chrono::sys_days day);

// A moment as RFC 3339 writes it, "2026-03-01T12:00:00.123456789+01:00": up to nine digits of a second's
// fraction, of which three are kept; an offset, which ISO 8601 also writes as "+0100" or "+01"; a blank may
// stand for the T. None without an offset, and no leap seconds.
std::optional<WallTime> parse_moment(std::string_view text);

// The moment of so many whole milliseconds since 1970; none outside the years 0001 to 9999.
std::optional<WallTime> moment_at(double milliseconds);

}  // namespace rankloop
