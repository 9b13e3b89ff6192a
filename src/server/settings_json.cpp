// The settings as JSON, without secrets.
#include "server/settings_json.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "telemetry/log.h"

namespace rankloop::server {
namespace {

// A secret is an address with a password in it, or nothing that anybody may see.
std::string shown(const config::Option& option, const std::string& value) {
  if (!option.secret || value.empty() || value == option.preset) return value;
  return value.find("://") == std::string::npos ? "***" : telemetry::redact(value);
}

}  // namespace

std::string settings_json(const config::Settings& settings) {
  boost::json::array array;
  for (const config::Option& option : config::options()) {
    const auto from = settings.taken_from.find(option.key);
    array.push_back({{"key", option.key},
                     {"value", shown(option, config::text_of(settings, option))},
                     {"default", option.preset},
                     {"from", from == settings.taken_from.end() ? "default" : from->second},
                     {"secret", option.secret},
                     {"help", option.help}});
  }
  return boost::json::serialize(array);
}

}  // namespace rankloop::server
