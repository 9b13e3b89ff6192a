// Cuts the newest requests into windows and measures the drift of each.
#include "app/watch/drift_history.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include "app/learn/dataset.h"
#include "app/watch/drift.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kRequests = 10'000;
constexpr std::size_t kWindows = 20;
constexpr auto kLeastRequests =
    static_cast<std::size_t>(kTellingRequests);  // of a window, unless there are fewer in all
constexpr std::chrono::seconds kFresh{30};

// The rows where requests begin, and the end.
std::vector<std::size_t> begins_of(const ml::LabelledRows& rows) {
  std::vector<std::size_t> begins;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (row == 0 || rows.requests[row] != rows.requests[row - 1]) begins.push_back(row);
  }
  begins.push_back(rows.rows());
  return begins;
}

// Four digits are more than a picture shows.
boost::json::array rounded(const std::vector<double>& values) {
  boost::json::array array;
  for (const double value : values) array.push_back(std::round(value * 1e4) / 1e4);
  return array;
}

}  // namespace

Result<DriftHistoryReport> DriftHistory::report(const std::stop_token& ending) {
  const Lock lock{mutex_};
  if (last_ && clock_.monotonic() - measured_ < kFresh) return *last_;
  Result<DriftHistoryReport> measured = measure(ending);
  if (!measured) return measured;
  last_ = *measured;
  measured_ = clock_.monotonic();
  return measured;
}

Result<DriftHistoryReport> DriftHistory::measure(const std::stop_token& ending) {
  DriftHistoryReport report;
  const auto models = store_.models();
  if (!models) return models.error();
  const auto champion =
      std::find_if(models->begin(), models->end(), [](const auto& model) { return model.champion; });
  if (champion == models->end()) return report;
  std::vector<std::size_t> columns;
  for (ml::FeatureSnapshot& snapshot : snapshots_in(champion->lineage)) {
    const auto feature = std::find_if(domain_.features.begin(), domain_.features.end(),
                                      [&](const Feature& f) { return f.name == snapshot.feature; });
    if (feature == domain_.features.end()) continue;
    columns.push_back(static_cast<std::size_t>(feature - domain_.features.begin()));
    report.snapshots.push_back(std::move(snapshot));
    report.sides.push_back(feature->side);
  }
  if (columns.empty()) return report;
  report.model = champion->id;
  const auto rows = read_recent_rows(store_, domain_, kRequests, RecentRows::kFeatures, ending);
  if (!rows) return rows.error();
  const std::vector<std::size_t> begins = begins_of(*rows);
  const std::size_t requests = begins.size() - 1;
  if (requests == 0) return report;
  const std::size_t windows = std::clamp<std::size_t>(requests / kLeastRequests, 1, kWindows);
  for (std::size_t w = 0; w < windows; ++w) {
    if (ending.stop_requested()) return Error{ErrorCode::kAborted, "the server is stopping"};
    const std::size_t first = begins[requests * w / windows];
    const std::size_t last = begins[requests * (w + 1) / windows];
    const auto from = store_.inference(InferenceId{rows->requests[first]});
    if (!from) return from.error();
    const auto until = store_.inference(InferenceId{rows->requests[last - 1]});
    if (!until) return until.error();
    DriftWindow window{from->created,
                       until->created,
                       static_cast<std::int64_t>(requests * (w + 1) / windows - requests * w / windows),
                       {},
                       {}};
    const ml::LabelledRows part = ml::slice(*rows, first, last);
    for (std::size_t f = 0; f < columns.size(); ++f) {
      window.shares.push_back(ml::shares_in(report.snapshots[f], domain_, columns[f], part));
      window.indexes.push_back(ml::stability_index(report.snapshots[f].shares, window.shares.back()));
    }
    report.windows.push_back(std::move(window));
  }
  return report;
}

std::vector<ml::FeatureSnapshot> snapshots_in(const std::string& lineage) {
  boost::system::error_code fault;
  const boost::json::value json = boost::json::parse(lineage, fault);
  if (fault || !json.is_object()) return {};
  const boost::json::value* list = json.get_object().if_contains("snapshot");
  if (list == nullptr || !list->is_array()) return {};
  std::vector<ml::FeatureSnapshot> snapshots;
  for (const boost::json::value& entry : list->get_array()) {
    const boost::json::object& object = entry.as_object();
    ml::FeatureSnapshot snapshot{std::string{object.at("feature").as_string()}, {}, {}, {}};
    snapshot.edges = boost::json::value_to<std::vector<double>>(object.at("edges"));
    if (const auto* words = object.if_contains("words"))
      snapshot.words = boost::json::value_to<std::vector<std::string>>(*words);
    snapshot.shares = boost::json::value_to<std::vector<double>>(object.at("shares"));
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

std::string to_json(const DriftHistoryReport& report) {
  boost::json::object json;
  json["model_id"] =
      report.model.value == 0 ? boost::json::value(nullptr) : boost::json::value(report.model.value);
  boost::json::array windows;
  for (const DriftWindow& window : report.windows) {
    windows.push_back({{"from", to_iso8601(window.from)},
                       {"until", to_iso8601(window.until)},
                       {"requests", window.requests}});
  }
  json["windows"] = std::move(windows);
  boost::json::array features;
  for (std::size_t f = 0; f < report.snapshots.size() && !report.windows.empty(); ++f) {
    boost::json::object feature;
    feature["feature"] = report.snapshots[f].feature;
    feature["side"] = name_of(report.sides[f]);
    add_bins(report.snapshots[f], feature);
    feature["shares"] = rounded(report.snapshots[f].shares);
    std::vector<double> indexes;
    boost::json::array shares;
    for (const DriftWindow& window : report.windows) {
      indexes.push_back(window.indexes[f]);
      shares.push_back(rounded(window.shares[f]));
    }
    feature["stability_indexes"] = rounded(indexes);
    feature["window_shares"] = std::move(shares);
    features.push_back(std::move(feature));
  }
  json["features"] = std::move(features);
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
