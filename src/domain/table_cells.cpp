// Rows of text: each cell becomes the JSON value that its field expects, or stays a text that the field
// refuses with its own words; then the one way of checking is used.
#include "domain/table_cells.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "domain/calendar.h"
#include "domain/schema.h"
#include "domain/schema_plan.h"
#include "domain/strict_json.h"

namespace rankloop {
namespace {

namespace json = boost::json;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

json::value text_value(std::string_view cell) {
  return json::string(cell.data(), cell.size());
}

json::value number_value(std::string_view cell) {
  const std::optional<double> number = cell_number(cell);
  return number ? json::value(*number) : text_value(cell);
}

json::value flag_value(std::string_view cell) {
  const std::optional<bool> flag = cell_flag(cell);
  return flag ? json::value(*flag) : text_value(cell);
}

// pandas writes a day as a moment at midnight.
json::value date_value(std::string_view cell) {
  for (const std::string_view midnight : {" 00:00:00", "T00:00:00"}) {
    if (cell.ends_with(midnight)) return text_value(cell.substr(0, cell.size() - midnight.size()));
  }
  return text_value(cell);
}

json::value time_value(Epoch epoch, std::string_view cell) {
  if (epoch == Epoch::kMilliseconds) return number_value(cell);
  const auto moment = cell_moment(cell);
  return moment ? json::value(to_iso8601(*moment)) : text_value(cell);
}

json::value list_value(std::string_view cell) {
  if (cell.starts_with('[')) {
    Result<json::value> list = parse_strict_json(cell);
    return list ? std::move(*list) : text_value(cell);
  }
  json::array list;
  while (!cell.empty()) {
    const std::size_t end = cell.find(';');
    list.push_back(number_value(trimmed(cell.substr(0, end))));
    cell = end == std::string_view::npos ? std::string_view{} : cell.substr(end + 1);
  }
  return list;
}

json::value tags_value(std::string_view separator, std::string_view cell) {
  if (cell.starts_with('[')) {
    Result<json::value> list = parse_strict_json(cell);
    if (list) return std::move(*list);
  }
  json::array tags;
  while (!cell.empty()) {
    const std::size_t end = cell.find(separator);
    const std::string_view tag = trimmed(cell.substr(0, end));
    if (!tag.empty()) tags.push_back(text_value(tag));
    cell = end == std::string_view::npos ? std::string_view{} : cell.substr(end + separator.size());
  }
  return tags;
}

// "[0.5, 1]" as JSON and as numpy writes it, "0.5;1", "0.5,1" and "0.5 1".
json::value vector_value(std::string_view cell) {
  constexpr std::string_view kBetween = "[]; ,\t";
  json::array numbers;
  for (std::size_t at = cell.find_first_not_of(kBetween); at != std::string_view::npos;) {
    const std::size_t end = std::min(cell.find_first_of(kBetween, at), cell.size());
    numbers.push_back(number_value(cell.substr(at, end - at)));
    at = cell.find_first_not_of(kBetween, end);
  }
  return numbers;
}

// "52.52,13.405", or with a semicolon or a blank: latitude, then longitude; or as JSON.
json::value place_value(std::string_view cell) {
  if (cell.starts_with('{')) {
    Result<json::value> place = parse_strict_json(cell);
    return place ? std::move(*place) : text_value(cell);
  }
  json::value numbers = vector_value(cell);
  const json::array& both = numbers.get_array();
  if (both.size() != 2) return text_value(cell);
  return json::object{{"lat", both[0]}, {"lon", both[1]}};
}

std::string small_letters(std::string_view word) {
  std::string small(word);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  constexpr std::size_t kLongestWord = 8;
  return word.size() <= kLongestWord &&
         std::find(words.begin(), words.end(), small_letters(word)) != words.end();
}

}  // namespace

std::optional<json::value> cell_value(const Field& field, std::string_view cell) {
  const std::string_view text = trimmed(cell);
  const bool of_words = has_words(field.type) || field.type == FieldType::kText;
  const bool may_be_empty =
      (of_words && field.type != FieldType::kCategory) || field.type == FieldType::kIntList;
  if (text.empty() && !(field.required && may_be_empty)) return std::nullopt;
  // Of texts nobody can tell the word from a value.
  if (!of_words && is_word_for_nothing(text)) return std::nullopt;
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kFloat:
      return number_value(text);
    case FieldType::kBool:
      return flag_value(text);
    case FieldType::kIntList:
      return list_value(text);
    case FieldType::kDate:
      return date_value(text);
    case FieldType::kTime:
      return time_value(field.epoch, text);
    case FieldType::kTags:
      return tags_value(field.separator, text);
    case FieldType::kVector:
      return vector_value(text);
    case FieldType::kPlace:
      return place_value(text);
    case FieldType::kCategory:
      return text_value(text);
    case FieldType::kString:
    case FieldType::kText:
      break;
  }
  return text_value(cell);
}

