// Checks one value against its field and writes it in its canonical form.
#include "domain/field_value.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "domain/calendar.h"
#include "domain/scalar_value.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop {

namespace json = boost::json;

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

// The elements of a list whose number is allowed; null, with a fault, when it is none.
const json::array* list_of(const Field& field, const json::value& value, std::string_view of,
                           FaultList& faults) {
  const json::array* list = value.if_array();
  if (list == nullptr) {
    faults.add(field.name, "should be a list of " + std::string{of} + ", not " + describe(value),
               "list_type");
    return nullptr;
  }
  const std::string length = list->size() == 1 ? ", not 1" : ", not " + std::to_string(list->size());
  const bool fixed = field.min_length == field.max_length;
  const auto told = [&](std::string_view bound, std::size_t elements) {
    return "should have " + std::string{fixed ? "" : bound} + std::to_string(elements) + " elements" + length;
  };
  if (list->size() < field.min_length) {
    faults.add(field.name, told("at least ", field.min_length), "too_short");
    return nullptr;
  }
  if (list->size() > field.max_length) {
    faults.add(field.name, told("at most ", field.max_length), "too_long");
    return nullptr;
  }
  return list;
}

// Calls read(element, text) for each, which gives its fault.
template <class Read>
bool read_elements(const Field& field, const json::array& list, FaultList& faults, std::string& out,
                   Read read) {
  const std::size_t faults_before = faults.size();
  out += '[';
  std::string text;
  for (std::size_t i = 0; i < list.size(); ++i) {
    text.clear();
    if (auto fault = read(list[i], text)) {
      faults.add(field.name, i, std::move(fault->message), fault->type);
    } else if (!text.empty()) {
      if (out.back() != '[') out += ',';
      out += text;
    }
  }
  out += ']';
  return faults.size() == faults_before;
}

FieldValue read_int_list(const Field& field, const json::value& value, FaultList& faults, std::string& out) {
  FieldValue read;
  const json::array* list = list_of(field, value, "whole numbers", faults);
  if (list == nullptr) return read;
  std::vector<double> numbers;
  const bool good =
      read_elements(field, *list, faults, out, [&](const json::value& element, std::string& text) {
        return read_int(field, element, numbers.emplace_back(), text);
      });
  if (good) read.list = summarise(numbers), read.numbers = std::move(numbers);
  return read;
}

// Tags are a set: a word that comes again is left out.
FieldValue read_tags(const Field& field, const json::value& value, FaultList& faults, std::string& out) {
  FieldValue read;
  const json::array* list = list_of(field, value, "words", faults);
  if (list == nullptr) return read;
  std::vector<std::string> words;
  const bool good =
      read_elements(field, *list, faults, out, [&](const json::value& element, std::string& text) {
        std::string_view word;
        auto fault = read_word(field, element, word, text);
        if (fault) return fault;
        if (std::find(words.begin(), words.end(), word) != words.end())
          text.clear();
        else
          words.emplace_back(word);
        return fault;
      });
  if (!good) return read;
  read.list.length = static_cast<double>(words.size());
  read.words = std::move(words);
  return read;
}

FieldValue read_vector(const Field& field, const json::value& value, FaultList& faults, std::string& out) {
  FieldValue read;
  const json::array* list = list_of(field, value, "numbers", faults);
  if (list == nullptr) return read;
  std::vector<double> numbers;
  const bool good =
      read_elements(field, *list, faults, out, [&](const json::value& element, std::string& text) {
        return read_float(field, element, numbers.emplace_back(), text);
      });
  if (good) read.numbers = std::move(numbers);
  return read;
}

FieldValue read_place(const Field& field, const json::value& value, FaultList& faults, std::string& out) {
  FieldValue read;
  const json::object* place = value.if_object();
  if (place == nullptr) {
    faults.add(field.name, "should be a place, as {\"lat\": 52.52, \"lon\": 13.405}, not " + describe(value),
               "dict_type");
    return read;
  }
  const std::size_t faults_before = faults.size();
  const auto degrees = [&](std::string_view member, double most, std::string_view before) {
    Field bounded;
    bounded.minimum = -most;
    bounded.maximum = most;
    double number = kAbsent;
    const json::value* given = place->if_contains(member);
    out += before;
    if (given == nullptr) {
      faults.add(field.name, member, "is required", "missing");
    } else if (auto fault = read_float(bounded, *given, number, out)) {
      faults.add(field.name, member, std::move(fault->message), fault->type);
    }
    return number;
  };
  const double latitude = degrees("lat", 90, "{\"lat\":");
  const double longitude = degrees("lon", 180, ",\"lon\":");
  out += '}';
  if (faults.size() == faults_before) read.numbers = {latitude, longitude};
  return read;
}

}  // namespace

void FaultList::add(std::string_view field, std::string message, std::string_view type) {
  FieldFault& fault = faults_.emplace_back();
  fault.loc.assign(loc_.begin(), loc_.end());
  if (!field.empty()) fault.loc.emplace_back(field);
  fault.msg = std::move(message);
  fault.type = type;
}

void FaultList::add(std::string_view field, std::string_view member, std::string message,
                    std::string_view type) {
  add(field, std::move(message), type);
  faults_.back().loc.emplace_back(member);
}

void FaultList::add(std::string_view field, std::size_t element, std::string message, std::string_view type) {
  add(field, std::to_string(element), std::move(message), type);
}

FieldValue read_field_value(const Field& field, const json::value& value, FaultList& faults,
                            std::string& out) {
  FieldValue read;
  std::optional<ValueFault> fault;
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
    case FieldType::kText:
      fault = read_text(field, value, read.list.length, out);
      if (!fault) read.words.emplace(1, std::string{value.get_string().data(), value.get_string().size()});
      break;
    case FieldType::kCategory: {
      std::string_view word;
      fault = read_word(field, value, word, out);
      if (fault) break;
      read.list.length = static_cast<double>(characters_in(word));
      read.words.emplace(1, std::string{word});
      break;
    }
    case FieldType::kIntList:
      return read_int_list(field, value, faults, out);
    case FieldType::kTags:
      return read_tags(field, value, faults, out);
    case FieldType::kVector:
      return read_vector(field, value, faults, out);
    case FieldType::kPlace:
      return read_place(field, value, faults, out);
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
  const std::string_view text = std::string_view{value.get_string().data(), value.get_string().size()};
  if (!is_utf8(text)) return "a text that is not UTF-8";
  const std::string_view shown = utf8_prefix(text, kShownBytes);
  std::string quoted;
  append_json_string(quoted, shown);
  if (shown.size() < text.size()) quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

}  // namespace rankloop
