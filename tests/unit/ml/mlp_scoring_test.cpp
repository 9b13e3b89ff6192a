// The split, blocked, vectorised scorer against the plain formula in double precision.
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "ml/families/mlp/block_kernel.h"
#include "ml/families/mlp/mlp_model.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kUnbounded = SIZE_MAX;
constexpr double kTolerance = 1e-5;

double plain_comparison(Comparison op, double left, double right) {
  switch (op) {
    case Comparison::kEqual:
      return left == right ? 1 : 0;
    case Comparison::kNotEqual:
      return left != right ? 1 : 0;
    case Comparison::kLess:
      return left < right ? 1 : 0;
    case Comparison::kLessEqual:
      return left <= right ? 1 : 0;
    case Comparison::kGreater:
      return left > right ? 1 : 0;
    case Comparison::kGreaterEqual:
      return left >= right ? 1 : 0;
  }
  return 0;
}

double plain_cross(const Cross& cross, double request, double item) {
  if (std::isnan(request) || std::isnan(item)) return kSampleAbsent;
  switch (cross.op) {
    case CrossOp::kAnd:
      return request != 0 && item != 0 ? 1 : 0;
    case CrossOp::kProduct:
      return request * item;
    case CrossOp::kDifference:
      return request - item;
    case CrossOp::kRatio:
      return item == 0 ? 0 : request / item;
    case CrossOp::kCompare:
      return plain_comparison(cross.comparison, request, item);
    default:  // the sample domain has none of the others
      return 0;
  }
}

// The raw inputs of one item for one request: features, then crosses.
std::vector<double> raw_inputs(const Catalog& catalog, std::uint32_t row, std::span<const double> request) {
  const Domain& domain = catalog.domain();
  const CatalogChunk& chunk = *catalog.chunks()[row / kChunkRows];
  const auto item = [&](std::size_t column) {
    return static_cast<double>(chunk.column(catalog.position_of(column))[row % kChunkRows]);
  };
  std::vector<double> raw;
  for (const Feature& feature : domain.features) {
    raw.push_back(feature.side == Side::kItem ? item(feature.column) : request[feature.column]);
  }
  for (const Cross& cross : domain.crosses) {
    raw.push_back(plain_cross(cross, request[cross.request_column], item(cross.item_column)));
  }
  return raw;
}

double plain_score(const Network& network, std::span<const double> raw) {
  std::vector<double> scaled;
  for (const NetworkInput& input : network.inputs) {
    const double value = raw[input.column];
    scaled.push_back(std::isnan(value) ? 0 : (value - input.minimum) * input.scale);
  }
  std::vector<double> hidden(network.first_bias.begin(), network.first_bias.end());
  for (std::size_t h = 0; h < kHidden; ++h) {
    for (std::size_t i = 0; i < scaled.size(); ++i)
      hidden[h] += scaled[i] * network.first_weights[i * kHidden + h];
    hidden[h] = std::max(hidden[h], 0.0);
  }
  double logit = network.third_bias;
  for (std::size_t o = 0; o < kSecond; ++o) {
    double second = network.second_bias[o];
    for (std::size_t h = 0; h < kHidden; ++h) second += hidden[h] * network.second_weights[h * kSecond + o];
    logit += std::max(second, 0.0) * network.third_weights[o];
  }
  return 1 / (1 + std::exp(-logit));
}

void expect_plain_scores(const Network& network, const Catalog& catalog, std::span<const double> request,
                         std::span<const float> scores) {
  ASSERT_EQ(scores.size(), catalog.rows());
  for (std::uint32_t row = 0; row < catalog.rows(); ++row) {
    ASSERT_NEAR(scores[row], plain_score(network, raw_inputs(catalog, row, request)), kTolerance)
        << "row " << row;
  }
}

TEST(MlpScoring, EqualsThePlainNetworkOfSelectedFeatures) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const auto catalog = sample_catalog(share(sample_domain()), 300, seed, 0, 0.1);
    const Network network = sample_network(catalog->domain(), seed);
    const auto scorer = make_mlp_model(network, "f")->bind(catalog, nullptr, kUnbounded);
    const std::vector<double> request = SampleNumbers(seed).request();
    expect_plain_scores(network, *catalog, request, all_scores(*scorer, request));
  }
}

