// What the cache keeps and what it forgets.
#include "app/lru_cache.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "app/serve/recent_inferences.h"

namespace rankloop::app {
namespace {

using Cache = LruCache<int, std::string>;

// What an entry costs besides the bytes it names.
constexpr std::size_t kEntry = 128 + sizeof(std::string);

Cache::Pointer text(const char* value) {
  return std::make_shared<const std::string>(value);
}

TEST(LruCache, FindsWhatItKeeps) {
  Cache cache{1'000};
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_EQ(*cache.keep(1, text("one"), 3), "one");
  ASSERT_NE(cache.find(1), nullptr);
  EXPECT_EQ(*cache.find(1), "one");
}

TEST(LruCache, ForgetsTheLongestUnusedFirst) {
  Cache cache{3 * kEntry};
  for (const int key : {1, 2, 3}) cache.keep(key, text("x"), 0);
  EXPECT_NE(cache.find(1), nullptr);  // now 2 is the longest unused
  cache.keep(4, text("x"), 0);
  EXPECT_EQ(cache.find(2), nullptr);
  for (const int key : {1, 3, 4}) EXPECT_NE(cache.find(key), nullptr) << key;
}

TEST(LruCache, ForgetsWhatItIsToldTo) {
  Cache cache{2 * kEntry};
  cache.keep(1, text("x"), 0);
  cache.forget(1);
  cache.forget(2);
  EXPECT_EQ(cache.find(1), nullptr);
  cache.keep(1, text("y"), 0);
  cache.keep(2, text("x"), 0);  // there is room for both
  EXPECT_EQ(*cache.find(1), "y");
}

TEST(LruCache, StaysWithinItsBytes) {
  Cache cache{2 * kEntry + 100};
  cache.keep(1, text("x"), 50);
  cache.keep(2, text("x"), 50);
  EXPECT_NE(cache.find(1), nullptr);
  cache.keep(3, text("x"), 51);  // takes the place of the two others
  EXPECT_EQ(cache.find(2), nullptr);
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_NE(cache.find(3), nullptr);
}

TEST(LruCache, KeepsNothingThatIsLargerThanItself) {
  Cache cache{2 * kEntry};
  cache.keep(1, text("x"), 0);
  EXPECT_EQ(*cache.keep(2, text("large"), 2 * kEntry), "large");
  EXPECT_EQ(cache.find(2), nullptr);
  EXPECT_NE(cache.find(1), nullptr);
  Cache none{0};
  EXPECT_EQ(*none.keep(1, text("one"), 0), "one");
  EXPECT_EQ(none.find(1), nullptr);
}

TEST(LruCache, KeepsTheFirstValueOfAKey) {
  Cache cache{1'000};
  const auto first = cache.keep(1, text("first"), 0);
  EXPECT_EQ(cache.keep(1, text("second"), 0), first);
  EXPECT_EQ(cache.find(1), first);
}

TEST(LruCache, LeavesAValueToWhoHoldsIt) {
  Cache cache{kEntry};
  const auto held = cache.keep(1, text("held"), 0);
  cache.keep(2, text("next"), 0);
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_EQ(*held, "held");
}

std::shared_ptr<EndedInference> ended(std::int64_t number, std::size_t items) {
  auto inference = std::make_shared<EndedInference>();
  inference->task = TaskId::make(number, 1, 2);
  inference->inference = {number};
  inference->ranking.items.resize(items);
  return inference;
}

TEST(RecentInferences, KeepWhatIsShownOfAKnownTask) {
  RecentInferences recent{100'000};
  const auto first = recent.keep(ended(1, 10));
  first->shown = 4;
  EXPECT_EQ(recent.keep(ended(1, 10))->shown, 4);
}

TEST(RecentInferences, CountTheBytesOfTheirRankings) {
  RecentInferences recent{100'000};
  const auto first = recent.keep(ended(1, 10));
  recent.keep(ended(2, 100'000 / sizeof(RankedItem) - 40));
  EXPECT_EQ(recent.find(first->task), nullptr);
  EXPECT_NE(recent.find(TaskId::make(2, 1, 2)), nullptr);
}

}  // namespace
}  // namespace rankloop::app
