// Asks the system's data of time zones.
#include "domain/time_zone.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include <date/tz.h>

#include "domain/closest_name.h"

namespace rankloop {
namespace {

std::string nearest_zone(std::string_view name, const date::tzdb& zones) {
  std::vector<std::string_view> names;
  for (const date::time_zone& zone : zones.zones) names.push_back(zone.name());
  const auto nearest = closest_name(name, names);
  return nearest ? ", did you mean \"" + std::string{*nearest} + "\"?" : "";
}

}  // namespace

Result<std::shared_ptr<const TimeZone>> TimeZone::find(std::string_view name) {
  const date::tzdb* zones = nullptr;
  try {
    zones = &date::get_tzdb();
  } catch (const std::exception&) {
    return Error{ErrorCode::kUnavailable,
                 "this system has no data of time zones; install its package tzdata"};
  }
  const auto found = std::lower_bound(zones->zones.begin(), zones->zones.end(), name,
                                      [](const date::time_zone& zone, std::string_view wanted) {
                                        return std::string_view{zone.name()} < wanted;
                                      });
  if (found == zones->zones.end() || found->name() != name) {
    return Error{ErrorCode::kInvalidArgument,
                 "there is no time zone of this name" + nearest_zone(name, *zones)};
  }
  return std::make_shared<const TimeZone>(std::string{name}, *found);
}

double TimeZone::local(double seconds) const {
  const date::sys_seconds moment{std::chrono::seconds{static_cast<std::int64_t>(std::floor(seconds))}};
  return seconds + static_cast<double>(zone_.get_info(moment).offset.count());
}

}  // namespace rankloop
