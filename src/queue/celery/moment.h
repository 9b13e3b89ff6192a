// Moments as Python's isoformat() writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rankloop::queue::celery {

using Moment = std::chrono::system_clock::time_point;

// "YYYY-MM-DD", then 'T' or a space, "hh:mm[:ss[.fraction]]", then nothing or 'Z' (UTC) or an offset
// "+hh:mm[:ss]" of less than a day.
std::optional<Moment> parse_iso_moment(std::string_view text);

// "2026-11-23T10:00:00.123456+00:00".
std::string to_iso_moment(Moment moment);

// Seconds since the epoch, as events and inspections give times.
double to_seconds(Moment moment);

}  // namespace rankloop::queue::celery
