// Checks one value against its field and writes it in its canonical form.
#include "domain/field_value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "domain/calendar.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop {
namespace {

namespace json = boost::json;

struct Fault {
  std::string message;
  std::string_view type;
};

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

std::optional<Fault> out_of_bounds(const Field& field, double number, const json::value& value) {
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
    return Fault{"should be at least " + describe_bound(field.type, minimum) + ", not " + describe(value) +
                     preset(field.minimum, "minimum"),
                 "greater_than_equal"};
  }
  if (number > maximum) {
    return Fault{"should be at most " + describe_bound(field.type, maximum) + ", not " + describe(value) +
                     preset(field.maximum, "maximum"),
                 "less_than_equal"};
  }
  return std::nullopt;
}

std::optional<Fault> read_int(const Field& field, const json::value& value, double& number,
                              std::string& out) {
  const auto given = number_of(value);
  if (!given) return Fault{"should be a whole number, not " + describe(value), "int_type"};
  if (auto fault = out_of_bounds(field, *given, value)) return fault;
  if (*given != std::trunc(*given)) {
    return Fault{"should be a whole number, not " + describe(value), "int_from_float"};
  }
  number = *given + 0.0;  // -0.0 becomes 0
  append_integer(out, number);
  return std::nullopt;
}

std::optional<Fault> read_float(const Field& field, const json::value& value, double& number,
                                std::string& out) {
  const auto given = number_of(value);
  if (!given) return Fault{"should be a number, not " + describe(value), "float_type"};
  if (!std::isfinite(*given)) return Fault{"should be a finite number", "finite_number"};
  if (auto fault = out_of_bounds(field, *given, value)) return fault;
  number = *given + 0.0;
  append_json_number(out, number);
  return std::nullopt;
}

std::optional<Fault> read_bool(const json::value& value, double& number, std::string& out) {
  const bool* flag = value.if_bool();
  if (flag == nullptr) return Fault{"should be true or false, not " + describe(value), "bool_type"};
  number = *flag ? 1 : 0;
  out += *flag ? "true" : "false";
  return std::nullopt;
}

std::optional<Fault> read_date(const Field& field, const json::value& value, double& number,
                               std::string& out) {
  const json::string* text = value.if_string();
  constexpr std::string_view kShape = "should be a date as \"2026-03-01\", not ";
  if (text == nullptr) return Fault{std::string{kShape} + describe(value), "date_type"};
  const auto day = parse_date(text_of(*text));
  if (!day) return Fault{std::string{kShape} + describe(value), "date_from_datetime_parsing"};
  const auto days = static_cast<double>(day->time_since_epoch().count());
  if (auto fault = out_of_bounds(field, days, value)) return fault;
  number = days;
  append_json_string(out, text_of(*text));
  return std::nullopt;
}

std::optional<Fault> read_time(const Field& field, const json::value& value, double& number,
                               std::string& out) {
  const json::string* text = value.if_string();
  constexpr std::string_view kShape =
      "should be a moment with its offset, as \"2026-03-01T12:00:00Z\" or \"2026-03-01T13:00:00+01:00\", "
      "not ";
  if (text == nullptr) return Fault{std::string{kShape} + describe(value), "datetime_type"};
  const auto moment = parse_moment(text_of(*text));
  if (!moment) return Fault{std::string{kShape} + describe(value), "datetime_parsing"};
  const double seconds = static_cast<double>(moment->time_since_epoch().count()) / 1000;
  if (auto fault = out_of_bounds(field, seconds, value)) return fault;
  number = seconds;
  append_json_string(out, to_iso8601(*moment));
  return std::nullopt;
}

std::optional<Fault> read_string(const Field& field, const json::value& value, std::string& out) {
  const json::string* string = value.if_string();
  if (string == nullptr) return Fault{"should be a text, not " + describe(value), "string_type"};
  const std::string_view text = text_of(*string);
  if (!is_utf8(text)) return Fault{"should be valid UTF-8", "string_unicode"};
  const std::size_t characters = characters_in(text);
  const std::string length = " characters, not " + std::to_string(characters);
  if (characters < field.min_length) {
    return Fault{"should have at least " + std::to_string(field.min_length) + length, "string_too_short"};
  }
  if (characters > field.max_length) {
    return Fault{"should have at most " + std::to_string(field.max_length) + length, "string_too_long"};
  }
  if (text.find('\0') != std::string_view::npos)
    return Fault{"should not contain the character NUL", "value_error"};
  append_json_string(out, text);
  return std::nullopt;
}

}  // namespace

