// Answers a request by a way that explores positions (exploration.h), with exact propensities.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/ranking.h"
#include "ml/calibration.h"
#include "ml/explore/exploration.h"
#include "ml/placing.h"

namespace rankloop::ml {

// What wishes say of a slate.
struct SlateWishes {
  Placing placing{};             // what may stand where
  std::vector<double> boosts{};  // of each place, added to its log-odds; empty: none
};

// The list that is shown instead of the model's order of the same request. `own`: the slate, which stands in
// that order but for what `wishes` place otherwise. `draws`: of each draw of the model's posterior the scores
// of own.items, for a way that needs them. The same seed gives the same list.
Ranking explored(const Ranking& own, const Calibration& calibration, std::vector<std::vector<float>> draws,
                 const Exploration& terms, const SlateWishes& wishes = {});

// How much may be explored so that at most terms.most_loss of what the model's own order is worth is expected
// to be lost, as the model's calibrated probabilities p tell it. With d(j) = 1 / log2(j + 1) for position j:
//
//   value = sum over the first `depth` positions of d(j) p(own item at j)
//   loss  = sum over the same of d(j) (p(own item at j) - mean of p under the way, after the model's own
//   items) share = min(terms.share, most_loss x value / loss)
//
// The mean is taken after the model's own best, where what is left is worst. Ways that never prefer the worse
// item (all but thompson, whose draws may) therefore lose no more than that; of squarecb, and of any first
// position, it is what is lost. The share depends on the request and not on what is drawn.
double bounded_share(const Slate& slate, const Exploration& terms, const Placing& placing = {});

// P(item | the items above it) under share x way + (1 - share) x the model's own order. `chances`: those of
// the way, for `ranking`, by position; 1 beyond them. While the list agrees with the model's own either may
// have made it; after the first difference only the way.
void mix_propensities(double share, std::span<const double> chances, const Ranking& own, Ranking& ranking);

// What the same mixture makes of a list that it need not have drawn, from the top down.
struct Followed {
  std::vector<double> joint;  // P(each item with all above it)
  std::vector<double>
      mean;  // of the values of what it shows there, given those above; 0 where they never are
};
inline constexpr std::uint32_t kNoPlace = 0xffffffffU;
// `places`: of the list's items in the slate, kNoPlace of an item that it does not have; no more than it has
// places. `values`: one of each place. Replaces what is in `followed`.
void follow(const Slate& slate, const Exploration& terms, std::span<const std::uint32_t> places,
            std::span<const double> values, Followed& followed);

// Apart from the draws of a uniform order, which take the seed itself.
std::uint64_t exploring_seed(std::uint64_t seed);

Slate make_slate(std::span<const RankedItem> own, const Calibration& calibration,
                 std::vector<std::vector<float>> draws = {}, std::span<const double> boosts = {});

}  // namespace rankloop::ml
