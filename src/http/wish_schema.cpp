// Describes what src/domain/wish_file.cpp and src/domain/wish_json.cpp check.
#include "http/wish_schema.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_from.hpp>

#include "domain/history_feature.h"
#include "domain/wish.h"
#include "domain/wish_json.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

constexpr std::string_view kMembers = R"({
  "name": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,63}$", "description": "Its own; with off, that of a wish of the domain."},
  "off": {"type": "boolean", "enum": [true], "description": "A wish of the domain that does not hold for this request."},
  "times": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000000, "description": "not_again: so often or more; 1 unless it is said."},
  "within": {"type": "string", "description": "not_again: a window as 30d, or session."},
  "half_life": {"type": "string", "description": "not_again: what happened counts half after every so long, as 7d."},
  "field": {"type": "string", "description": "at_most: a string or category of the item."},
  "most": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "at_most: items of a word ..."},
  "first": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "... among so many first positions."},
  "by": {"type": "number", "minimum": -20, "maximum": 20, "description": "boost: added to the log-odds; not 0."},
  "at": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "pin: the position, 1 unless it is said."},
  "from": {"type": "string", "description": "A moment as 2026-12-01T00:00:00+01:00: not before."},
  "until": {"type": "string", "description": "Likewise: no longer from then on."}
})";

json::object where_schema() {
  return json::
      parse(R"({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 16}],
    "description": "boost, pin, block: rules as the domain file has them, as \"item.brand == 'own'\"; all must hold."})")
          .as_object();
}

json::array kinds_of(const Domain& domain) {
  json::array kinds{kShownKind};
  for (const FeedbackRule& rule : domain.feedback) kinds.emplace_back(rule.name);
  return kinds;
}

// What a domain wishes a request may switch off; else there may be nothing to show.
json::array examples_of(const Domain& domain) {
  json::array examples{json::array{}};
  if (!domain.wishes.empty())
    examples.push_back(json::array{json::object{{"name", domain.wishes.front().name}, {"off", true}}});
  return examples;
}

}  // namespace

json::object wishes_schema(const Domain& domain) {
  json::object members = json::parse(kMembers).as_object();
  members["how"] = json::object{{"type", "string"}, {"enum", json::value_from(wish_names())}};
  members["kind"] = json::object{{"type", "string"},
                                 {"enum", kinds_of(domain)},
                                 {"description", "not_again: what the person did, or was shown."}};
  members["where"] = where_schema();
  json::object wish{{"type", "object"},
                    {"title", "Wish"},
                    {"description", "As a [[wish]] of the domain file, or a name and off."},
                    {"required", {"name"}},
                    {"properties", std::move(members)},
                    {"additionalProperties", false}};
  return {{"type", json::array{"array", "null"}},
          {"maxItems", kMostRequestWishes},
          {"items", std::move(wish)},
          {"examples", examples_of(domain)},
          {"description", "What is wished of this list, behind the wishes of the domain."}};
}

}  // namespace rankloop::http
