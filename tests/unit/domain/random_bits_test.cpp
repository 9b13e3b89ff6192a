// Ids are made of random bits: whoever has seen some must not be able to tell the next.
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "domain/clock.h"

namespace rankloop {
namespace {

constexpr std::size_t kWords = 312;  // of the state of std::mt19937_64
constexpr std::size_t kMiddle = 156;

std::uint64_t undo_right(std::uint64_t value, int shift, std::uint64_t mask) {
  std::uint64_t found = value;
  for (int bits = 0; bits < 64; bits += shift) found = value ^ ((found >> shift) & mask);
  return found;
}

std::uint64_t undo_left(std::uint64_t value, int shift, std::uint64_t mask) {
  std::uint64_t found = value;
  for (int bits = 0; bits < 64; bits += shift) found = value ^ ((found << shift) & mask);
  return found;
}

// The word of the state behind a number that was given out.
std::uint64_t word_behind(std::uint64_t number) {
  number = undo_right(number, 43, ~0ULL);
  number = undo_left(number, 37, 0xfff7eee000000000ULL);
  number = undo_left(number, 17, 0x71d67fffeda60000ULL);
  return undo_right(number, 29, 0x5555555555555555ULL);
}

// What a Mersenne twister gives after these numbers, the last kWords of which are all it needs.
std::uint64_t next_of_a_twister(const std::vector<std::uint64_t>& numbers) {
  const std::size_t begin = numbers.size() - kWords;
  const auto word = [&](std::size_t i) { return word_behind(numbers[begin + i]); };
  const std::uint64_t joined = (word(0) & ~0x7fffffffULL) | (word(1) & 0x7fffffffULL);
  std::uint64_t next = word(kMiddle) ^ (joined >> 1) ^ ((joined & 1) != 0 ? 0xb5026f5aa96619e9ULL : 0);
  next ^= (next >> 29) & 0x5555555555555555ULL;
  next ^= (next << 17) & 0x71d67fffeda60000ULL;
  next ^= (next << 37) & 0xfff7eee000000000ULL;
  return next ^ (next >> 43);
}

TEST(RandomBits, AreNotToldByThoseBefore) {
  std::mt19937_64 twister{7};
  std::vector<std::uint64_t> told;
  for (int i = 0; i < 700; ++i) told.push_back(twister());
  ASSERT_EQ(next_of_a_twister(told), twister());  // the test knows how
  std::vector<std::uint64_t> own;
  for (int i = 0; i < 700; ++i) own.push_back(random_bits());
  EXPECT_NE(next_of_a_twister(own), random_bits());
  EXPECT_EQ(std::set<std::uint64_t>(own.begin(), own.end()).size(), own.size());
}

}  // namespace
}  // namespace rankloop
