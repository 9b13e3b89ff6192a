// Counts unknown names and words what was left out.
#include "app/unknown_names.h"

#include <boost/json/object.hpp>

#include "domain/closest_name.h"
#include "domain/schema_names.h"
#include "domain/utf8.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kMostNames = 50;

}  // namespace

void UnknownNames::add(std::string_view name, std::int64_t count) {
  total_ += count;
  name = utf8_prefix(name, kUnknownNameBytes);
  const auto found = counts_.find(name);
  if (found != counts_.end()) {
    found->second += count;
  } else if (counts_.size() < kMostNames) {
    counts_.emplace(name, count);
  }
}

std::vector<UnknownName> UnknownNames::told(std::span<const std::string_view> known) const {
  std::vector<UnknownName> names;
  for (const auto& [name, count] : counts_) {
    const auto nearest = closest_name(name, known);
    names.push_back({name, count, std::string{nearest.value_or("")}});
  }
  return names;
}

boost::json::array to_json(std::span<const UnknownName> names) {
  boost::json::array array;
  for (const UnknownName& each : names) {
    boost::json::object object;
    object["name"] = is_utf8(each.name) ? each.name : "(not UTF-8)";
    object["count"] = each.count;
    object["nearest"] = each.nearest.empty() ? boost::json::value(nullptr) : boost::json::value(each.nearest);
    array.push_back(std::move(object));
  }
  return array;
}

std::string in_words(std::span<const UnknownName> names) {
  std::string text;
  for (const UnknownName& each : names) {
    text += (text.empty() ? "'" : ", '") + each.name + "' (";
    text += each.count == 1 ? "once" : std::to_string(each.count) + " times";
    if (!each.nearest.empty()) text += "; did you mean '" + each.nearest + "'?";
    text += ')';
  }
  return text;
}

}  // namespace rankloop::app
