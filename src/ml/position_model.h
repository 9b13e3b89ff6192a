// Does position do nothing but decide who looks? The position-based model says so: a pick's chance is that of
// a place, p_k, times that of the item, r. Trust bias is one way in which it fails: people pick what stands
// on top although it is worse, because it stands there (Agarwal, Wang, Li, Bendersky and Najork, "Addressing
// trust bias for unbiased learning-to-rank", WWW 2019), so that the chance is alpha_k r + beta_k. Its two
// curves need a sign of who was pleased after the pick; with picks alone, one a list, beta_k cannot be told
// from what competition within a list does to rates. So what is asked here is only whether the product fits.
// Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rankloop::ml {

// An item of a list in random order, with what a model says of it.
struct ShownAtRandom {
  std::int32_t position = 1;  // 1-based
  double score = 0;           // greater is better, comparable between lists; any scale
  bool picked = false;
};

struct PositionModelTest {
  std::size_t picks = 0;
  std::vector<std::int32_t> last_positions;  // of the groups of positions
  std::size_t bins = 0;                      // of scores
  double chi_squared = 0;
  std::size_t degrees = 0;
  double p_value = 1;
  // Picks of the worst bin at the first group, and as many as the product expects: more of them is what trust
  // bias looks like.
  double worst_on_top = 0;
  double worst_on_top_expected = 0;
};

// Pearson's test of the table of positions and scores. Scores are divided into up to four bins with about
// equally many picks, positions into groups with at least 20 picks each, so that a cell expects about five or
// more (Cochran, Biometrics 1954). Expected are n_kb p_k r_b, the likeliest of them for counts of Poisson's
// law (by proportional fitting); (groups - 1) (bins - 1) degrees of freedom. Picks of one list exclude each
// other, which makes the test a little shy. Empty where there are fewer than two groups or two bins.
std::optional<PositionModelTest> test_position_model(std::span<const ShownAtRandom> rows);

}  // namespace rankloop::ml
