// Snapshots of distributions and the stability index between two.
#include "ml/drift.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kBins = 10;

// One of each row: the number, or a vector's length; NaN: absent.
std::vector<double> values_of(const FeatureSpace& space, std::size_t feature, const LabelledRows& rows) {
  std::size_t first = 0;
  while (space.numbers()[first].feature != feature) ++first;
  const std::size_t size = space.domain().features[feature].size;
  std::vector<double> values;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto numbers = rows.row(r).subspan(first, size);
    double squares = 0;
    for (const float number : numbers) squares += static_cast<double>(number) * static_cast<double>(number);
    values.push_back(size == 1 ? static_cast<double>(numbers.front()) : std::sqrt(squares));
  }
  return values;
}

const CodeColumn& codes_of(const FeatureSpace& space, std::size_t feature, const LabelledRows& rows) {
  std::size_t column = 0;
  while (space.codes()[column].feature != feature) ++column;
  return rows.codes[column];
}

// The most frequent words, of equally frequent ones the first in order.
std::vector<std::string> frequent_words(const CodeColumn& codes, const Dictionary& dictionary) {
  std::map<std::int32_t, std::size_t> counts;
  for (std::size_t r = 0; r < codes.rows(); ++r) {
    for (const std::int32_t code : codes.at(r)) {
      if (code != kAbsentCode) ++counts[code];
    }
  }
  std::vector<std::pair<std::size_t, std::string>> words;
  for (const auto& [code, count] : counts) words.emplace_back(count, dictionary.word(code));
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::string> frequent;
  for (std::size_t i = 0; i < std::min(words.size(), kBins - 1); ++i) frequent.push_back(words[i].second);
  return frequent;
}

std::vector<double> shares_of_words(const FeatureSnapshot& snapshot, const CodeColumn& codes,
                                    const LabelledRows& rows) {
  std::map<std::int32_t, std::size_t> bins;
  for (std::size_t i = 0; i < snapshot.words.size(); ++i) {
    if (const auto code = rows.dictionary->find(snapshot.words[i])) bins.emplace(*code, i);
  }
  std::vector<double> shares(snapshot.words.size() + 2);
  const double row = 1 / static_cast<double>(rows.rows());
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto words = codes.at(r);
    if (words.empty() || words.front() == kAbsentCode) {
      shares.back() += row;
      continue;
    }
    for (const std::int32_t code : words) {
      const auto bin = bins.find(code);
      const std::size_t at = bin == bins.end() ? snapshot.words.size() : bin->second;
      shares[at] += row / static_cast<double>(words.size());
    }
  }
  return shares;
}

std::vector<double> edges_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
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
  const FeatureSpace space(domain);
  std::vector<FeatureSnapshot> snapshots;
  for (std::size_t f = 0; f < domain.features.size(); ++f) {
    FeatureSnapshot snapshot{domain.features[f].name, {}, {}, {}};
    if (domain.features[f].has_words()) {
      snapshot.words = frequent_words(codes_of(space, f, rows), *rows.dictionary);
    } else {
      snapshot.edges = edges_of(values_of(space, f, rows));
    }
    snapshot.shares = shares_in(snapshot, domain, f, rows);
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

std::vector<double> shares_in(const FeatureSnapshot& snapshot, const Domain& domain, std::size_t feature,
                              const LabelledRows& rows) {
  const FeatureSpace space(domain);
  if (domain.features[feature].has_words()) {
    return shares_of_words(snapshot, codes_of(space, feature, rows), rows);
  }
  std::vector<double> shares(snapshot.edges.size() + 2);
  for (const double value : values_of(space, feature, rows)) {
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
