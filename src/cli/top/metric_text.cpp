// The grammar of Prometheus' text format.
#include "cli/top/metric_text.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace rankloop::cli {
namespace {

// strtod reads "+Inf" and "NaN" as Prometheus writes them.
std::optional<double> number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return end == text.c_str() ? std::nullopt : std::optional{value};
}

// Takes `name="value"` off the front of a list of labels; false at the end or at what is none.
bool take_label(std::string_view& text, Measurement& measurement) {
  const std::size_t equals = text.find("=\"");
  if (equals == std::string_view::npos) return false;
  const std::string name{text.substr(0, equals)};
  text.remove_prefix(equals + 2);
  std::string value;
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) {
      text.remove_prefix(1);
      value += text.front() == 'n' ? '\n' : text.front();
    } else {
      value += text.front();
    }
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  if (text.starts_with(',')) text.remove_prefix(1);
  measurement.labels[name] = std::move(value);
  return true;
}

}  // namespace

MetricText::MetricText(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t name_end = std::min(line.find_first_of("{ "), line.size());
    const std::string name{line.substr(0, name_end)};
    line.remove_prefix(name_end);
    Measurement measurement;
    if (line.starts_with('{')) {
      line.remove_prefix(1);
      while (!line.starts_with('}') && take_label(line, measurement)) {
      }
      if (!line.starts_with('}')) continue;
      line.remove_prefix(1);
    }
    if (const auto value = number_of(std::string{line})) {
      measurement.value = *value;
      by_name_[name].push_back(std::move(measurement));
    }
  }
}

const std::vector<Measurement>& MetricText::all(std::string_view name) const {
  static const std::vector<Measurement> kNone;
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

double MetricText::sum(std::string_view name) const {
  double sum = 0;
  for (const Measurement& measurement : all(name)) sum += measurement.value;
  return sum;
}

Buckets buckets_of(const MetricText& text, const std::string& name, std::string_view stage) {
  Buckets buckets;
  for (const Measurement& measurement : text.all(name + "_bucket")) {
    const auto bound = measurement.labels.find("le");
    if (bound == measurement.labels.end()) continue;
    const auto of = measurement.labels.find("stage");
    if (!stage.empty() && (of == measurement.labels.end() || of->second != stage)) continue;
    if (const auto seconds = number_of(bound->second)) buckets[*seconds] += measurement.value;
  }
  return buckets;
}

Buckets since(const Buckets& now, const Buckets& before) {
  Buckets between = now;
  for (auto& [bound, count] : between) {
    if (const auto earlier = before.find(bound); earlier != before.end()) count -= earlier->second;
    if (count < 0) return now;  // the server has started again
  }
  return between;
}

std::optional<double> quantile(const Buckets& buckets, double share) {
  if (buckets.empty() || buckets.rbegin()->second <= 0) return std::nullopt;
  const double wanted = share * buckets.rbegin()->second;
  double lower = 0;
  double below = 0;
  for (const auto& [bound, count] : buckets) {
    if (count >= wanted && count > below) {
      return std::isinf(bound) ? lower : lower + (bound - lower) * (wanted - below) / (count - below);
    }
    lower = bound;
    below = count;
  }
  return lower;
}

}  // namespace rankloop::cli
