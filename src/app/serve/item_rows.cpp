// Reads the rows of an import as a table or as JSON lines, and checks each against the domain.
#include "app/serve/item_rows.h"

#include <algorithm>

#include <boost/json/object.hpp>

#include "app/row_reader.h"
#include "domain/field_value.h"
#include "domain/schema_names.h"
#include "domain/strict_json.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kCreationTime = "creation_time";

std::string line_name(std::size_t line) {
  return "line " + std::to_string(line);
}

Error line_fault(std::size_t line, std::string message, std::string type = "value_error") {
  return invalid_fields({{{"body", line_name(line)}, std::move(message), std::move(type)}});
}

}  // namespace

Result<ItemId> given_id(const boost::json::value* value, std::string_view field,
                        std::span<const std::string_view> loc) {
  if (value == nullptr || value->is_null()) return ItemId{0};
  boost::system::error_code fault;
  const auto id = value->is_number() ? value->to_number<std::int64_t>(fault) : 0;
  if (value->is_number() && !fault && id >= 1 && id <= kMaxItemId) return ItemId{id};
  std::vector<std::string> place{loc.begin(), loc.end()};
  place.emplace_back(field);
  return invalid_fields(
      {{std::move(place), "Input should be a whole number from 1 to 2^53 - 1, not " + describe(*value),
        "int_type"}});
}

ItemRows::ItemRows(const Domain& domain, std::string_view text, const ImportOptions& options, std::string now)
    : domain_(domain),
      text_(text),
      options_(options),
      now_(std::move(now)),
      id_name_(options.id_column.empty() ? domain.item_id_field : options.id_column) {
  if (!knows(domain_.items, id_name_)) ignored_.push_back(id_name_);
}

std::vector<std::string_view> ItemRows::known_names() const {
  std::vector<std::string_view> names = names_of(domain_.items);
  names.push_back(id_name_);
  return names;
}

Status ItemRows::open() {
  if (!is_table()) return {};
  separator_ = separator_of(text_, options_.format == ImportFormat::kCsv ? ',' : '\t');
  DelimitedReader reader{text_, separator_};
  if (!reader.next()) return {};
  header_line_ = reader.line();
  Result<std::vector<std::string>> names = header_names(reader);
  if (!names) return line_fault(header_line_, names.error().message);
  header_ = *std::move(names);
  const auto has = [&](std::string_view name) {
    return std::find(header_.begin(), header_.end(), name) != header_.end();
  };
  id_column_ =
      static_cast<std::size_t>(std::find(header_.begin(), header_.end(), id_name_) - header_.begin());
  supplies_time_ = domain_.items.field(kCreationTime) != nullptr && !has(kCreationTime);
  for (const std::string& name : header_) {
    if (name != id_name_ && !knows(domain_.items, name)) unknown_.push_back(name);
  }
  return check_header();
}

Status ItemRows::check_header() const {
  std::vector<std::string> missing;
  const bool no_ids = id_column_ == header_.size() && !options_.number_rows;
  if (no_ids) missing.push_back(id_name_);
  for (const Field& field : domain_.items.fields()) {
    const bool given = std::find(header_.begin(), header_.end(), field.name) != header_.end();
    const bool supplied = supplies_time_ && field.name == kCreationTime;
    if (field.required && !given && !supplied) missing.push_back(field.name);
  }
  if (missing.empty()) return {};
  std::string message = "the header has no column " + listed(missing) + nearest_columns(missing, header_) +
                        " It has " + listed(header_);
  if (header_.size() == 1) message += " alone; columns are separated by a comma, semicolon, tab or bar";
  if (no_ids) {
    message +=
        ". Where '" + id_name_ +
        "', the items' ids, stands under another name, give that as id_column; where there are none, say "
        "number_rows";
  }
  return line_fault(header_line_, std::move(message), "missing");
}

void ItemRows::each(const Visit& visit) const {
  if (is_table()) {
    each_delimited(visit);
  } else {
    each_json(visit);
  }
}