ListSummary summarise(std::span<const double> numbers) {
  ListSummary summary;
  const auto n = static_cast<double>(numbers.size());
  summary.length = n;
  if (numbers.empty()) return summary;
  double sum = 0;
  for (const double x : numbers) sum += x;
  summary.mean = sum / n;
  double squares = 0;
  for (const double x : numbers) squares += (x - summary.mean) * (x - summary.mean);
  summary.stddev = std::sqrt(squares / n);
  const auto [min, max] = std::minmax_element(numbers.begin(), numbers.end());
  summary.min = *min;
  summary.max = *max;
  return summary;
}

namespace {

void read_list(const Field& field, const json::value& value, FaultList& faults, ListSummary& summary,
               std::string& out) {
  summary.length = kAbsent;  // until the list is known to be good
  const json::array* list = value.if_array();
  if (list == nullptr) {
    return faults.add(field.name, "should be a list of whole numbers, not " + describe(value), "list_type");
  }
  const std::string length = list->size() == 1 ? ", not 1" : ", not " + std::to_string(list->size());
  if (list->size() < field.min_length) {
    return faults.add(field.name,
                      "should have at least " + std::to_string(field.min_length) + " elements" + length,
                      "too_short");
  }
  if (list->size() > field.max_length) {
    return faults.add(field.name,
                      "should have at most " + std::to_string(field.max_length) + " elements" + length,
                      "too_long");
  }
  const std::size_t faults_before = faults.size();
  std::vector<double> numbers(list->size());
  out += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out += ',';
    if (auto fault = read_int(field, (*list)[i], numbers[i], out)) {
      faults.add(field.name, i, std::move(fault->message), fault->type);
    }
  }
  out += ']';
  if (faults.size() == faults_before) summary = summarise(numbers);
}

}  // namespace

void FaultList::add(std::string_view field, std::string message, std::string_view type) {
  FieldFault& fault = faults_.emplace_back();
  fault.loc.assign(loc_.begin(), loc_.end());
  if (!field.empty()) fault.loc.emplace_back(field);
  fault.msg = std::move(message);
  fault.type = type;
}

void FaultList::add(std::string_view field, std::size_t element, std::string message, std::string_view type) {
  add(field, std::move(message), type);
  faults_.back().loc.push_back(std::to_string(element));
}

FieldValue read_field_value(const Field& field, const json::value& value, FaultList& faults,
                            std::string& out) {
  FieldValue read;
  std::optional<Fault> fault;
  switch (field.type) {
    case FieldType::kInt:
      fault = read_int(field, value, read.number, out);
      break;
    case FieldType::kFloat:
      fault = read_float(field, value, read.number, out);
      break;
    case FieldType::kBool:
      fault = read_bool(value, read.number, out);
      break;
    case FieldType::kDate:
      fault = read_date(field, value, read.number, out);
      break;
    case FieldType::kTime:
      fault = read_time(field, value, read.number, out);
      break;
    case FieldType::kString:
      fault = read_string(field, value, out);
      if (!fault) read.words.emplace(1, std::string{value.get_string().data(), value.get_string().size()});
      break;
    case FieldType::kIntList:
      read_list(field, value, faults, read.list, out);
      break;
  }
  if (fault) faults.add(field.name, std::move(fault->message), fault->type);
  return read;
}

std::string describe_number(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

std::string describe_bound(FieldType type, double bound) {
  if (type == FieldType::kDate) {
    return to_date_text(std::chrono::sys_days{std::chrono::days{static_cast<int>(bound)}});
  }
  if (type == FieldType::kTime) {
    return to_iso8601(WallTime{std::chrono::milliseconds{static_cast<std::int64_t>(bound * 1000)}});
  }
  return describe_number(bound);
}

std::string describe(const json::value& value) {
  constexpr std::size_t kShownBytes = 40;
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
    case json::kind::int64:
      return std::to_string(value.get_int64());
    case json::kind::uint64:
      return std::to_string(value.get_uint64());
    case json::kind::double_:
      return describe_number(value.get_double());
    case json::kind::string:
      break;
  }
  const std::string_view text = text_of(value.get_string());
  if (!is_utf8(text)) return "a text that is not UTF-8";
  const std::string_view shown = utf8_prefix(text, kShownBytes);
  std::string quoted;
  append_json_string(quoted, shown);
  if (shown.size() < text.size()) quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

}  // namespace rankloop
