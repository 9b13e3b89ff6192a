// Which names an input knows, and which it may have beside.
#include "domain/schema_names.h"

#include <algorithm>

#include "domain/utf8.h"

namespace rankloop {

bool knows(const Schema& schema, std::string_view name) {
  return schema.field(name) != nullptr || schema.column(name).has_value();
}

std::vector<std::string_view> names_of(const Schema& schema) {
  std::vector<std::string_view> names;
  for (const Field& each : schema.fields()) names.push_back(each.name);
  for (const DerivedField& each : schema.derived()) names.push_back(each.name);
  return names;
}

std::vector<std::string> unknown_names(const Schema& schema, const boost::json::object& object,
                                       std::span<const std::string_view> ignored) {
  std::vector<std::string> names;
  for (const boost::json::key_value_pair& member : object) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (names.size() == kUnknownNames) break;
    if (knows(schema, name) || std::find(ignored.begin(), ignored.end(), name) != ignored.end()) continue;
    names.emplace_back(utf8_prefix(name, kUnknownNameBytes));
  }
  return names;
}

}  // namespace rankloop
