// The bytes that tell which of two models placed what.
#include "storage/packed_placements.h"

#include <string>

#include <gtest/gtest.h>

namespace rankloop::storage {
namespace {

TEST(PackedPlacements, KeepEveryBit) {
  const std::vector<Placement> placed = {{false, 1}, {true, 0}, {true, 0.1F}, {false, 0.99999994F}};
  const std::string packed = pack_placements(placed);
  EXPECT_EQ(packed.size(), 20U);
  const auto read = unpack_placements(packed);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, placed);
  EXPECT_TRUE(unpack_placements("")->empty());
}

// Stores hold these bytes.
TEST(PackedPlacements, AreWrittenAsTheyAlwaysWere) {
  EXPECT_EQ(pack_placements({{true, 0.5F}}), std::string("2\0\0\0\x3f", 5));
}

TEST(PackedPlacements, RefuseWhatIsDamaged) {
  const std::string good = pack_placements({{false, 1}});
  std::string third = good;
  third[0] = '3';
  std::string more = good;
  more[4] = '\x41';  // a credit of 8
  for (const std::string& damaged : {good.substr(1), third, more, std::string("1\0\0\xc0\x7f", 5)}) {
    const auto read = unpack_placements(damaged);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
  }
}

}  // namespace
}  // namespace rankloop::storage
