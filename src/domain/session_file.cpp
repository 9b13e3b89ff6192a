// Reads the key of sessions, and refuses what is the same in all of them.
#include "domain/session_file.h"

#include <algorithm>
#include <string_view>

namespace rankloop {
namespace {

bool names_something(const Field& field) {
  return field.type == FieldType::kString || field.type == FieldType::kCategory;
}

// What speaks against a field; empty: nothing.
std::string fault_of(const Field& field, const std::vector<std::string>& stored) {
  const std::string name = quoted(field.name);
  if (!names_something(field)) return name + " is no string or category, so it names no session";
  if (field.preset) return name + " has a default, so all who say nothing would be in one session";
  if (std::ranges::find(stored, field.name) != stored.end())
    return name + " is stored of persons, so it would be the same in all their sessions";
  return "";
}

}  // namespace

std::string read_session_key(TomlTable& table, const SchemaSide& requests,
                             const std::vector<std::string>& stored) {
  const std::string key = table.required_text("key");
  table.finish();
  if (key.empty()) return key;
  const auto field = std::ranges::find(requests.fields, key, &Field::name);
  if (field == requests.fields.end()) {
    std::vector<std::string_view> names;
    for (const Field& each : requests.fields) {
      if (names_something(each)) names.push_back(each.name);
    }
    table.fault("key", "a request has no field " + quoted(key) + suggestion(key, names));
    return {};
  }
  const std::string fault = fault_of(*field, stored);
  if (fault.empty()) return key;
  table.fault("key", fault);
  return {};
}

}  // namespace rankloop