std::optional<double> cell_number(std::string_view cell) {
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double number = 0;
  const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  // "inf" and "nan" are numbers to from_chars.
  if (fault != std::errc{} || end != cell.data() + cell.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::vector<double>> cell_list(std::string_view cell) {
  std::vector<double> numbers;
  const json::value list = list_value(cell);
  if (!list.is_array()) return std::nullopt;
  for (const json::value& element : list.get_array()) {
    if (!element.is_number()) return std::nullopt;
    numbers.push_back(element.to_number<double>());
  }
  return numbers;
}

std::optional<bool> cell_flag(std::string_view cell) {
  constexpr std::array<std::string_view, 7> kYes = {"1", "true", "t", "yes", "y", "on", "1.0"};
  constexpr std::array<std::string_view, 7> kNo = {"0", "false", "f", "no", "n", "off", "0.0"};
  if (is_one_of(cell, kYes)) return true;
  if (is_one_of(cell, kNo)) return false;
  return std::nullopt;
}

std::optional<WallTime> cell_moment(std::string_view cell) {
  constexpr double kMostSeconds = 1e11;
  const std::optional<double> seconds = cell_number(cell);
  if (!seconds) return parse_moment(cell);
  if (!(std::abs(*seconds) < kMostSeconds)) return std::nullopt;
  return WallTime{std::chrono::milliseconds{static_cast<std::int64_t>(std::floor(*seconds * 1000))}};
}

bool is_word_for_nothing(std::string_view cell) {
  constexpr std::array<std::string_view, 9> kWords = {"nan",  "na",   "n/a", "<na>", "nat",
                                                      "null", "none", "\\n", "?"};
  return is_one_of(cell, kWords);
}

Result<Record> Schema::check_cells(std::span<const std::string> header,
                                   std::span<const std::string_view> cells,
                                   std::span<const std::string_view> loc,
                                   std::span<const std::string_view> ignored,
                                   std::optional<WallTime> now) const {
  FaultList faults(loc);
  if (header.size() != cells.size()) {
    faults.add({},
               "should have " + std::to_string(header.size()) + " cells as the header has, not " +
                   std::to_string(cells.size()),
               "value_error");
    return invalid_fields(faults.take());
  }
  std::vector<std::optional<json::value>> values(fields_.size());
  std::vector<bool> named(fields_.size(), false);
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (std::find(ignored.begin(), ignored.end(), header[i]) != ignored.end()) continue;
    const auto found = plan_->members.find(header[i]);
    if (!found) ++unknown;
    if (!found || *found >= fields_.size()) continue;
    if (named[*found]) faults.add(header[i], "appears twice in the header", "value_error");
    named[*found] = true;
    values[*found] = cell_value(fields_[*found], cells[i]);
  }
  std::vector<const json::value*> given(fields_.size(), nullptr);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) given[i] = &*values[i];
  }
  Result<Record> record = Plan::assemble(*this, given, std::move(faults), now);
  if (record) record->unknown_fields = unknown;
  return record;
}

}  // namespace rankloop
