// Snapshots of distributions and the stability index between two.
#include "ml/drift.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {
namespace {

constexpr std::size_t kBins = 10;

std::vector<double> values_of(const LabelledRows& rows, std::size_t column) {
  std::vector<double> values;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const float value = rows.row(r)[column];
    if (!std::isnan(value)) values.push_back(static_cast<double>(value));
  }
  return values;
}

std::vector<double> edges_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  std::vector<double> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<double> edges;
  if (distinct.size() <= kBins) {
    edges = distinct;
  } else {
    for (std::size_t bin = 1; bin < kBins; ++bin) edges.push_back(values[bin * values.size() / kBins]);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  }
  // What is greater than all that was seen falls into the last bin.
  if (distinct.size() > 1 && edges.size() == distinct.size()) edges.pop_back();
  return edges;
}

}  // namespace

std::vector<FeatureSnapshot> take_snapshot(const Domain& domain, const LabelledRows& rows) {
  std::vector<FeatureSnapshot> snapshots;
  for (std::size_t f = 0; f < domain.features.size(); ++f) {
    FeatureSnapshot snapshot{domain.features[f].name, edges_of(values_of(rows, f)), {}};
    snapshot.shares = shares_in(snapshot, rows, f);
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

std::vector<double> shares_in(const FeatureSnapshot& snapshot, const LabelledRows& rows, std::size_t column) {
  std::vector<double> shares(snapshot.edges.size() + 2);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto value = static_cast<double>(rows.row(r)[column]);
    const auto bin = std::lower_bound(snapshot.edges.begin(), snapshot.edges.end(), value);
    const std::size_t at =
        std::isnan(value) ? shares.size() - 1 : static_cast<std::size_t>(bin - snapshot.edges.begin());
    shares[at] += 1 / static_cast<double>(rows.rows());
  }
  return shares;
}

double stability_index(const std::vector<double>& then, const std::vector<double>& now) {
  constexpr double kLeast = 1e-4;
  double index = 0;
  for (std::size_t bin = 0; bin < then.size() && bin < now.size(); ++bin) {
    const double a = std::max(then[bin], kLeast);
    const double b = std::max(now[bin], kLeast);
    index += (b - a) * std::log(b / a);
  }
  return index;
}

}  // namespace rankloop::ml
