// A time zone by its IANA name, from the system's own data (package tzdata).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "error/result.h"

namespace date {
class time_zone;
}

namespace rankloop {

// Immutable; thread-safe.
class TimeZone {
 public:
  // kInvalidArgument: there is no such zone; kUnavailable: the system has no data of zones.
  static Result<std::shared_ptr<const TimeZone>> find(std::string_view name);

  const std::string& name() const { return name_; }
  // What its clocks show at a moment given as seconds since 1970, likewise as seconds.
  double local(double seconds) const;

  TimeZone(std::string name, const date::time_zone& zone) : name_(std::move(name)), zone_(zone) {}

 private:
  std::string name_;
  const date::time_zone& zone_;
};

}  // namespace rankloop
