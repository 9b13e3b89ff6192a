// Checks numbers, flags, moments, texts and words, and writes them in their canonical form.
#include "domain/scalar_value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>

#include <boost/json/string.hpp>

#include "domain/calendar.h"
#include "domain/closest_name.h"
#include "domain/field_value.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::string& text) {
  return {text.data(), text.size()};
}

// The number of a JSON number, none of anything else.
std::optional<double> number_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::int64:
      return static_cast<double>(value.get_int64());
    case json::kind::uint64:
      return static_cast<double>(value.get_uint64());
    case json::kind::double_:
      return value.get_double();
    default:
      return std::nullopt;
  }
}

void append_integer(std::string& out, double whole) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, static_cast<std::int64_t>(whole)).ptr);
}

std::optional<ValueFault> out_of_bounds(const Field& field, double number, const json::value& value) {
  const bool whole = field.type == FieldType::kInt || field.type == FieldType::kIntList;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double minimum = field.minimum.value_or(whole ? kSmallestInt : -kInfinity);
  const double maximum = field.maximum.value_or(whole ? kLargestInt : kInfinity);
  // The bounds of a field that declares none surprise whoever does not know them.
  const auto preset = [&](const std::optional<double>& declared, std::string_view key) {
    return declared ? std::string{}
                    : "; a field takes larger numbers, up to 2^53, when the domain declares its " +
                          std::string{key};
  };
  if (number < minimum) {
    return ValueFault{"should be at least " + describe_bound(field.type, minimum) + ", not " +
                          describe(value) + preset(field.minimum, "minimum"),
                      "greater_than_equal"};
  }
  if (number > maximum) {
    return ValueFault{"should be at most " + describe_bound(field.type, maximum) + ", not " +
                          describe(value) + preset(field.maximum, "maximum"),
                      "less_than_equal"};
  }
  return std::nullopt;
}

// Seconds or milliseconds since 1970, where the field takes them.
std::optional<WallTime> moment_of_number(Epoch epoch, double number) {
  const double milliseconds = epoch == Epoch::kSeconds ? number * 1000 : number;
  return moment_at(std::floor(milliseconds));
}

std::string shape_of_moments(Epoch epoch) {
  std::string shape =
      "should be a moment with its offset, as \"2026-03-01T12:00:00Z\" or "
      "\"2026-03-01T13:00:00+01:00\"";
  if (epoch == Epoch::kSeconds) shape += ", or seconds since 1970, as 1772366400";
  if (epoch == Epoch::kMilliseconds) shape += ", or milliseconds since 1970, as 1772366400000";
  return shape + ", not ";
}

// Whether `value` is a text that can be kept: UTF-8, without NUL.
std::optional<ValueFault> check_text(const json::value& value, std::string_view what) {
  const json::string* text = value.if_string();
  if (text == nullptr)
    return ValueFault{"should be " + std::string{what} + ", not " + describe(value), "string_type"};
  if (!is_utf8(text_of(*text))) return ValueFault{"should be valid UTF-8", "string_unicode"};
  if (text_of(*text).find('\0') != std::string_view::npos)
    return ValueFault{"should not contain the character NUL", "value_error"};
  return std::nullopt;
}

std::optional<ValueFault> check_length(std::size_t characters, std::size_t least, std::size_t most) {
  const auto told = [](std::size_t count) {
    return std::to_string(count) + (count == 1 ? " character" : " characters");
  };
  const std::string but = ", not " + std::to_string(characters);
  if (characters < least) return ValueFault{"should have at least " + told(least) + but, "string_too_short"};
  if (characters > most) return ValueFault{"should have at most " + told(most) + but, "string_too_long"};
  return std::nullopt;
}

// The first words that a field allows, for a message.
std::string listed_words(const std::vector<std::string>& words) {
  constexpr std::size_t kShown = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(words.size(), kShown); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
    append_json_string(list, words[i]);
  }
  if (words.size() > kShown) list += " or another of " + std::to_string(words.size());
  return list;
}

