// Sums over vectors: the same bits on every processor, and those of an item by itself.
#include "ml/vector_sums.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

TEST(VectorSums, HaveTheBitsOfAnItemByItself) {
  SampleNumbers random(1);
  constexpr std::size_t kSize = 7;
  std::vector<float> asked(kSize);
  for (float& number : asked) number = static_cast<float>(random.uniform(-2, 3));
  std::vector<float> items(kSize * kChunkRows);
  for (float& number : items) number = static_cast<float>(random.uniform(-2, 3));
  items[kChunkRows + 5] = std::numeric_limits<float>::quiet_NaN();
  constexpr std::size_t kFirst = kChunkRows - kBlockRows;  // nothing stands behind the last one
  for (const std::size_t first : {std::size_t{0}, kFirst}) {
    for (const VectorTerm term : {VectorTerm::kProduct, VectorTerm::kDifference}) {
      VectorSums portable, best;
      portable_vector_sums()(term, asked, items.data() + first, portable);
      best_vector_sums()(term, asked, items.data() + first, best);
      for (std::size_t i = 0; i < kBlockRows; ++i) {
        float terms = 0, squares = 0;
        for (std::size_t n = 0; n < kSize; ++n) {
          const float number = items[n * kChunkRows + first + i];
          const float apart = asked[n] - number;
          terms += term == VectorTerm::kProduct ? asked[n] * number : apart * apart;
          squares += number * number;
        }
        if (first == 0 && i == 5) {
          EXPECT_TRUE(std::isnan(best.terms[i]) && std::isnan(best.squares[i]));
          continue;
        }
        EXPECT_EQ(portable.terms[i], terms);
        EXPECT_EQ(portable.squares[i], squares);
        EXPECT_EQ(best.terms[i], terms);
        EXPECT_EQ(best.squares[i], squares);
      }
    }
  }
}

}  // namespace
}  // namespace rankloop::ml
