// The bytes of stored rankings.
#include "storage/packed_ranking.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

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
    RC_ASSERT(unpacked->items == items);
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
      EXPECT_EQ(std::bit_cast<std::uint32_t>(unpacked->items.at(i).score),
                std::bit_cast<std::uint32_t>(scores[i]));
    }
  }
}

TEST(PackedRanking, FitsATypicalRankingInto1300Bytes) {
  EXPECT_LT(pack_ranking(typical_ranking()).size(), 1'300U);
}

// As a uniform draw from `eligible` items has them, from `first` on.
void draw_uniformly(std::vector<RankedItem>& items, std::size_t eligible, std::size_t first = 0) {
  for (std::size_t i = first; i < items.size(); ++i) {
    items[i].propensity = 1.0F / static_cast<float>(eligible - i);
  }
}

void expect_same_bits(const std::vector<RankedItem>& items) {
  const auto unpacked = unpack_ranking(pack_ranking(items));
  ASSERT_TRUE(unpacked);
  ASSERT_EQ(unpacked->items.size(), items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(unpacked->items.at(i).propensity),
              std::bit_cast<std::uint32_t>(items[i].propensity))
        << i;
  }
}

TEST(PackedRanking, PacksAUniformDrawInAFewBytes) {
  const std::size_t certain = pack_ranking(typical_ranking()).size();
  for (const std::size_t eligible : {210U, 211U, 5'000U, 1'000'000U, 16'000'000U}) {
    std::vector<RankedItem> items = typical_ranking();
    draw_uniformly(items, eligible);
    EXPECT_LE(pack_ranking(items).size(), certain + 5) << eligible;
    expect_same_bits(items);
  }
}

TEST(PackedRanking, PacksAMixtureByItsHead) {
  const std::size_t certain = pack_ranking(typical_ranking()).size();
  std::vector<RankedItem> greedy = typical_ranking();
  greedy[0].propensity = 0.9502381F;
  greedy[1].propensity = 0.9997510F;
  EXPECT_LE(pack_ranking(greedy).size(), certain + 2 + 2 * 4);
  expect_same_bits(greedy);
  std::vector<RankedItem> drawn = typical_ranking();
  draw_uniformly(drawn, 300, 2);
  drawn[0].propensity = 0.9502381F;
  drawn[1].propensity = 0.0001753F;
  EXPECT_LE(pack_ranking(drawn).size(), certain + 3 + 2 * 4);
  expect_same_bits(drawn);
}

TEST(PackedRanking, KeepsAnyPropensityBitForBit) {
  std::vector<RankedItem> items = typical_ranking();
  std::mt19937 random(11);
  for (RankedItem& ranked : items)
    ranked.propensity = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  expect_same_bits(items);
  for (const float last :
       {0.0F, -0.0F, -1.0F, 3.0F, std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::denorm_min()}) {
    items = typical_ranking();
    items.back().propensity = last;
    expect_same_bits(items);
  }
  items.resize(1);
  items[0].propensity = 0.05F;
  expect_same_bits(items);
}

// Rankings of uniform draws had a float for each item before they had a tail.
TEST(PackedRanking, ReadsPropensitiesWithoutATail) {
  const std::string stored(
      "\x31\x02\x05\x07\x00\x00\x00\xbf\x80\x80\x80\x04"
      "\x00\x00\x00\x3f\x00\x00\x80\x3f\xe6\xc5\x6c\xa2",
      24);
  const auto unpacked = unpack_ranking(stored);
  ASSERT_TRUE(unpacked) << unpacked.error().detail;
  EXPECT_EQ(unpacked->items, (std::vector<RankedItem>{{ItemId{5}, 0.5F, 0.5F}, {ItemId{7}, 0.25F, 1}}));
}

TEST(PackedRanking, KeepsWhatWasLeftOut) {
  const std::vector<LeftOut> left_out = {{ItemId{9}, LeftOutReason::kUnknown},
                                         {ItemId{300}, LeftOutReason::kDeleted},
                                         {ItemId{5}, LeftOutReason::kDoubled},
                                         {ItemId{6}, LeftOutReason::kRuledOut},
                                         {ItemId{7}, LeftOutReason::kUncomputable}};
  for (const std::vector<RankedItem>& items : {std::vector<RankedItem>{}, typical_ranking()}) {
    const auto unpacked = unpack_ranking(pack_ranking(items, left_out));
    ASSERT_TRUE(unpacked) << unpacked.error().detail;
    EXPECT_EQ(unpacked->items, items);
    EXPECT_EQ(unpacked->left_out, left_out);
    // A text that names nothing is kept with its request.
    std::vector<LeftOut> named = left_out;
    named.push_back({{}, LeftOutReason::kUnknown, "no such"});
    EXPECT_EQ(pack_ranking(items, named), pack_ranking(items, left_out));
  }
  EXPECT_THAT(unpack_ranking(pack_ranking(typical_ranking()))->left_out, ::testing::IsEmpty());
}

TEST(PackedRanking, RefusesAReasonThatItDoesNotKnow) {
  const auto beyond = static_cast<LeftOutReason>(static_cast<int>(LeftOutReason::kUncomputable) + 1);
  const auto unpacked = unpack_ranking(pack_ranking({}, {{ItemId{9}, beyond}}));
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::kDataLoss);
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
