// The report of a run, for people and as JSON.
#include <array>
#include <cstdio>
#include <string_view>

#include "domain/strict_json.h"
#include "simulate/traffic.h"

namespace rankloop::simulate {
namespace {

struct Percentile {
  std::string_view name;
  double share;
};
constexpr std::array<Percentile, 3> kPercentiles = {{{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}}};

struct Latency {
  std::string_view name;
  LatencyHistogram TrafficReport::* member;
};
constexpr std::array<Latency, 5> kLatencies = {{{"start", &TrafficReport::start},
                                                {"status", &TrafficReport::status},
                                                {"results", &TrafficReport::results},
                                                {"select", &TrafficReport::select},
                                                {"start_to_success", &TrafficReport::start_to_success}}};

double milliseconds(const LatencyHistogram& latency, double share) {
  return std::chrono::duration<double, std::milli>(latency.percentile(share)).count();
}

double per_second(std::int64_t count, const TrafficReport& report) {
  return report.elapsed.count() > 0 ? static_cast<double>(count) / report.elapsed.count() : 0;
}

double picked_share(const TrafficReport& report) {
  return report.journeys > 0 ? static_cast<double>(report.picked) / static_cast<double>(report.journeys) : 0;
}

std::string decimals(double number, int digits) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return {text.data(), static_cast<std::size_t>(length)};
}

// Appends "name":number, after a comma unless it is the first.
void append_member(std::string& out, std::string_view name, double number, int digits) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':' + decimals(number, digits);
}

std::string row(std::string_view name, std::string value) {
  std::string line{name};
  line.resize(22, ' ');
  return line + std::move(value) + "\n";
}

}  // namespace

std::string to_json(const TrafficReport& report) {
  std::string json = "{";
  append_member(json, "journeys", static_cast<double>(report.journeys), 0);
  append_member(json, "failed", static_cast<double>(report.failed), 0);
  append_member(json, "requests", static_cast<double>(report.requests), 0);
  append_member(json, "seconds", report.elapsed.count(), 3);
  append_member(json, "journeys_per_second", per_second(report.journeys, report), 1);
  append_member(json, "requests_per_second", per_second(report.requests, report), 1);
  json += ",\"latency_ms\":{";
  for (const Latency& latency : kLatencies) {
    if (json.back() != '{') json += ',';
    append_json_string(json, latency.name);
    json += ":{";
    for (const Percentile& percentile : kPercentiles) {
      append_member(json, percentile.name, milliseconds(report.*latency.member, percentile.share), 3);
    }
    json += '}';
  }
  json += '}';
  append_member(json, "picked_share", picked_share(report), 4);
  append_member(json, "value_share", report.value.mean(), 4);
  append_member(json, "value_share_random", report.value_share_random, 4);
  append_member(json, "value_share_oracle", report.value_share_oracle, 4);
  return json + "}";
}

std::string to_table(const TrafficReport& report) {
  std::string table;
  table += row("journeys", std::to_string(report.journeys) + " in " + decimals(report.elapsed.count(), 2) +
                               " s, " + std::to_string(report.failed) + " failed");
  table += row("journeys per second", decimals(per_second(report.journeys, report), 1));
  table += row("requests per second", decimals(per_second(report.requests, report), 1));
  table += row("picked", decimals(100 * picked_share(report), 1) + " %");
  table += row("value share", decimals(report.value.mean(), 3) +
                                  "  (a random order: " + decimals(report.value_share_random, 3) +
                                  ", the true order: " + decimals(report.value_share_oracle, 3) + ")");
  table += "\nlatency in ms              p50       p95       p99\n";
  for (const Latency& latency : kLatencies) {
    std::string line{latency.name};
    line.resize(20, ' ');
    for (const Percentile& percentile : kPercentiles) {
      const std::string value = decimals(milliseconds(report.*latency.member, percentile.share), 3);
      line.append(value.size() < 10 ? 10 - value.size() : 1, ' ');
      line += value;
    }
    table += line + "\n";
  }
  return table;
}

}  // namespace rankloop::simulate
