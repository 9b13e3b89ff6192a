// Scans an answer for the members that matter.
#include "simulate/answers.h"

#include <charconv>

namespace rankloop::simulate {
namespace {

std::size_t skip_space(std::string_view json, std::size_t at) {
  const std::size_t next = json.find_first_not_of(" \t\r\n", at);
  return next == std::string_view::npos ? json.size() : next;
}

// Where the value of the next member with this name begins, at or after `from`; npos: there is none.
std::size_t find_value(std::string_view json, std::string_view name, std::size_t from) {
  for (std::size_t at = json.find(name, from); at != std::string_view::npos; at = json.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (at == 0 || json[at - 1] != '"' || end >= json.size() || json[end] != '"') continue;
    const std::size_t colon = skip_space(json, end + 1);
    if (colon < json.size() && json[colon] == ':') return skip_space(json, colon + 1);
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> string_member(std::string_view json, std::string_view name) {
  const std::size_t at = find_value(json, name, 0);
  if (at == std::string_view::npos || at >= json.size() || json[at] != '"') return std::nullopt;
  const std::size_t end = json.find_first_of("\"\\", at + 1);
  if (end == std::string_view::npos || json[end] != '"') return std::nullopt;
  return json.substr(at + 1, end - at - 1);
}

bool read_location_ids(std::string_view json, std::vector<ItemId>& ids) {
  ids.clear();
  constexpr std::string_view kName = "location_id";
  for (std::size_t at = find_value(json, kName, 0); at != std::string_view::npos;
       at = find_value(json, kName, at)) {
    ItemId id;
    const auto [end, code] = std::from_chars(json.data() + at, json.data() + json.size(), id.value);
    if (code != std::errc{}) return false;
    at = static_cast<std::size_t>(end - json.data());
    ids.push_back(id);
  }
  return true;
}

}  // namespace rankloop::simulate
