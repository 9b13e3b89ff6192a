// Reads the rows of an import as a table or as JSON lines, and checks each against the domain.
#include "app/serve/item_rows.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json/object.hpp>

#include "app/bad_rows.h"
#include "domain/field_value.h"
#include "domain/schema_names.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"
#include "tables/header.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kCreationTime = "creation_time";

std::string line_name(std::size_t line) {
  return "line " + std::to_string(line);
}

Error line_fault(std::size_t line, std::string message, std::string type = "value_error") {
  return invalid_fields({{{"body", line_name(line)}, std::move(message), std::move(type)}});
}

// What names the ids: the domain, by their column where it has one, or somebody else.
const std::string& id_name(const Domain& domain, const ImportedNames& fields, const std::string& asked) {
  const bool as_domain = asked.empty() || asked == fields.column_of(domain.item_id_field);
  return as_domain ? domain.item_id_field : asked;
}

}  // namespace

Result<ItemName> given_name(const boost::json::value* value, ItemIdType type, std::string_view field,
                            std::span<const std::string_view> loc) {
  if (value == nullptr || value->is_null()) return ItemName{};
  const auto can_be_given = [](const ItemName& name) {
    return !name.key.empty() || is_item_number(name.number);
  };
  if (auto name = item_name_of(*value, type); name && can_be_given(*name)) return *std::move(name);
  std::vector<std::string> place{loc.begin(), loc.end()};
  place.emplace_back(field);
  return invalid_fields(
      {{std::move(place),
        "Input should be " + std::string{allowed_item_id(type)} + ", not " + describe(*value),
        std::string{type_of_no_id(type)}}});
}

ItemRows::ItemRows(const Domain& domain, tables::Bytes bytes, const ImportOptions& options, std::string now)
    : domain_(domain),
      fields_(domain, Side::kItem),
      bytes_(std::move(bytes)),
      options_(options),
      now_(std::move(now)),
      id_name_(id_name(domain, fields_, options.id_column)) {
  if (!knows(domain_.items, id_name_)) ignored_.push_back(id_name_);
}

std::vector<std::string_view> ItemRows::known_names() const {
  std::vector<std::string_view> names = names_of(domain_.items);
  for (const FieldColumn& each : fields_.columns()) names.push_back(each.column);
  names.push_back(id_name_);
  return names;
}

Status ItemRows::open() {
  if (options_.number_rows && domain_.item_id_type == ItemIdType::kText) {
    return Error{
        ErrorCode::kInvalidArgument,
        "the ids of this domain are texts, so rows without one cannot be counted; give the column or "
        "key of the ids as id_column instead of number_rows"};
  }
  Result<tables::Text> text = tables::open_text(bytes_, options_.text);
  if (!text) return text.error();
  compression_ = text->compression;
  encoding_ = text->encoding;
  if (!is_table()) return {};
  const char expected = options_.format == ImportFormat::kCsv ? ',' : '\t';
  tables::DelimitedReader reader{std::move(text->source),
                                 options_.separator != '\0' ? options_.separator : expected};
  if (!reader.next()) return reader.status();
  return read_header(reader);
}

Status ItemRows::read_header(tables::DelimitedReader& reader) {
  header_line_ = reader.line();
  if (!is_utf8(reader.raw())) return not_utf8(header_line_);
  if (options_.separator == '\0') tables::separator_of(reader, known_names());
  separator_ = reader.delimiter();
  Result<std::vector<std::string>> names = tables::header_names(reader);
  if (!names) return line_fault(header_line_, names.error().message);
  header_ = *std::move(names);
  names_ = known_columns(header_, {&fields_, 1});
  const auto has = [&](std::string_view name) {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  };
  const auto& by_name = id_name_ == domain_.item_id_field ? names_ : header_;
  id_column_ = static_cast<std::size_t>(std::ranges::find(by_name, id_name_) - by_name.begin());
  supplies_time_ = domain_.items.field(kCreationTime) != nullptr && !has(kCreationTime);
  if (supplies_time_) names_.emplace_back(kCreationTime);
  const bool of_bad_rows = header_.size() > 2 && begins_as_bad_row(header_[0], header_[1], domain_.items);
  if (of_bad_rows) ignored_.insert(ignored_.end(), {kBadLine, kBadReason});
  for (std::size_t i = of_bad_rows ? 2 : 0; i < header_.size(); ++i) {
    if (i != id_column_ && !knows(domain_.items, names_[i])) unknown_.push_back(header_[i]);
  }
  return check_header();
}

