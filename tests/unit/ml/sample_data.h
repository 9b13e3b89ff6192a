// A small domain, random catalogs, requests and networks for the tests of ranking.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"
#include "ml/families/mlp/network.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

inline constexpr std::size_t kSampleItemColumns = 6;
inline constexpr std::size_t kSampleRequestColumns = 4;
inline constexpr double kSampleAbsent = std::numeric_limits<double>::quiet_NaN();

// Features of both sides, mixed; item column 0 is no feature, so positions in the catalog differ from columns
// of the schema.
inline Domain sample_domain() {
  Domain domain;
  domain.name = "sample";
  domain.features = {
      {"r0", Side::kRequest, 0}, {"i1", Side::kItem, 1}, {"r1", Side::kRequest, 1}, {"i2", Side::kItem, 2},
      {"i3", Side::kItem, 3},    {"i5", Side::kItem, 5}, {"r3", Side::kRequest, 3},
  };
  domain.feature_fingerprint = "sample-features";
  return domain;
}

// With crosses of every kind; two products share an item column, one cross uses a column that is no feature.
inline Domain sample_domain_with_crosses() {
  Domain domain = sample_domain();
  domain.crosses = {
      {"product", CrossOp::kProduct, Comparison::kEqual, 0, 1},
      {"product of the same", CrossOp::kProduct, Comparison::kEqual, 1, 1},
      {"another product", CrossOp::kProduct, Comparison::kEqual, 2, 4},
      {"and", CrossOp::kAnd, Comparison::kEqual, 2, 5},
      {"difference", CrossOp::kDifference, Comparison::kEqual, 3, 2},
      {"ratio", CrossOp::kRatio, Comparison::kEqual, 0, 3},
  };
  for (const Comparison op : {Comparison::kEqual, Comparison::kNotEqual, Comparison::kLess,
                              Comparison::kLessEqual, Comparison::kGreater, Comparison::kGreaterEqual}) {
    domain.crosses.push_back({"compare", CrossOp::kCompare, op, 2, 5});
  }
  domain.feature_fingerprint = "sample-features-and-crosses";
  return domain;
}

// `item number op request's number`, or a constant where there is no column of the request.
inline Rule sample_rule(std::size_t item_column, Comparison op, std::optional<std::size_t> request_column,
                        double constant) {
  Rule rule;
  rule.must.op = op;
  rule.must.left.side = Side::kItem;
  rule.must.left.column = item_column;
  if (request_column) rule.must.right.side = Side::kRequest;
  rule.must.right.column = request_column.value_or(0);
  rule.must.right.constant = constant;
  return rule;
}

inline std::shared_ptr<const Domain> share(Domain domain) {
  return std::make_shared<const Domain>(std::move(domain));
}

class SampleNumbers {
 public:
  explicit SampleNumbers(std::uint32_t seed) : random_(seed) {}

  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  std::int64_t whole(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(double probability) { return uniform(0, 1) < probability; }

  // Columns of small numbers: the last one few whole ones, so that equality happens; some are absent.
  std::vector<double> columns(std::size_t count, double absent) {
    std::vector<double> values;
    for (std::size_t c = 0; c < count; ++c) {
      const double value = c + 1 == count ? static_cast<double>(whole(0, 2)) : uniform(-2, 3);
      values.push_back(chance(absent) ? kSampleAbsent : static_cast<double>(static_cast<float>(value)));
    }
    return values;
  }
  std::vector<double> request(double absent = 0) {
    std::vector<double> values = columns(kSampleRequestColumns, absent);
    values[2] = static_cast<double>(whole(0, 2));
    return values;
  }

 private:
  std::mt19937 random_;
};

// `items` items with ids in random order and gaps, some deleted again.
inline std::shared_ptr<const Catalog> sample_catalog(std::shared_ptr<const Domain> domain, std::size_t items,
                                                     std::uint32_t seed, double absent = 0,
                                                     double deleted = 0) {
  SampleNumbers random(seed);
  auto catalog = Catalog::empty(std::move(domain));
  std::vector<ItemId> ids;
  for (std::size_t i = 0; i < items; ++i) ids.push_back(ItemId{static_cast<std::int64_t>(3 * i + 1)});
  for (std::size_t i = items; i > 1; --i) {
    std::swap(ids[i - 1], ids[static_cast<std::size_t>(random.whole(0, static_cast<std::int64_t>(i) - 1))]);
  }
  std::vector<ItemChange> changes;
  for (const ItemId id : ids) {
    changes.push_back({id, 1, catalog->pick(random.columns(kSampleItemColumns, absent))});
  }
  for (const ItemId id : ids) {
    if (random.chance(deleted)) changes.push_back({id, 1, std::nullopt});
  }
  return catalog->with(1, changes);
}

// Uses `share` of the domain's features and crosses.
inline Network sample_network(const Domain& domain, std::uint32_t seed, double share_used = 0.8) {
  SampleNumbers random(seed);
  Network network;
  for (std::uint32_t c = 0; c < domain.features.size() + domain.crosses.size(); ++c) {
    if (!random.chance(share_used)) continue;
    network.inputs.push_back(
        {c, static_cast<float>(random.uniform(-2, 0)), static_cast<float>(random.uniform(0.1, 0.5))});
  }
  const auto fill = [&](std::span<float> values, double bound) {
    for (float& value : values) value = static_cast<float>(random.uniform(-bound, bound));
  };
  network.first_weights.resize(network.inputs.size() * kHidden);
  fill(network.first_weights, 0.5);
  fill(network.first_bias, 0.5);
  fill(network.second_weights, 0.3);
  fill(network.second_bias, 0.3);
  fill(network.third_weights, 0.5);
  network.third_bias = 0.1F;
  return network;
}

// Every score of a scorer in row order.
class ScoreList final : public ScoreSink {
 public:
  void take(std::uint32_t first_row, std::span<const float> scores) override {
    values.resize(first_row);
    values.insert(values.end(), scores.begin(), scores.end());
  }
  std::vector<float> values;
};

inline std::vector<float> all_scores(const CatalogScorer& scorer, const Query& request,
                                     std::uint64_t seed = 0) {
  ScoreList list;
  scorer.score_all(request, seed, list);
  return list.values;
}

// Labels the rows of a request, of which one is picked with a probability in proportion to its odds.
inline void pick_one(std::span<const double> odds, std::int64_t request, SampleNumbers& random,
                     LabelledRows& rows) {
  double rest = random.uniform(0, std::accumulate(odds.begin(), odds.end(), 0.0));
  bool picked = false;
  for (const double odd : odds) {
    rest -= odd;
    rows.labels.push_back(!picked && rest < 0 ? 1.0F : 0.0F);
    picked |= rest < 0;
    rows.requests.push_back(request);
  }
}

// Lists of good and of bad rows of one feature, one pick each, drawn by the softmax of 0.8 x value.
inline LabelledRows choices_within_lists(std::int64_t requests, std::size_t rows_each, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = 1;
  for (std::int64_t request = 0; request < requests; ++request) {
    const double level = random.uniform(-5, 5);
    std::vector<double> odds(rows_each);
    for (double& odd : odds) {
      rows.values.push_back(static_cast<float>(level + random.uniform(-2, 2)));
      odd = std::exp(0.8 * static_cast<double>(rows.values.back()));
    }
    pick_one(odds, request, random, rows);
  }
  return rows;
}

}  // namespace rankloop::ml
