// Rows of text: each cell becomes the JSON value that its field expects, or stays a text that the field
// refuses with its own words; then the one way of checking is used.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>

#include <boost/json/array.hpp>

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
  double number = 0;
  const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  // "inf" and "nan" are numbers to from_chars; the fields refuse them as texts.
  const bool spelled = cell.find_first_of("nN") != std::string_view::npos;
  if (fault != std::errc{} || end != cell.data() + cell.size() || spelled) return text_value(cell);
  return number;
}

json::value flag_value(std::string_view cell) {
  if (cell == "1" || cell == "true") return true;
  if (cell == "0" || cell == "false") return false;
  return text_value(cell);
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

// None: the cell is empty, so the field is absent.
std::optional<json::value> cell_value(const Field& field, std::string_view cell) {
  const std::string_view text = trimmed(cell);
  const bool may_be_empty = field.type == FieldType::kString || field.type == FieldType::kIntList;
  if (text.empty() && !(field.required && may_be_empty)) return std::nullopt;
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kFloat:
      return number_value(text);
    case FieldType::kBool:
      return flag_value(text);
    case FieldType::kIntList:
      return list_value(text);
    case FieldType::kDate:
    case FieldType::kTime:
      return text_value(text);
    case FieldType::kString:
      break;
  }
  return text_value(cell);
}

}  // namespace

Result<Record> Schema::check_cells(std::span<const std::string> header,
                                   std::span<const std::string_view> cells,
                                   std::span<const std::string_view> loc,
                                   std::span<const std::string_view> ignored) const {
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
  Result<Record> record = Plan::assemble(*this, given, std::move(faults));
  if (record) record->unknown_fields = unknown;
  return record;
}

}  // namespace rankloop
