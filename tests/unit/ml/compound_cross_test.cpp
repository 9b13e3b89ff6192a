// Crosses of words, vectors and places against plain computations in double.
#include "ml/compound_cross.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/feature_space.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

using Set = std::set<std::string>;

constexpr std::size_t kSize = 5;

Domain domain_with(CrossOp op, std::size_t size) {
  Domain domain;
  domain.crosses = {{.name = "cross", .op = op, .request_column = 0, .item_column = 0, .size = size}};
  return domain;
}

double expected(CrossOp op, const Set& asked, const Set& offered) {
  Set common, all;
  std::ranges::set_intersection(asked, offered, std::inserter(common, common.end()));
  std::ranges::set_union(asked, offered, std::inserter(all, all.end()));
  const auto n = static_cast<double>(common.size());
  switch (op) {
    case CrossOp::kSame:
      return asked == offered ? 1 : 0;
    case CrossOp::kContains:
      return n > 0 ? 1 : 0;
    case CrossOp::kOverlap:
      return n;
    case CrossOp::kJaccard:
      return all.empty() ? 0 : n / static_cast<double>(all.size());
    default:
      return asked.empty() ? 0 : n / static_cast<double>(asked.size());
  }
}

double expected(CrossOp op, const std::vector<double>& a, const std::vector<double>& b) {
  if (op == CrossOp::kDistanceKm) {  // by the vectors of both points, not by haversines
    const auto point = [](const std::vector<double>& place) {
      const double latitude = place[0] * std::numbers::pi / 180,
                   longitude = place[1] * std::numbers::pi / 180;
      return std::vector<double>{std::cos(latitude) * std::cos(longitude),
                                 std::cos(latitude) * std::sin(longitude), std::sin(latitude)};
    };
    const auto p = point(a), q = point(b);
    const std::vector<double> cross = {p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2],
                                       p[0] * q[1] - p[1] * q[0]};
    return 6371.0088 *
           std::atan2(std::hypot(cross[0], cross[1], cross[2]), p[0] * q[0] + p[1] * q[1] + p[2] * q[2]);
  }
  double dot = 0, aa = 0, bb = 0, apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i], apart += (a[i] - b[i]) * (a[i] - b[i]);
  }
  if (op == CrossOp::kDot) return dot;
  return op == CrossOp::kDistance ? std::sqrt(apart) : dot / std::sqrt(aa * bb);
}

// The cross of one pair: made as a row of a training, and where a catalog holds the item.
struct Pair {
  Pair(CrossOp op, std::size_t size, const Values& request, const Values& item) {
    const auto domain = share(domain_with(op, size));
    auto catalog = Catalog::empty(domain);
    const std::vector<ItemChange> changes = {{ItemId{1}, 1, catalog->pick(item)}};
    catalog = catalog->with(1, changes);
    const FeatureMaker maker(*domain, *catalog);
    std::vector<float> values;
    maker.append_numbers(request, *changes[0].values, values);
    maker.append_numbers(maker.asked(request), *catalog->chunks()[0], 0, values);
    row = values[0], bound = values[1];
  }
  float row = 0;
  float bound = 0;
};

Values words(const Words& some) {
  return {{}, {some}};
}

Values numbers(std::vector<double> some) {
  return {std::move(some), {}};
}

TEST(CompoundCross, CountsWordsInCommon) {
  SampleNumbers random(1);
  const auto drawn = [&] {
    Set set;
    for (int w = 0; w < 6; ++w) {
      if (random.chance(0.4)) set.insert("word " + std::to_string(w));
    }
    return set;
  };
  for (int round = 0; round < 200; ++round) {
    const Set asked = drawn(), offered = drawn();
    for (const CrossOp op :
         {CrossOp::kSame, CrossOp::kContains, CrossOp::kOverlap, CrossOp::kJaccard, CrossOp::kCoverage}) {
      const Pair pair(op, 1, words(std::vector<std::string>(asked.begin(), asked.end())),
                      words(std::vector<std::string>(offered.begin(), offered.end())));
      ASSERT_FLOAT_EQ(pair.row, static_cast<float>(expected(op, asked, offered))) << name_of(op);
      ASSERT_EQ(pair.row, pair.bound);
    }
  }
}

TEST(CompoundCross, MeasuresVectorsAndPlaces) {
  SampleNumbers random(2);
  for (int round = 0; round < 200; ++round) {
    for (const CrossOp op : {CrossOp::kDot, CrossOp::kCosine, CrossOp::kDistance, CrossOp::kDistanceKm}) {
      const bool place = op == CrossOp::kDistanceKm;
      std::vector<double> a, b;
      for (std::size_t i = 0; i < (place ? 2 : kSize); ++i) {
        a.push_back(random.uniform(-90, 90));
        b.push_back(random.uniform(-90, 90));
      }
      const Pair pair(op, a.size(), numbers(a), numbers(b));
      const double wanted = expected(op, a, b);
      ASSERT_NEAR(pair.row, wanted, 1e-4 * (1 + std::abs(wanted))) << name_of(op);
      ASSERT_EQ(pair.row, pair.bound);
    }
  }
}

TEST(CompoundCross, KnowsHowFarBerlinIsFromParis) {
  const Pair pair(CrossOp::kDistanceKm, 2, numbers({52.52, 13.405}), numbers({48.8566, 2.3522}));
  EXPECT_NEAR(pair.row, 877.5, 1);
}

TEST(CompoundCross, IsAbsentWhereASideIs) {
  const Words some = std::vector<std::string>{"a"};
  EXPECT_TRUE(std::isnan(Pair(CrossOp::kContains, 1, words({}), words(some)).row));
  EXPECT_TRUE(std::isnan(Pair(CrossOp::kContains, 1, words(some), words({})).bound));
  const double none = kSampleAbsent;
  EXPECT_TRUE(std::isnan(Pair(CrossOp::kCosine, 2, numbers({none, none}), numbers({1, 2})).row));
  EXPECT_TRUE(std::isnan(Pair(CrossOp::kDistanceKm, 2, numbers({1, 2}), numbers({none, none})).bound));
}

TEST(CompoundCross, StaysFiniteWhateverTheNumbers) {
  const Pair zero(CrossOp::kCosine, 2, numbers({0, 0}), numbers({1, 2}));
  EXPECT_EQ(zero.row, 0);
  for (const CrossOp op : {CrossOp::kDot, CrossOp::kCosine, CrossOp::kDistance}) {
    EXPECT_TRUE(std::isfinite(Pair(op, 2, numbers({1e300, -1e300}), numbers({1e300, 1e300})).row))
        << name_of(op);
  }
}

}  // namespace
}  // namespace rankloop::ml
