// Reads lines of JSON and lays their members out under a header.
#include "tables/json_rows.h"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include <boost/json/serialize.hpp>

#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop::tables {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostMembers = 4'000;

Result<json::object> object_in(std::string_view line, Encoding encoding) {
  const auto invalid = [](std::string why) { return Error{ErrorCode::kInvalidArgument, std::move(why)}; };
  if (line.size() > kMaxRowBytes) return invalid(std::string{kRowTooLong});
  if (!is_utf8(line)) return invalid(not_utf8(encoding));
  auto value = parse_strict_json(line);
  if (!value)
    return invalid(value.error().faults.empty() ? value.error().message : value.error().faults.front().msg);
  if (!value->is_object()) return invalid("the line is no JSON object");
  return std::move(value->get_object());
}

std::string cell_of(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string{std::string_view{value.get_string()}};
  if (!value.is_double()) return json::serialize(value);
  std::string number;
  append_json_number(number, value.get_double());
  return number;
}

}  // namespace

Result<bool> holds_json_lines(std::string_view file, const Bytes& bytes, const TextOptions& options) {
  for (const std::string_view packed : {".gz", ".zst", ".zstd"}) {
    if (file.ends_with(packed)) file.remove_suffix(packed.size());
  }
  if (file.ends_with(".jsonl") || file.ends_with(".ndjson")) return true;
  auto text = open_text(bytes, options);
  if (!text) return text.error();
  LineReader reader{std::move(text->source)};
  if (!reader.next()) return reader.status() ? Result<bool>(false) : reader.status().error();
  return reader.text().starts_with('{') && reader.text().find('"') != std::string_view::npos;
}

Result<std::vector<std::string>> members_of_lines(const Bytes& bytes, const TextOptions& options,
                                                  std::size_t rows) {
  auto text = open_text(bytes, options);
  if (!text) return text.error();
  std::vector<std::string> members;
  std::unordered_set<std::string> known;
  const Encoding encoding = text->encoding;
  LineReader reader{std::move(text->source)};
  for (std::size_t row = 0; row < rows && reader.next(); ++row) {
    const auto object = object_in(reader.text(), encoding);
    if (!object) continue;
    for (const auto& [key, value] : *object) {
      std::string name{key.data(), key.size()};
      if (members.size() < kMostMembers && known.insert(name).second) members.push_back(std::move(name));
    }
  }
  if (!reader.status()) return reader.status().error();
  if (!members.empty()) return members;
  return Error{ErrorCode::kInvalidArgument,
               "has no line that is a JSON object with members, as {\"id\": 1, \"price\": 2.5}"};
}

std::string cell_in(std::string_view line, std::string_view member) {
  const auto object = object_in(line, Encoding::kUtf8);
  const json::value* const value = object ? object->if_contains(member) : nullptr;
  return value == nullptr ? std::string{} : cell_of(*value);
}

JsonRows::JsonRows(Text text, std::vector<std::string> header)
    : encoding_(text.encoding), reader_(std::move(text.source)) {
  header_ = std::move(header);
  for (std::size_t i = 0; i < header_.size(); ++i) columns_.emplace(header_[i], i);
  texts_.resize(header_.size());
  cells_.resize(header_.size());
}

Result<JsonRows> JsonRows::open(const Bytes& bytes, const TextOptions& options,
                                std::vector<std::string> header) {
  auto text = open_text(bytes, options);
  if (!text) return text.error();
  return JsonRows{*std::move(text), std::move(header)};
}

Status JsonRows::read_header(std::span<const std::string_view>) {
  return {};
}

bool JsonRows::next() {
  if (!reader_.next()) return false;
  auto object = object_in(reader_.text(), encoding_);
  why_bad_ = object ? std::string{} : object.error().message;
  if (!object) return true;
  object_ = *std::move(object);
  take_members();
  return true;
}

void JsonRows::take_members() {
  std::ranges::fill(cells_, std::string_view{});
  for (const auto& [key, value] : object_) {
    const auto column = columns_.find(std::string{key.data(), key.size()});
    if (column == columns_.end()) continue;
    texts_[column->second] = cell_of(value);
    cells_[column->second] = texts_[column->second];
  }
}

Result<std::unique_ptr<TableRows>> json_rows(const Bytes& bytes, const TextOptions& options) {
  auto members = members_of_lines(bytes, options, std::numeric_limits<std::size_t>::max());
  if (!members) return members.error();
  auto rows = JsonRows::open(bytes, options, *std::move(members));
  if (!rows) return rows.error();
  return std::unique_ptr<TableRows>(std::make_unique<JsonRows>(*std::move(rows)));
}

}  // namespace rankloop::tables
