// Reads the names of [person] and cuts the schema of a person out of a request's.
#include "domain/person_file.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace rankloop {
namespace {

std::vector<std::string_view> declared_names(const SchemaSide& requests) {
  std::vector<std::string_view> names;
  for (const Field& field : requests.fields) names.push_back(field.name);
  return names;
}

bool holds_all(const std::set<std::string, std::less<>>& known, const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [&](const std::string& name) { return known.contains(name); });
}

}  // namespace

std::vector<std::string> read_person_fields(TomlTable& table, const SchemaSide& requests) {
  std::vector<std::string> names;
  const std::vector<std::string_view> declared = declared_names(requests);
  const std::vector<PlacedText> listed = table.texts("fields");
  if (listed.empty() && (!table.has("fields") || table.node("fields")->is_array())) {
    table.fault("fields",
                "fields should list what may be stored of a person, as fields = [\"age\", \"country\"]");
  }
  for (const PlacedText& each : listed) {
    const KnownName* const known = requests.find(each.text);
    if (known == nullptr) {
      table.fault_at(each.at,
                     "a request has no field " + quoted(each.text) + suggestion(each.text, declared));
    } else if (std::ranges::find(declared, each.text) == declared.end()) {
      table.fault_at(each.at, quoted(each.text) + " is derived of what a request says, so it is not stored");
    } else if (std::ranges::find(names, each.text) != names.end()) {
      table.fault_at(each.at, "the field " + quoted(each.text) + " is listed twice");
    } else {
      names.push_back(each.text);
    }
  }
  table.finish();
  return names;
}

Schema person_schema(const Schema& requests, const std::vector<std::string>& names) {
  std::vector<Field> fields;
  std::set<std::string, std::less<>> known;  // whatever a check may speak of
  for (Field field : requests.fields()) {
    if (std::ranges::find(names, field.name) == names.end()) continue;
    field.required = false;
    field.preset.reset();
    field.preset_now = false;
    known.insert(field.name);
    for (std::string& column : column_names(field)) known.insert(std::move(column));
    fields.push_back(std::move(field));
  }
  std::vector<DerivedField> derived;
  for (DerivedField made : requests.derived()) {
    if (!holds_all(known, made.of)) continue;
    made.stored = false;
    known.insert(made.name);
    derived.push_back(std::move(made));
  }
  std::vector<Check> checks;
  for (const Check& check : requests.checks()) {
    if (known.contains(check.left) && (check.right.empty() || known.contains(check.right)))
      checks.push_back(check);
  }
  return {std::move(fields), std::move(derived), std::move(checks)};
}

}  // namespace rankloop