std::optional<ValueFault> check_listed(const std::vector<std::string>& words, std::string_view word,
                                       const json::value& value) {
  if (words.empty() || std::find(words.begin(), words.end(), word) != words.end()) return std::nullopt;
  std::string message = "should be " + listed_words(words) + ", not " + describe(value);
  const std::vector<std::string_view> known(words.begin(), words.end());
  if (const auto nearest = closest_name(word, known)) {
    message += "; did you mean ";
    append_json_string(message, *nearest);
    message += '?';
  }
  return ValueFault{std::move(message), "enum"};
}

}  // namespace

std::optional<ValueFault> read_int(const Field& field, const json::value& value, double& number,
                                   std::string& out) {
  const auto given = number_of(value);
  if (!given) return ValueFault{"should be a whole number, not " + describe(value), "int_type"};
  if (auto fault = out_of_bounds(field, *given, value)) return fault;
  if (*given != std::trunc(*given)) {
    return ValueFault{"should be a whole number, not " + describe(value), "int_from_float"};
  }
  number = *given + 0.0;  // -0.0 becomes 0
  append_integer(out, number);
  return std::nullopt;
}

std::optional<ValueFault> read_float(const Field& field, const json::value& value, double& number,
                                     std::string& out) {
  const auto given = number_of(value);
  if (!given) return ValueFault{"should be a number, not " + describe(value), "float_type"};
  if (!std::isfinite(*given)) return ValueFault{"should be a finite number", "finite_number"};
  if (auto fault = out_of_bounds(field, *given, value)) return fault;
  number = *given + 0.0;
  append_json_number(out, number);
  return std::nullopt;
}

std::optional<ValueFault> read_bool(const json::value& value, double& number, std::string& out) {
  const bool* flag = value.if_bool();
  if (flag == nullptr) return ValueFault{"should be true or false, not " + describe(value), "bool_type"};
  number = *flag ? 1 : 0;
  out += *flag ? "true" : "false";
  return std::nullopt;
}

std::optional<ValueFault> read_date(const Field& field, const json::value& value, double& number,
                                    std::string& out) {
  const json::string* text = value.if_string();
  constexpr std::string_view kShape = "should be a date as \"2026-03-01\", not ";
  if (text == nullptr) return ValueFault{std::string{kShape} + describe(value), "date_type"};
  const auto day = parse_date(text_of(*text));
  if (!day) return ValueFault{std::string{kShape} + describe(value), "date_from_datetime_parsing"};
  const auto days = static_cast<double>(day->time_since_epoch().count());
  if (auto fault = out_of_bounds(field, days, value)) return fault;
  number = days;
  append_json_string(out, text_of(*text));
  return std::nullopt;
}

std::optional<ValueFault> read_time(const Field& field, const json::value& value, double& number,
                                    std::string& out) {
  const json::string* text = value.if_string();
  const auto given = field.epoch == Epoch::kNone ? std::nullopt : number_of(value);
  if (text == nullptr && !given) {
    return ValueFault{shape_of_moments(field.epoch) + describe(value), "datetime_type"};
  }
  const auto moment = given ? moment_of_number(field.epoch, *given) : parse_moment(text_of(*text));
  if (!moment) return ValueFault{shape_of_moments(field.epoch) + describe(value), "datetime_parsing"};
  const double seconds = static_cast<double>(moment->time_since_epoch().count()) / 1000;
  if (auto fault = out_of_bounds(field, seconds, value)) return fault;
  number = seconds;
  append_json_string(out, to_iso8601(*moment));
  return std::nullopt;
}

std::optional<ValueFault> read_text(const Field& field, const json::value& value, double& length,
                                    std::string& out) {
  if (auto fault = check_text(value, "a text")) return fault;
  const std::string_view text = text_of(value.get_string());
  const std::size_t characters = characters_in(text);
  if (auto fault = check_length(characters, field.min_length, field.max_length)) return fault;
  length = static_cast<double>(characters);
  append_json_string(out, text);
  return std::nullopt;
}

std::optional<ValueFault> read_word(const Field& field, const json::value& value, std::string_view& word,
                                    std::string& out) {
  if (auto fault = check_text(value, "a word")) return fault;
  const std::string_view text = text_of(value.get_string());
  if (auto fault = check_length(characters_in(text), 1, kLongestWord)) return fault;
  if (auto fault = check_listed(field.values, text, value)) return fault;
  word = text;
  append_json_string(out, text);
  return std::nullopt;
}

}  // namespace rankloop