TEST(MlpScoring, EqualsThePlainNetworkWithCrosses) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const auto catalog = sample_catalog(share(sample_domain_with_crosses()), 300, seed);
    const Network network = sample_network(catalog->domain(), seed, 0.9);
    const auto scorer = make_mlp_model(network, "f")->bind(catalog, nullptr, kUnbounded);
    const std::vector<double> request = SampleNumbers(seed).request();
    expect_plain_scores(network, *catalog, request, all_scores(*scorer, request));
  }
}

TEST(MlpScoring, EqualsThePlainNetworkWhereValuesAreAbsent) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const auto catalog = sample_catalog(share(sample_domain_with_crosses()), 300, seed, 0.2);
    const Network network = sample_network(catalog->domain(), seed, 1);
    const auto scorer = make_mlp_model(network, "f")->bind(catalog, nullptr, kUnbounded);
    const std::vector<double> request = SampleNumbers(seed).request(0.3);
    expect_plain_scores(network, *catalog, request, all_scores(*scorer, request));
  }
}

TEST(MlpScoring, HoldsAcrossChunks) {
  const auto catalog = sample_catalog(share(sample_domain_with_crosses()), 2 * kChunkRows + 5, 1);
  const Network network = sample_network(catalog->domain(), 1);
  const auto scorer = make_mlp_model(network, "f")->bind(catalog, nullptr, kUnbounded);
  const std::vector<double> request = SampleNumbers(1).request();
  expect_plain_scores(network, *catalog, request, all_scores(*scorer, request));
}

TEST(MlpScoring, GivesTheSameBitsWhateverIsPrecomputed) {
  const auto catalog = sample_catalog(share(sample_domain_with_crosses()), kChunkRows + 100, 3, 0.1);
  const auto model = make_mlp_model(sample_network(catalog->domain(), 3), "f");
  const std::vector<double> request = SampleNumbers(3).request();
  const auto precomputed = model->bind(catalog, nullptr, kUnbounded);
  const auto on_the_fly = model->bind(catalog, nullptr, 0);
  const auto mixed = model->bind(catalog, nullptr, kChunkRows * kHidden * sizeof(float));
  EXPECT_EQ(on_the_fly->resident_bytes(), 0U);
  EXPECT_EQ(mixed->resident_bytes(), kChunkRows * kHidden * sizeof(float));
  EXPECT_GT(precomputed->resident_bytes(), mixed->resident_bytes());
  const std::vector<float> expected = all_scores(*precomputed, request);
  EXPECT_EQ(all_scores(*on_the_fly, request), expected);
  EXPECT_EQ(all_scores(*mixed, request), expected);
}

TEST(MlpScoring, ScoresFeatureRowsAsABoundScorerDoes) {
  const auto catalog = sample_catalog(share(sample_domain_with_crosses()), 100, 4, 0.1);
  const Network network = sample_network(catalog->domain(), 4, 1);
  const auto model = make_mlp_model(network, "f");
  const std::vector<double> request = SampleNumbers(4).request();
  std::vector<float> values;
  std::size_t width = 0;
  for (std::uint32_t row = 0; row < catalog->rows(); ++row) {
    const std::vector<double> raw = raw_inputs(*catalog, row, request);
    width = raw.size();
    for (const double value : raw) values.push_back(static_cast<float>(value));
  }
  std::vector<float> scores(catalog->rows());
  model->score_features({values, width, {}}, 0, scores);
  expect_plain_scores(network, *catalog, request, scores);
}

TEST(MlpScoring, TakesColumnsThatRowsLackAsAbsent) {
  const Domain domain = sample_domain_with_crosses();
  const auto model = make_mlp_model(sample_network(domain, 5, 1), "f");
  const std::size_t full = domain.features.size() + domain.crosses.size();
  std::vector<float> wide(full, std::numeric_limits<float>::quiet_NaN());
  std::fill_n(wide.begin(), domain.features.size(), 0.5F);
  const std::vector<float> narrow(domain.features.size(), 0.5F);
  std::vector<float> of_wide(1);
  std::vector<float> of_narrow(1);
  model->score_features({wide, full, {}}, 0, of_wide);
  model->score_features({narrow, domain.features.size(), {}}, 0, of_narrow);
  EXPECT_EQ(of_wide, of_narrow);
}

