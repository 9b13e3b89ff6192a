// Counts answers by route; the counters of a route are looked up once.
#pragma once

#include <string_view>
#include <unordered_map>

#include "http/route.h"
#include "telemetry/metrics.h"

namespace rankloop::http {

inline constexpr std::string_view kUnmatched = "unmatched";  // the route of a request that has none

// I/O thread only.
class RequestMetrics {
 public:
  explicit RequestMetrics(telemetry::HttpMetrics& metrics) : metrics_(metrics) {}
  // `route`: null when none matched; then `method` tells, which must be a literal.
  void count(const Route* route, std::string_view method, int status, double seconds) {
    auto& counters =
        route == nullptr
            ? unmatched_.try_emplace(method, metrics_, method, kUnmatched).first->second
            : by_route_.try_emplace(route, metrics_, name_of(route->method), route->path).first->second;
    counters.answered(status, seconds);
  }

 private:
  telemetry::HttpMetrics& metrics_;
  std::unordered_map<const Route*, telemetry::HttpRouteMetrics> by_route_;
  std::unordered_map<std::string_view, telemetry::HttpRouteMetrics> unmatched_;
};

}  // namespace rankloop::http
