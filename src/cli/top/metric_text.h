// Reads what a server's /metrics says: Prometheus' text format 0.0.4, as far as counters, gauges and
// histograms go.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop::cli {

struct Measurement {
  std::map<std::string, std::string, std::less<>> labels;
  double value = 0;
};

class MetricText {
 public:
  // Lines that are no measurement are passed over: a newer server may say more than is known here.
  explicit MetricText(std::string_view text);

  // Of one name; empty when there are none.
  const std::vector<Measurement>& all(std::string_view name) const;
  // Their sum; 0 when there are none.
  double sum(std::string_view name) const;

 private:
  std::map<std::string, std::vector<Measurement>, std::less<>> by_name_;
};

// Upper bound in seconds -> observations up to it, cumulative. The last bound is infinite.
using Buckets = std::map<double, double>;

// Of a histogram, or of the part of it whose label `stage` has this value; empty when there is none.
Buckets buckets_of(const MetricText& text, const std::string& name, std::string_view stage = {});
// What was observed after `before`.
Buckets since(const Buckets& now, const Buckets& before);
// In seconds, linear inside a bucket; the last finite bound for what lies beyond it. Nothing without
// observations. Source: Prometheus' histogram_quantile().
std::optional<double> quantile(const Buckets& buckets, double share);

}  // namespace rankloop::cli