Status ItemRows::check_header() const {
  std::vector<std::string> missing;
  const bool no_ids = id_column_ == header_.size() && !options_.number_rows;
  if (no_ids) missing.push_back(id_name_);
  for (const Field& field : domain_.items.fields()) {
    const bool given = std::find(names_.begin(), names_.end(), field.name) != names_.end();
    const bool supplied = supplies_time_ && field.name == kCreationTime;
    if (field.required && !given && !supplied) missing.push_back(field.name);
  }
  if (missing.empty()) return {};
  std::string message = "the header has no column " + tables::listed(missing) +
                        tables::nearest_columns(missing, header_) + " It has " + tables::listed(header_);
  if (header_.size() == 1) message += " alone; columns are separated by a comma, semicolon, tab or bar";
  if (no_ids) {
    message +=
        ". Where '" + id_name_ + "', the items' ids, stands under another name, give that as id_column";
    if (domain_.item_id_type == ItemIdType::kNumber) message += "; where there are none, say number_rows";
  }
  return line_fault(header_line_, std::move(message), "missing");
}

Status ItemRows::each(const Visit& visit) {
  Result<tables::Text> text = tables::open_text(bytes_, options_.text);
  if (!text) return text.error();
  repeated_headers_ = 0;
  return is_table() ? each_delimited(std::move(text->source), visit)
                    : each_json(std::move(text->source), visit);
}

// A row without the id that it needs is no row; nor is what the visitor wants the last one.
bool ItemRows::deliver(Result<ItemRow> row, RowPlace place, const Visit& visit) const {
  if (row && lacks_its_id(*row)) {
    row = no_id(place.line);
    place.same_for_all = true;
  }
  return visit(std::move(row), place);
}

Status ItemRows::each_json(std::unique_ptr<tables::ByteSource> source, const Visit& visit) {
  tables::LineReader reader{std::move(source)};
  while (reader.next()) {
    const std::size_t line = reader.line();
    const bool good = reader.text().size() > tables::kMaxRowBytes || is_utf8(reader.text());
    Result<ItemRow> row = good ? read_json(reader.text(), line) : not_utf8(line);
    if (!deliver(std::move(row), {line, reader.taken(), false, !good}, visit)) return {};
  }
  return reader.status();
}

Error ItemRows::no_id(std::size_t line) const {
  std::string message =
      "is required, here and in every other row: give the key or column of the ids as id_column";
  if (domain_.item_id_type == ItemIdType::kNumber)
    message += ", or say number_rows, and rows without an id get the next free one";
  return invalid_fields({{{"body", line_name(line), id_name_}, std::move(message), "missing"}});
}

Error ItemRows::not_utf8(std::size_t line) const {
  return line_fault(line, tables::not_utf8(encoding_), "encoding");
}

