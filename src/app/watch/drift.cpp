// Gathers the newest requests' values and compares them with the champion's training, at most once a while.
#include "app/watch/drift.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include "app/learn/dataset.h"
#include "app/watch/drift_history.h"
#include "error/caught.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kRequests = 2'000;
constexpr std::chrono::seconds kFresh{10};
constexpr std::chrono::minutes kKnown{11};  // the elected process looks every five

boost::json::object object_of(const ml::FeatureSnapshot& snapshot) {
  boost::json::object object;
  object["feature"] = snapshot.feature;
  add_bins(snapshot, object);
  object["shares"] = boost::json::value_from(snapshot.shares);
  return object;
}

}  // namespace

void add_bins(const ml::FeatureSnapshot& snapshot, boost::json::object& object) {
  object["edges"] = boost::json::value_from(snapshot.edges);
  if (!snapshot.words.empty()) object["words"] = boost::json::value_from(snapshot.words);
}

std::string_view name_of(Side side) {
  return side == Side::kRequest ? "request" : "item";
}

double DriftReport::greatest() const {
  double most = 0;
  for (const FeatureDrift& feature : features) {
    if (feature.side == Side::kRequest) most = std::max(most, feature.index);
  }
  return most;
}

Result<DriftReport> Drift::report() {
  const Lock alone{one_measures_};
  if (auto known = fresh()) return *std::move(known);
  Result<DriftReport> measured = measure();
  if (!measured) return measured;
  const Lock lock{mutex_};
  last_ = *measured;
  measured_ = clock_.monotonic();
  return measured;
}

std::optional<DriftReport> Drift::fresh() const {
  const Lock lock{mutex_};
  return clock_.monotonic() - measured_ < kFresh ? last_ : std::nullopt;
}

void Drift::measure_soon(telemetry::Logger& log) {
  {
    const Lock lock{mutex_};
    if (std::exchange(measuring_, true)) return;
  }
  thread_.submit([this, &log] {
    const Status measured = without_throwing([this]() -> Status {
      const Result<DriftReport> found = report();
      return found ? Status{} : Status{found.error()};
    });
    if (!measured && !ending_.stop_requested()) log.error("drift could not be measured", measured.error());
    const Lock lock{mutex_};
    measuring_ = false;
  });
}

bool Drift::measuring() const {
  const Lock lock{mutex_};
  return measuring_;
}

void Drift::stop() {
  ending_.request_stop();
  thread_.stop();
}

std::vector<telemetry::Readings::Drift> Drift::indices() const {
  const Lock lock{mutex_};
  std::vector<telemetry::Readings::Drift> found;
  if (!last_ || last_->requests < kTellingRequests || clock_.monotonic() - measured_ > kKnown) return found;
  for (const FeatureDrift& feature : last_->features)
    found.push_back({feature.then.feature, name_of(feature.side), feature.index});
  return found;
}

Result<DriftReport> Drift::measure() {
  DriftReport report;
  const auto models = store_.models();
  if (!models) return models.error();
  const auto champion =
      std::find_if(models->begin(), models->end(), [](const auto& model) { return model.champion; });
  if (champion == models->end()) return report;
  std::vector<ml::FeatureSnapshot> snapshots = snapshots_in(champion->lineage);
  if (snapshots.empty()) return report;
  report.model = champion->id;
  const auto rows = read_recent_rows(store_, domain_, kRequests, RecentRows::kFeatures, ending_.get_token());
  if (!rows) return rows.error();
  report.rows = static_cast<std::int64_t>(rows->rows());
  for (std::size_t row = 0; row < rows->rows(); ++row)
    report.requests += row == 0 || rows->requests[row] != rows->requests[row - 1] ? 1 : 0;
  if (rows->rows() == 0) return report;
  for (ml::FeatureSnapshot& then : snapshots) {
    const auto feature = std::find_if(domain_.features.begin(), domain_.features.end(),
                                      [&](const Feature& f) { return f.name == then.feature; });
    if (feature == domain_.features.end()) continue;
    const auto column = static_cast<std::size_t>(feature - domain_.features.begin());
    std::vector<double> now = ml::shares_in(then, domain_, column, *rows);
    const double index = ml::stability_index(then.shares, now);
    report.features.push_back({std::move(then), feature->side, std::move(now), index});
  }
  return report;
}

std::string to_json(const std::vector<ml::FeatureSnapshot>& snapshots) {
  boost::json::array array;
  for (const ml::FeatureSnapshot& snapshot : snapshots) array.push_back(object_of(snapshot));
  return boost::json::serialize(array);
}

std::string to_json(const DriftReport& report) {
  boost::json::object json;
  json["model_id"] =
      report.model.value == 0 ? boost::json::value(nullptr) : boost::json::value(report.model.value);
  json["requests"] = report.requests;
  json["rows"] = report.rows;
  json["telling_requests"] = kTellingRequests;
  boost::json::array features;
  for (const FeatureDrift& feature : report.features) {
    boost::json::object entry = object_of(feature.then);
    entry["side"] = name_of(feature.side);
    entry["recent"] = boost::json::value_from(feature.now);
    entry["stability_index"] = feature.index;
    features.push_back(std::move(entry));
  }
  json["features"] = std::move(features);
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