void ItemRows::each_json(const Visit& visit) const {
  std::size_t line = 0;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    const std::string_view row = text_.substr(at, end - at);
    at = end + 1;
    ++line;
    if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Result<ItemRow> read = read_json(row, line);
    const bool lacks_id = read && lacks_its_id(*read);
    if (lacks_id) read = no_id(line);
    if (!visit(std::move(read), end) || lacks_id) return;
  }
}

Error ItemRows::no_id(std::size_t line) const {
  return invalid_fields(
      {{{"body", line_name(line), id_name_},
        "is required, here and in every other row: give the key or column of the ids as id_column, "
        "or say number_rows, and rows without an id get the next free one",
        "missing"}});
}

Result<ItemRow> ItemRows::read_json(std::string_view text, std::size_t line) const {
  if (text.size() > kMaxRowBytes) return line_fault(line, std::string{kRowTooLong}, "too_long");
  const std::string place = line_name(line);
  const std::string_view loc[] = {"body", place};
  Result<boost::json::value> value = parse_strict_json(text);
  if (!value) {
    Error error = value.error();
    for (FieldFault& fault : error.faults) fault.loc = {"body", place};
    return error;
  }
  const boost::json::object* object = value->if_object();
  const Result<ItemId> id = given_id(object ? object->if_contains(id_name_) : nullptr, id_name_, loc);
  if (!id) return id.error();
  supply_creation_time(*value);
  Result<Record> record = domain_.items.check(*value, loc, ignored_);
  if (!record) return record.error();
  ItemRow row{*id, *std::move(record), {}};
  if (row.record.unknown_fields > 0) row.unknown_keys = unknown_names(domain_.items, *object, ignored_);
  return row;
}

void ItemRows::supply_creation_time(boost::json::value& value) const {
  boost::json::object* object = value.if_object();
  if (object != nullptr && domain_.items.field(kCreationTime) != nullptr &&
      !object->contains(kCreationTime)) {
    (*object)[kCreationTime] = now_;
  }
}

void ItemRows::each_delimited(const Visit& visit) const {
  DelimitedReader reader{text_, separator_};
  if (!reader.next()) return;
  std::vector<std::string> names = header_;
  if (supplies_time_) names.emplace_back(kCreationTime);
  std::vector<std::string_view> cells;
  while (reader.next()) {
    cells.assign(reader.cells().begin(), reader.cells().end());
    const bool whole = cells.size() == header_.size();
    if (supplies_time_) cells.push_back(now_);
    Result<ItemRow> row =
        whole ? read_cells(names, cells, reader.line())
              : line_fault(reader.line(), "the row has " + std::to_string(reader.cells().size()) +
                                              " cells; the header has " + std::to_string(header_.size()));
    if (!reader.fault().empty()) row = line_fault(reader.line(), std::string{reader.fault()});
    const bool lacks_id = row && lacks_its_id(*row);
    if (lacks_id) row = no_id(reader.line());
    if (!visit(std::move(row), reader.offset()) || lacks_id) return;
  }
}

Result<ItemRow> ItemRows::read_cells(const std::vector<std::string>& names,
                                     const std::vector<std::string_view>& cells, std::size_t line) const {
  const std::string place = line_name(line);
  const std::string_view loc[] = {"body", place};
  ItemId id;
  if (id_column_ < header_.size() && !cells[id_column_].empty()) {
    Result<boost::json::value> number = parse_strict_json(cells[id_column_]);
    const boost::json::value text(boost::json::string(cells[id_column_].data(), cells[id_column_].size()));
    const Result<ItemId> given = given_id(number ? &number.value() : &text, id_name_, loc);
    if (!given) return given.error();
    id = *given;
  }
  Result<Record> record = domain_.items.check_cells(names, cells, loc, ignored_);
  if (!record) return record.error();
  return ItemRow{id, *std::move(record), {}};
}

}  // namespace rankloop::app