TEST(MlpScoring, ScoresAreProbabilitiesEvenForExtremeInputs) {
  const auto domain = share(sample_domain());
  auto catalog = Catalog::empty(domain);
  std::vector<ItemChange> changes;
  for (const double value : {-1e300, -1e30, 0.0, 1e30, 1e300}) {
    changes.push_back({ItemId{static_cast<std::int64_t>(changes.size()) + 1}, 1,
                       catalog->pick(std::vector<double>(kSampleItemColumns, value))});
  }
  catalog = catalog->with(1, changes);
  const auto scorer = make_mlp_model(sample_network(*domain, 1), "f")->bind(catalog, nullptr, kUnbounded);
  for (const float score : all_scores(*scorer, SampleNumbers(1).request())) {
    EXPECT_TRUE(std::isnan(score) || (score >= 0 && score <= 1)) << score;
  }
}

TEST(MlpBinding, KeepsTheHalvesOfSharedChunks) {
  const auto domain = share(sample_domain());
  const auto catalog = sample_catalog(domain, 2 * kChunkRows, 6);
  const auto model = make_mlp_model(sample_network(*domain, 6), "f");
  const auto first = model->bind(catalog, nullptr, kUnbounded);
  const ItemChange change{catalog->id_at(5), 2,
                          ItemValues{std::vector<float>(catalog->item_columns().size(), 1.0F), {}}};
  const auto changed = catalog->with(2, {&change, 1});
  const auto second = model->bind(changed, first.get(), kUnbounded);
  const std::vector<double> request = SampleNumbers(6).request();
  EXPECT_EQ(all_scores(*second, request), all_scores(*model->bind(changed, nullptr, kUnbounded), request));
  EXPECT_EQ(shared_halves(*first, *second), 1U);
  EXPECT_EQ(shared_halves(*first, *model->bind(changed, nullptr, kUnbounded)), 0U);
}

TEST(MlpBinding, NeverTakesTheHalvesOfAnotherModel) {
  const auto domain = share(sample_domain());
  const auto catalog = sample_catalog(domain, 100, 7);
  const auto other = make_mlp_model(sample_network(*domain, 8), "f")->bind(catalog, nullptr, kUnbounded);
  const auto model = make_mlp_model(sample_network(*domain, 7), "f");
  const auto scorer = model->bind(catalog, other.get(), kUnbounded);
  EXPECT_EQ(shared_halves(*other, *scorer), 0U);
  const std::vector<double> request = SampleNumbers(7).request();
  EXPECT_EQ(all_scores(*scorer, request), all_scores(*model->bind(catalog, nullptr, kUnbounded), request));
}

TEST(BlockKernel, IsTheSameFormulaOnEveryProcessor) {
  const Network network = sample_network(sample_domain(), 9, 1);
  SampleNumbers random(9);
  std::vector<float> inputs;
  for (std::size_t i = 0; i < network.inputs.size() * kBlockRows; ++i) {
    inputs.push_back(static_cast<float>(random.uniform(0, 1)));
  }
  std::vector<float> request(kHidden, 0.25F);
  const auto run = [&](const BlockKernel& kernel) {
    HiddenBlock hidden;
    std::vector<float> scores(kBlockRows);
    kernel.first_layer(inputs.data(), network.inputs.size(), network.first_weights.data(),
                       network.first_bias.data(), hidden);
    kernel.score(hidden, request.data(), {}, network, scores.data());
    return scores;
  };
  const std::vector<float> portable = run(portable_kernel());
  const std::vector<float> best = run(best_kernel());
  for (std::size_t i = 0; i < kBlockRows; ++i) EXPECT_NEAR(portable[i], best[i], kTolerance);
}

}  // namespace
}  // namespace rankloop::ml
