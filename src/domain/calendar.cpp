// Days and moments from text and back.
#include "domain/calendar.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace rankloop {
namespace {

// `digits` decimal digits at `at`, or -1.
int digits_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

constexpr WallTime kFirstMoment = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
constexpr WallTime kLastMoment =
    std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1} - std::chrono::milliseconds{1};

// Takes ".123456789" off the beginning of `text`: one to nine digits, or nothing at all.
std::optional<std::chrono::milliseconds> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return std::chrono::milliseconds{0};
  text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits < 1 || digits > 9) return std::nullopt;
  int milliseconds = 0;
  for (std::size_t i = 0; i < 3; ++i) milliseconds = milliseconds * 10 + (i < digits ? text[i] - '0' : 0);
  text.remove_prefix(digits);
  return std::chrono::milliseconds{milliseconds};
}

// What the clock is ahead of UTC: "Z", "+01:00", "+0100" or "+01".
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes{0};
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int hours = digits_at(text, 1, 2);
  const std::string_view rest = text.substr(text.size() > 3 && text[3] == ':' ? 4 : 3);
  const bool whole_hour = text.size() == 3;
  if (!whole_hour && rest.size() != 2) return std::nullopt;
  const int minutes = whole_hour ? 0 : digits_at(rest, 0, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset{hours * 60 + minutes};
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

std::string to_date_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::optional<WallTime> parse_moment(std::string_view text) {
  if (text.size() < 20 || text.size() > 35) return std::nullopt;
  const bool parted = text[10] == 'T' || text[10] == 't' || text[10] == ' ';
  if (!parted || text[13] != ':' || text[16] != ':') return std::nullopt;
  const auto day = parse_date(text.substr(0, 10));
  const int hour = digits_at(text, 11, 2);
  const int minute = digits_at(text, 14, 2);
  const int second = digits_at(text, 17, 2);
  if (!day || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return std::nullopt;
  text.remove_prefix(19);
  const auto fraction = take_fraction(text);
  const auto offset = parse_offset(text);
  if (!fraction || !offset) return std::nullopt;
  const WallTime moment = WallTime{*day} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                          std::chrono::seconds{second} + *fraction - *offset;
  if (moment < kFirstMoment || moment > kLastMoment) return std::nullopt;
  return moment;
}

std::optional<WallTime> moment_at(double milliseconds) {
  constexpr auto kFirst = static_cast<double>(kFirstMoment.time_since_epoch().count());
  constexpr auto kLast = static_cast<double>(kLastMoment.time_since_epoch().count());
  if (!(milliseconds >= kFirst && milliseconds <= kLast)) return std::nullopt;
  return WallTime{std::chrono::milliseconds{static_cast<std::int64_t>(milliseconds)}};
}

}  // namespace rankloop
