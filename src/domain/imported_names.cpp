// Reads which columns fields have, and finds the fields of a header.
#include "domain/imported_names.h"

#include <algorithm>
#include <set>
#include <utility>

#include <toml++/toml.h>

#include "domain/schema_names.h"

namespace rankloop {
namespace {

enum class Claim { kNone, kDisplaced, kOwn };

// Whether a column is a side's by its own name.
Claim claim_of(const ImportedNames& side, std::string_view name, const std::set<std::string_view>& header) {
  const std::string_view column = side.column_of(name);
  if (!column.empty() && column != name && header.contains(column)) return Claim::kDisplaced;
  return side.knows(name) ? Claim::kOwn : Claim::kNone;
}

}  // namespace

std::vector<FieldColumn> field_columns(const Domain& domain, Side side) {
  std::vector<FieldColumn> columns;
  const toml::table file = toml::parse(domain.source);
  if (side == Side::kItem) {
    const auto column = file["item"]["id"]["column"].value<std::string>();
    if (column) columns.push_back({domain.item_id_field, *column});
  }
  const toml::array* fields = file[side == Side::kItem ? "item" : "request"]["field"].as_array();
  if (fields == nullptr) return columns;
  for (const toml::node& field : *fields) {
    const toml::table* table = field.as_table();
    const auto name = table == nullptr ? std::nullopt : (*table)["name"].value<std::string>();
    const auto column = table == nullptr ? std::nullopt : (*table)["column"].value<std::string>();
    if (name && column) columns.push_back({*name, *column});
  }
  return columns;
}

ImportedNames::ImportedNames(const Domain& domain, Side side)
    : schema_(side == Side::kItem ? domain.items : domain.requests), columns_(field_columns(domain, side)) {}

const FieldColumn* ImportedNames::by_column(std::string_view column) const {
  const auto found = std::ranges::find(columns_, column, &FieldColumn::column);
  return found == columns_.end() ? nullptr : &*found;
}

std::string_view ImportedNames::column_of(std::string_view field) const {
  const auto found = std::ranges::find(columns_, field, &FieldColumn::field);
  return found == columns_.end() ? std::string_view{} : found->column;
}

bool ImportedNames::knows(std::string_view field) const {
  return rankloop::knows(schema_, field);
}

void ImportedNames::name_by_fields(boost::json::object& object) const {
  std::vector<std::pair<std::string_view, boost::json::value>> found;
  for (const FieldColumn& each : columns_) {
    boost::json::value* const value = object.if_contains(each.column);
    if (value != nullptr) found.emplace_back(each.field, std::move(*value));
  }
  for (const FieldColumn& each : columns_) object.erase(each.column);
  for (auto& [name, value] : found) object.insert_or_assign(name, std::move(value));
}

std::vector<std::string> known_columns(std::span<const std::string> header,
                                       std::span<const ImportedNames> sides) {
  const std::set<std::string_view> given{header.begin(), header.end()};
  std::vector<std::string> names{header.begin(), header.end()};
  std::set<std::string> taken{header.begin(), header.end()};
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Claim claim = Claim::kNone;
    for (const ImportedNames& side : sides) {
      const FieldColumn* const field = side.by_column(header[i]);
      if (field != nullptr) names[i] = field->field;
      claim = std::max(claim, field != nullptr ? Claim::kOwn : claim_of(side, header[i], given));
      if (claim == Claim::kOwn) break;
    }
    if (claim == Claim::kDisplaced) names[i].clear();
    if (claim == Claim::kNone) unknown.push_back(i);
    if (claim == Claim::kOwn) taken.insert(names[i]);
  }
  for (const std::size_t i : unknown) {
    std::string made = identifier_of(header[i]);
    const bool known = std::ranges::any_of(
        sides, [&](const ImportedNames& side) { return claim_of(side, made, given) == Claim::kOwn; });
    if (made != header[i] && known && taken.insert(made).second) names[i] = std::move(made);
  }
  return names;
}

}  // namespace rankloop
