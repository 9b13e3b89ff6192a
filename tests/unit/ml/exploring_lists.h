// Five items, ways to explore them, and draws of a posterior that do not agree.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "domain/ranking.h"
#include "ml/explore/explore.h"

namespace rankloop::ml {

inline Ranking own_order(const std::vector<float>& scores) {
  Ranking own;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    own.items.push_back({ItemId{static_cast<std::int64_t>(i + 1)}, scores[i], 1});
  }
  return own;
}

inline std::vector<std::int64_t> ids_of(const Ranking& ranking) {
  std::vector<std::int64_t> ids;
  for (const RankedItem& item : ranking.items) ids.push_back(item.item.value);
  return ids;
}

// Draws of a posterior that do not agree with each other, of five items.
inline std::vector<std::vector<float>> five_draws() {
  std::vector<std::vector<float>> draws(kPosteriorDraws, {0.8F, 0.7F, 0.5F, 0.3F, 0.1F});
  for (std::size_t i = 0; i < draws.size(); ++i) {
    if (i % 3 == 0) std::swap(draws[i][0], draws[i][1]);
    if (i % 5 == 0) std::swap(draws[i][1], draws[i][3]);
    if (i % 7 == 0) std::swap(draws[i][0], draws[i][4]);
  }
  return draws;
}

inline const std::vector<float> kFive = {0.8F, 0.7F, 0.5F, 0.3F, 0.1F};

struct Terms {
  const char* name;
  Exploration terms;
};

inline std::vector<Terms> all_terms() {
  using enum PolicyKind;
  return {
      {"epsilon", {.policy = kEpsilonPositions, .share = 0.3, .depth = 3}},
      {"epsilon, safe", {.policy = kEpsilonPositions, .share = 0.5, .depth = 4, .safe_top = 2}},
      {"epsilon, bounded", {.policy = kEpsilonPositions, .share = 0.9, .depth = 3, .most_loss = 0.05}},
      {"softmax", {.policy = kSoftmax, .share = 1, .temperature = 1, .depth = 3}},
      {"softmax, mixed", {.policy = kSoftmax, .share = 0.4, .temperature = 2, .depth = 10}},
      {"softmax, bounded", {.policy = kSoftmax, .share = 1, .temperature = 5, .depth = 3, .most_loss = 0.02}},
      {"thompson", {.policy = kThompson, .share = 1, .depth = 3}},
      {"thompson, mixed", {.policy = kThompson, .share = 0.5, .depth = 3, .safe_top = 1}},
      {"squarecb", {.policy = kSquareCb, .share = 1, .gamma = 5}},
      {"squarecb, mixed", {.policy = kSquareCb, .share = 0.6, .gamma = 1, .safe_top = 1}},
  };
}

inline Ranking drawn(const Exploration& terms, std::uint64_t seed, const std::vector<float>& scores = kFive) {
  Ranking own = own_order(scores);
  own.seed = seed;
  return explored(own, {},
                  terms.policy == PolicyKind::kThompson ? five_draws() : std::vector<std::vector<float>>{},
                  terms);
}

}  // namespace rankloop::ml
