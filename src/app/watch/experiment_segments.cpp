// Parts of an experiment's requests: those that are alike in a field, each compared by itself, and pages.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/watch/experiment_json.h"
#include "app/watch/experiment_report.h"
#include "domain/field_value.h"
#include "ml/sample_size.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kMostSegments = 12;
constexpr const char* kOther = "other";
constexpr const char* kAbsent = "not given";

Status check_field(const Schema& requests, const std::string& name) {
  if (requests.field(name) != nullptr) return {};
  std::string known;
  for (const Field& field : requests.fields()) known += (known.empty() ? "" : ", ") + field.name;
  return invalid_fields(
      {{{"query", "field"}, "Requests have no field '" + name + "'; they have " + known, "value_error"}});
}

std::vector<boost::json::value> values_of(const std::vector<std::string>& payloads,
                                          const std::string& field) {
  std::vector<boost::json::value> values;
  values.reserve(payloads.size());
  for (const std::string& payload : payloads) {
    boost::system::error_code fault;
    const boost::json::value read = boost::json::parse(payload, fault);
    const boost::json::value* value =
        !fault && read.is_object() ? read.get_object().if_contains(field) : nullptr;
    values.push_back(value == nullptr ? boost::json::value{} : *value);
  }
  return values;
}

std::string text_of(const boost::json::value& value) {
  if (value.is_null()) return kAbsent;
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

// Names each number by the quarter of all numbers that it is in.
std::vector<std::string> quarters(const std::vector<boost::json::value>& values) {
  std::vector<double> numbers;
  for (const boost::json::value& value : values) {
    if (value.is_number()) numbers.push_back(value.to_number<double>());
  }
  std::ranges::sort(numbers);
  const auto at = [&](std::size_t quarter) { return numbers[(numbers.size() - 1) * quarter / 4]; };
  const std::array<double, 3> edges = {at(1), at(2), at(3)};
  const std::array<std::string, 4> names = {
      "up to " + describe_number(edges[0]), "up to " + describe_number(edges[1]),
      "up to " + describe_number(edges[2]), "above " + describe_number(edges[2])};
  std::vector<std::string> named;
  for (const boost::json::value& value : values) {
    if (!value.is_number()) {
      named.push_back(text_of(value));
      continue;
    }
    const double number = value.to_number<double>();
    named.push_back(names[static_cast<std::size_t>(std::ranges::lower_bound(edges, number) - edges.begin())]);
  }
  return named;
}

// The group of each request.
std::vector<std::string> groups_of(const std::vector<boost::json::value>& values) {
  std::vector<std::string> names;
  names.reserve(values.size());
  std::ranges::transform(values, std::back_inserter(names), text_of);
  std::map<std::string, std::size_t> counts;
  for (const std::string& name : names) ++counts[name];
  if (counts.size() <= kMostSegments) return names;
  if (std::ranges::any_of(values, [](const auto& value) { return value.is_number(); }))
    return quarters(values);
  std::vector<std::pair<std::size_t, std::string>> often;
  for (const auto& [name, count] : counts) often.emplace_back(count, name);
  std::ranges::sort(often, std::greater<>{});
  for (std::size_t i = kMostSegments - 1; i < often.size(); ++i) counts[often[i].second] = 0;
  for (std::string& name : names) {
    if (counts[name] == 0) name = kOther;
  }
  return names;
}

}  // namespace

Result<std::vector<SegmentReport>> ExperimentReports::segments(ExperimentId id, const std::string& field) {
  const auto record = experiment(id);
  if (!record) return record.error();
  if (const Status known = check_field(domain_.requests, field); !known) return known.error();
  const auto design = read_design(record->design);
  if (!design) return design.error();
  if (!record->started) return std::vector<SegmentReport>{};
  auto rows = read_experiment_rows(store_, *record, domain_.feedback, true);
  if (!rows) return rows.error();
  const std::vector<std::string> groups = groups_of(values_of(rows->payloads, field));
  std::map<std::string, ExperimentRows> parts;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    parts[groups[i]].rows.push_back(std::move(rows->rows[i]));
    if (!rows->lists.empty()) parts[groups[i]].lists.push_back(rows->lists[i]);
    parts[groups[i]].numbers = rows->numbers;
  }
  std::vector<SegmentReport> segments;
  std::vector<double> p;
  for (const auto& [name, part] : parts) {
    segments.push_back({name, static_cast<std::int64_t>(part.rows.size()),
                        report_on(*record, *design, domain_.feedback, part, {}).metrics.front()});
    for (const Comparison& each : segments.back().primary.comparisons) p.push_back(each.p);
  }
  const std::vector<double> adjusted = ml::holm_adjusted(p);
  auto next = adjusted.begin();
  for (SegmentReport& segment : segments) {
    for (Comparison& each : segment.primary.comparisons) each.p_adjusted = *next++;
  }
  std::ranges::stable_sort(segments, std::greater<>{}, &SegmentReport::requests);
  return segments;
}

Result<RequestPage> ExperimentReports::requests(ExperimentId id, InferenceId after, std::size_t limit,
                                                RequestFormat format) {
  const auto record = experiment(id);
  if (!record) return record.error();
  RequestPage page;
  const RequestRows rows(*record, domain_.feedback, format);
  if (format == RequestFormat::kCsv) page.text = rows.columns() + '\n';
  std::size_t written = 0;
  InferenceId last;
  const auto take = [&](const storage::ArmRequest& request) {
    if (written == limit) {
      page.last = last;
      return false;
    }
    rows.append(page.text, request);
    last = request.request.id;
    ++written;
    return true;
  };
  const Status read = store_.each_of_experiment(id, after, false, take);
  if (!read) return read.error();
  return page;
}

}  // namespace rankloop::app
