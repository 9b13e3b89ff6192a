// The hash of numbers that others choose.
#include "domain/keyed_hash.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

// Multiples of the number of buckets fall into one when numbers hash as themselves.
TEST(KeyedHash, SpreadsMultiplesOfTheNumberOfBuckets) {
  std::unordered_set<ItemId, KeyedHash> ids;
  ids.reserve(20'000);
  const auto buckets = static_cast<std::int64_t>(ids.bucket_count());
  for (std::int64_t i = 1; i <= 20'000; ++i) ids.insert({i * buckets});
  std::size_t largest = 0;
  for (std::size_t bucket = 0; bucket < ids.bucket_count(); ++bucket)
    largest = std::max(largest, ids.bucket_size(bucket));
  EXPECT_EQ(ids.size(), 20'000U);
  EXPECT_LT(largest, 30U);
}

TEST(KeyedHash, IsTheSameForTheSameNumber) {
  EXPECT_EQ(keyed_hash(7), keyed_hash(7));
  EXPECT_NE(keyed_hash(7), keyed_hash(8));
}

TEST(KeyedHash, TellsTextsApartByTheirBytesAndLength) {
  using namespace std::string_view_literals;
  std::unordered_set<std::size_t> hashes;
  const auto texts = {""sv,         "\0"sv,         "\0\0"sv,      "a"sv,       "a\0"sv,
                      "abcdefgh"sv, "abcdefgh\0"sv, "abcdefghi"sv, "bbcdefgh"sv};
  for (const std::string_view text : texts) hashes.insert(keyed_hash(text));
  EXPECT_EQ(hashes.size(), texts.size());
  EXPECT_EQ(keyed_hash("abc"sv), keyed_hash("abc"sv));
}

}  // namespace
}  // namespace rankloop