Result<ItemRow> ItemRows::read_json(std::string_view text, std::size_t line) const {
  if (text.size() > tables::kMaxRowBytes)
    return line_fault(line, std::string{tables::kRowTooLong}, "too_long");
  const std::string place = line_name(line);
  const std::string_view loc[] = {"body", place};
  Result<boost::json::value> value = parse_strict_json(text);
  if (!value) {
    Error error = value.error();
    for (FieldFault& fault : error.faults) fault.loc = {"body", place};
    return error;
  }
  boost::json::object* const object = value->if_object();
  if (object != nullptr) fields_.name_by_fields(*object);
  Result<ItemName> name =
      given_name(object ? object->if_contains(id_name_) : nullptr, domain_.item_id_type, id_name_, loc);
  if (!name) return name.error();
  supply_creation_time(*value);
  std::vector<std::string_view> ignored = ignored_;
  if (object != nullptr && begins_as_bad_row(*object, domain_.items))
    ignored.insert(ignored.end(), {kBadLine, kBadReason});
  Result<Record> record = domain_.items.check(*value, loc, ignored);
  if (!record) return record.error();
  ItemRow row{*std::move(name), *std::move(record), {}};
  if (row.record.unknown_fields > 0) row.unknown_keys = unknown_names(domain_.items, *object, ignored);
  return row;
}

void ItemRows::supply_creation_time(boost::json::value& value) const {
  boost::json::object* object = value.if_object();
  if (object != nullptr && domain_.items.field(kCreationTime) != nullptr &&
      !object->contains(kCreationTime)) {
    (*object)[kCreationTime] = now_;
  }
}

Status ItemRows::each_delimited(std::unique_ptr<tables::ByteSource> source, const Visit& visit) {
  tables::DelimitedReader reader{std::move(source), separator_};
  std::vector<std::string_view> cells;
  bool first = true;
  while (reader.next()) {
    if (std::exchange(first, false)) continue;  // the header
    if (reader.fault().empty() && tables::repeats(header_, reader.cells())) {
      ++repeated_headers_;
      continue;
    }
    const bool unreadable = !reader.fault().empty();
    const bool foreign = !unreadable && !is_utf8(reader.raw());
    Result<ItemRow> row = foreign ? not_utf8(reader.line()) : read_row(reader, cells);
    if (!deliver(std::move(row), {reader.line(), reader.taken(), unreadable, foreign}, visit)) return {};
    if (unreadable) reader.pass_over_line();
  }
  return reader.status();
}

Result<ItemRow> ItemRows::read_row(const tables::DelimitedReader& reader,
                                   std::vector<std::string_view>& cells) const {
  if (!reader.fault().empty()) return line_fault(reader.line(), std::string{reader.fault()});
  cells.assign(reader.cells().begin(), reader.cells().end());
  if (cells.size() != header_.size()) {
    return line_fault(reader.line(), "the row has " + std::to_string(cells.size()) +
                                         " cells; the header has " + std::to_string(header_.size()));
  }
  if (supplies_time_) cells.push_back(now_);
  return read_cells(cells, reader.line());
}

Result<ItemName> ItemRows::name_in(std::string_view cell, std::span<const std::string_view> loc) const {
  std::int64_t plain = 0;
  const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), plain);
  const bool whole = fault == std::errc{} && end == cell.data() + cell.size() && cell.front() != '0';
  const bool numbers = domain_.item_id_type == ItemIdType::kNumber;
  if (numbers && whole && is_item_number({plain})) return ItemName{ItemId{plain}};
  const boost::json::value text(boost::json::string(cell.data(), cell.size()));
  const auto number = numbers ? parse_strict_json(cell) : Result<boost::json::value>(text);
  return given_name(number ? &number.value() : &text, domain_.item_id_type, id_name_, loc);
}

Result<ItemRow> ItemRows::read_cells(const std::vector<std::string_view>& cells, std::size_t line) const {
  const std::string place = line_name(line);
  const std::string_view loc[] = {"body", place};
  Result<ItemName> name = ItemName{};
  if (id_column_ < header_.size() && !cells[id_column_].empty()) name = name_in(cells[id_column_], loc);
  if (!name) return name.error();
  Result<Record> record = domain_.items.check_cells(names_, cells, loc, ignored_);
  if (!record) return record.error();
  return ItemRow{*std::move(name), *std::move(record), {}};
}

}  // namespace rankloop::app
