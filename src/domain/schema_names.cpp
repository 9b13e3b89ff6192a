// Which names an input knows, and which it may have beside.
#include "domain/schema_names.h"

#include <algorithm>

#include "domain/schema_side.h"
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

std::string identifier_of(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  if (is_identifier(name)) return std::string{name};
  std::string made;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool inner = letter || (c >= '0' && c <= '9');
    if (inner) made += c;
    if (!inner && !made.empty() && made.back() != '_') made += '_';
  }
  if (!made.empty() && made.front() >= '0' && made.front() <= '9') made.insert(0, "n_");
  made.resize(std::min(made.size(), kLongest));
  while (!made.empty() && made.back() == '_') made.pop_back();
  return made;
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
