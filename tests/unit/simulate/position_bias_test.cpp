// Guests who overlook what stands low, and what the estimated examination makes of their picks.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "domain/strict_json.h"
#include "ml/evaluate.h"
#include "ml/examination.h"
#include "ml/feature_space.h"
#include "ml/train.h"
#include "simulate/choice.h"
#include "simulate/labelled.h"

namespace rankloop::simulate {
namespace {

constexpr std::size_t kShown = 10;

Values values_of(const Schema& schema, const std::string& json) {
  const auto value = parse_strict_json(json);
  EXPECT_TRUE(value);
  const std::array<std::string_view, 1> loc = {"test"};
  const auto record = schema.check(*value, loc);
  EXPECT_TRUE(record);
  return record->values;
}

struct Log {
  ml::LabelledRows rows;
  std::vector<std::uint8_t> randomised;  // by row
};

// Ten places a guest: every tenth list in random order, the others by a ranker that knows prices
// only and puts the cheapest first.
Log biased_log(int guests, double position_bias, std::uint64_t seed) {
  const auto domain = default_domain();
  const std::vector<Place> places = make_places();
  const Profile profile = default_profile();
  const auto layout = ml::Catalog::empty(domain);
  std::vector<ml::ItemValues> items;
  for (const Place& place : places) items.push_back(layout->pick(values_of(domain->items, to_json(place))));
  const ml::FeatureMaker maker(*domain, *layout);

  Log log;
  log.rows = maker.no_rows();
  for (int number = 0; number < guests; ++number) {
    Random random = Random::stream(seed, static_cast<std::uint64_t>(number));
    const Guest guest = draw_guest(profile, random);
    std::string json;
    append_json(json, guest);
    const auto request = values_of(domain->requests, json);
    std::array<std::size_t, kShown> shown;
    for (std::size_t& place : shown) place = random.below(places.size());
    const bool randomised = random.chance(0.1);
    if (!randomised) {
      std::ranges::stable_sort(shown, [&](auto a, auto b) { return places[a].price < places[b].price; });
    }
    std::array<double, kShown> scores;
    for (std::size_t i = 0; i < kShown; ++i) scores[i] = true_score(guest, places[shown[i]]);
    const auto pick = choose(scores, guest.kind->taste, {1, position_bias}, random);
    for (std::size_t i = 0; i < kShown; ++i) {
      maker.append(request, items[shown[i]], log.rows);
      log.rows.labels.push_back(pick == i ? 1.0F : 0.0F);
      log.rows.requests.push_back(number);
      log.rows.items.push_back(places[shown[i]].id);
      log.rows.shown.push_back({.position = static_cast<std::int32_t>(i + 1)});
      log.randomised.push_back(randomised ? 1 : 0);
    }
  }
  return log;
}

// NDCG@10 of a model trained on the rows, for fresh guests who look at everything.
double unbiased_ndcg(const ml::LabelledRows& rows, std::uint64_t seed) {
  const auto domain = default_domain();
  const auto model = ml::train_model(*domain, rows, {}, {.family = "logistic"}, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  const auto fresh =
      make_labelled(*domain, make_places(), default_profile(), {1000, kShown, seed + 1000, true});
  EXPECT_TRUE(fresh);
  const std::vector<float> raw = ml::score_rows(**model, *fresh);
  const std::vector<double> scores(raw.begin(), raw.end());
  const std::vector<double> labels(fresh->labels.begin(), fresh->labels.end());
  const auto metrics = ml::evaluate({scores, labels, {}, fresh->requests});
  EXPECT_TRUE(metrics);
  return metrics->ndcg[3].value_or(0);
}

ml::PositionCounts counted(const Log& log) {
  ml::PositionCounts counts;
  counts.add(log.rows, log.randomised);
  return counts;
}

TEST(PositionBias, IsFoundInRandomisedListsOfGuestsWhoOverlookThings) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Log log = biased_log(10'000, 1, seed);
    const ml::Examination examination = ml::estimate_attraction(counted(log)).curve;
    ASSERT_EQ(examination.at_position.size(), kShown);
    // Whoever looks far down has seen more to choose from: the picks fall a little faster than 1 / k.
    for (const int k : {2, 4, 8}) {
      EXPECT_LT(examination.at(k), 1.4 / k) << "seed " << seed << " position " << k;
      EXPECT_GT(examination.at(k), 0.4 / k) << "seed " << seed << " position " << k;
    }
  }
}

TEST(PositionBias, IsNotFoundWhereGuestsLookAtEverything) {
  for (const std::uint64_t seed : {4U, 5U, 6U}) {
    const Log log = biased_log(10'000, 0, seed);
    EXPECT_GT(ml::estimate_attraction(counted(log)).curve.at(10), 0.6);
  }
}

TEST(PositionBias, TrainingThatWeighsItBeatsTrainingThatIgnoresIt) {
  double gained = 0;
  for (const std::uint64_t seed : {11U, 12U, 13U, 14U, 15U}) {
    Log log = biased_log(2000, 1, seed);
    const double ignoring = unbiased_ndcg(log.rows, seed);
    ml::weigh_by_attraction(log.rows, ml::estimate_attraction(counted(log)).curve);
    const double weighing = unbiased_ndcg(log.rows, seed);
    EXPECT_GT(weighing, ignoring + 0.01) << "seed " << seed;
    gained += (weighing - ignoring) / 5;
  }
  EXPECT_GT(gained, 0.03);
}

}  // namespace
}  // namespace rankloop::simulate
