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

// "YYYY-MM-DDThh:mm:ssZ" or with exactly three digits of a second's fraction; no leap seconds.
std::optional<WallTime> parse_moment(std::string_view text);

}  // namespace rankloop
