// Writes reports of columns, and reads corrections of them.
#include "infer/inferred_json.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "domain/strict_json.h"
#include "tables/header.h"

namespace rankloop::infer {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

json::object to_object(const TableFacts& facts) {
  return {{"rows", facts.rows},
          {"bad_rows", facts.bad_rows},
          {"whole_file", facts.whole_file},
          {"separator",
           facts.separator == '\0' ? "none" : std::string{tables::name_of_separator(facts.separator)}},
          {"encoding", std::string{tables::name_of(facts.encoding)}}};
}

json::object to_object(const ColumnReport& column) {
  return {{"table", column.table},       {"column", column.column},
          {"role", column.role},         {"field", column.field},
          {"type", column.type},         {"seen", column.seen},
          {"feature", column.feature},   {"doubts", texts(column.doubts)},
          {"required", column.required}, {"values", texts(column.values)}};
}

json::object to_object(const HistoryColumnNames& columns) {
  return {{"request", columns.request},
          {"person", columns.person},
          {"moment", columns.moment},
          {"item", columns.item},
          {"pick", columns.pick},
          {"number_rows", columns.number_rows},
          {"importable", columns.importable}};
}

Error wrong(const std::string& what) {
  return {ErrorCode::kInvalidArgument, "corrections: " + what};
}

// One member of a correction; false: it has another type than it must have.
bool read_member(Correction& correction, std::string_view name, const json::value& value) {
  if (name == "column" || name == "type" || name == "name") {
    if (!value.is_string()) return false;
    std::string& text = name == "column" ? correction.column
                        : name == "type" ? correction.type
                                         : correction.name;
    text = std::string_view{value.get_string()};
    return true;
  }
  if (!value.is_bool()) return false;
  std::optional<bool>& flag = name == "ignored"    ? correction.ignored
                              : name == "required" ? correction.required
                              : name == "closed"   ? correction.closed
                                                   : correction.feature;
  flag = value.get_bool();
  return true;
}

Result<Correction> read_correction(const json::value& value) {
  constexpr std::string_view kMembers[] = {"column",   "type",   "name",   "ignored",
                                           "required", "closed", "feature"};
  if (!value.is_object()) return wrong("each one is an object with a column");
  Correction correction;
  for (const auto& [key, member] : value.get_object()) {
    const std::string name{key.data(), key.size()};
    if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers)) {
      return wrong("'" + name +
                   "' is no member; allowed are column, type, name, ignored, required, closed and feature");
    }
    if (!read_member(correction, name, member)) return wrong("'" + name + "' has a value of another type");
  }
  if (!value.get_object().contains("column")) return wrong("each one names its column");
  return correction;
}

}  // namespace

json::object to_object(const Inferred& inferred) {
  json::array columns;
  for (const ColumnReport& each : inferred.columns) columns.push_back(to_object(each));
  json::object object{
      {"name", inferred.name},
      {"id_column", inferred.id_column},
      {"number_rows", inferred.id_column.empty()},
      {"items", to_object(inferred.items)},
      {"history", inferred.history ? json::value(to_object(*inferred.history)) : json::value()},
      {"requests", inferred.requests ? json::value(to_object(*inferred.requests)) : json::value()},
      {"columns", std::move(columns)},
      {"doubts", texts(inferred.doubts)}};
  if (inferred.history) object["history_columns"] = to_object(inferred.history_columns);
  return object;
}

Result<std::vector<Correction>> read_corrections(std::string_view text) {
  std::vector<Correction> corrections;
  if (text.empty()) return corrections;
  const auto value = parse_strict_json(text);
  if (!value) return wrong("is no JSON");
  if (!value->is_array()) return wrong("is no list");
  for (const json::value& each : value->get_array()) {
    auto correction = read_correction(each);
    if (!correction) return correction.error();
    corrections.push_back(*std::move(correction));
  }
  return corrections;
}

}  // namespace rankloop::infer
