#include "storage/packed_ranking.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace rankloop::storage {
namespace {

rc::Gen<float> any_score() {
  return rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t bits) {
    const auto score = std::bit_cast<float>(bits);
    return std::isnan(score) ? 0.5F : score;
  });
}

std::vector<RankedItem> any_items() {
  const auto count = *rc::gen::inRange<std::size_t>(0, 300);
  std::vector<RankedItem> items(count);
  for (RankedItem& ranked : items) {
    ranked.item.value = *rc::gen::arbitrary<std::int64_t>();
    ranked.score = *any_score();
  }
  return items;
}

std::vector<RankedItem> typical_ranking() {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> score(0.001F, 0.95F);
  std::vector<RankedItem> items;
  for (int i = 0; i < 210; ++i) {
    items.push_back({ItemId{static_cast<std::int64_t>(random() % 16'384)}, score(random), 1});
  }
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return items;
}

TEST(PackedRanking, ComesBackAsItWas) {
  EXPECT_TRUE(rc::check([] {
    std::vector<RankedItem> items = any_items();
    const auto order = *rc::gen::inRange(0, 3);  // unsorted, falling, falling with propensities
    if (order > 0) std::sort(items.begin(), items.end(), [](auto& a, auto& b) { return a.score > b.score; });
    if (order > 1) {
      for (RankedItem& ranked : items) ranked.propensity = std::abs(*any_score());
    }
    const auto unpacked = unpack_ranking(pack_ranking(items));
    RC_ASSERT(unpacked.ok());
    RC_ASSERT(*unpacked == items);
  }));
}

TEST(PackedRanking, KeepsSpecialScoresBitForBit) {
  const float denormal = std::numeric_limits<float>::denorm_min();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& scores : {std::vector<float>{infinity, 1, denormal, 0.0F, -0.0F, -denormal, -3, -infinity},
                             std::vector<float>{0.5F, 0.5F, 0.5F}, std::vector<float>{-0.0F, 0.0F}}) {
    std::vector<RankedItem> items;
    for (const float score : scores) items.push_back({ItemId{1}, score, 1});
    const auto unpacked = unpack_ranking(pack_ranking(items));
    ASSERT_TRUE(unpacked);
    for (std::size_t i = 0; i < items.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(unpacked->at(i).score), std::bit_cast<std::uint32_t>(scores[i]));
    }
  }
}

TEST(PackedRanking, FitsATypicalRankingInto1300Bytes) {
  EXPECT_LT(pack_ranking(typical_ranking()).size(), 1'300U);
}

TEST(PackedRanking, FindsEveryDamage) {
  const std::string packed = pack_ranking(typical_ranking());
  for (std::size_t at = 0; at < packed.size(); ++at) {
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto unpacked = unpack_ranking(damaged);
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().code, ErrorCode::kDataLoss);
    EXPECT_FALSE(unpack_ranking(std::string_view(packed).substr(0, at)));
  }
}

TEST(PackedIds, ComeBackAsTheyWere) {
  EXPECT_TRUE(rc::check([](const std::vector<std::int64_t>& values) {
    std::vector<ItemId> ids;
    for (const std::int64_t value : values) ids.push_back({value});
    const auto unpacked = unpack_ids(pack_ids(ids));
    RC_ASSERT(unpacked.ok());
    RC_ASSERT(*unpacked == ids);
  }));
}

TEST(PackedIds, AreRefusedWhenCutOff) {
  EXPECT_FALSE(unpack_ids(std::string_view("\xff", 1)));
}

}  // namespace
}  // namespace rankloop::storage
