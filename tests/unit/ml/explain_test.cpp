// Contributions add up to the score, in every family.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ml/families/logistic/linear.h"
#include "ml/families/mlp/network.h"
#include "ml/model.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

TEST(ExplainLogistic, GivesEachInputItsWeightTimesItsDistanceFromTheMean) {
  const auto model = make_logistic_model({{{0, 2, 0.5F}, {2, 10, -0.25F}}, -1}, "explain");
  const std::vector<float> values = {4, 100, 6};
  const Explanation explanation = model->explain({values, 3, {}});
  EXPECT_DOUBLE_EQ(explanation.base, -1);
  EXPECT_EQ(explanation.contributions, (std::vector<double>{1, 0, 1}));
}

TEST(ExplainLogistic, GivesAnAbsentInputNothing) {
  const auto model = make_logistic_model({{{0, 2, 0.5F}, {2, 10, -0.25F}}, -1}, "explain");
  const std::vector<float> values = {NAN, 100};  // the third is not even given
  const Explanation explanation = model->explain({values, 2, {}});
  EXPECT_EQ(explanation.contributions, (std::vector<double>{0, 0}));
}

TEST(ExplainMlp, GivesNothingToInputsThatItDoesNotUseOrThatStandAtZero) {
  const Domain domain = sample_domain_with_crosses();
  const Network network = sample_network(domain, 1, 0.5);
  const auto model = make_mlp_model(network, domain.feature_fingerprint);
  const std::size_t width = domain.features.size() + domain.crosses.size();
  std::vector<float> values(width, 1.5F);
  std::vector<bool> used(width);
  for (const NetworkInput& input : network.inputs) used[input.column] = true;
  const std::size_t at_zero = network.inputs[0].column;
  values[at_zero] = network.inputs[0].minimum;
  const Explanation explanation = model->explain({values, width, {}});
  for (std::size_t c = 0; c < width; ++c) {
    if (!used[c] || c == at_zero) EXPECT_EQ(explanation.contributions[c], 0) << c;
  }
}

// A network that is linear where the row stands: every unit that is on stays on along the whole path.
TEST(ExplainMlp, IsExactForALinearNetwork) {
  Network network;
  network.inputs = {{0, 0, 1}, {1, 0, 1}};
  network.first_weights.assign(2 * kHidden, 0.0F);
  network.first_weights[0] = 0.5F;         // input 0 to unit 0
  network.first_weights[kHidden] = 0.25F;  // input 1 to unit 0
  network.first_bias[0] = 1;
  network.second_weights[0] = 2;
  network.third_weights[0] = -1;
  network.third_bias = 0.5F;
  const auto model = make_mlp_model(network, "explain");
  const std::vector<float> values = {2, 4};
  const Explanation explanation = model->explain({values, 2, {}});
  EXPECT_NEAR(explanation.base, 0.5 - 2, 1e-9);
  EXPECT_NEAR(explanation.contributions[0], -2, 1e-9);
  EXPECT_NEAR(explanation.contributions[1], -2, 1e-9);
}

TEST(ExplainRandom, HasNoReasons) {
  const std::vector<float> values(5, 1.0F);
  const Explanation explanation = random_model()->explain({values, 5, {}});
  EXPECT_EQ(explanation.contributions, std::vector<double>(5));
}

}  // namespace
}  // namespace rankloop::ml
