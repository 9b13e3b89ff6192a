// Who belongs to whom by a hash: a circle of a million points, of which each owner has ranges of its own. A
// share that shrinks gives points back, one that grows takes points that nobody has, so neither moves anybody
// who belongs to another owner.
//
// Pure values; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop {

inline constexpr std::uint32_t kCirclePoints = 1'000'000;

// Points [first, end).
struct CircleRange {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  bool operator==(const CircleRange&) const = default;
};
// In order, not empty, and apart from each other.
using CircleRanges = std::vector<CircleRange>;

// Where a well mixed hash falls.
constexpr std::uint32_t circle_point(std::uint64_t hash) {
  return static_cast<std::uint32_t>(((hash >> 32) * kCirclePoints) >> 32);
}
// As many points as a share (0 to 1) of the circle has.
std::uint32_t circle_points(double share);
// Where the owner of this number begins to look for points: far from where the ones before it did, so that
// not the same people belong to all of them one after the other.
std::uint32_t first_look(std::int64_t owner);
std::uint32_t size_of(const CircleRanges& ranges);
bool holds(const CircleRanges& ranges, std::uint32_t point);

CircleRanges united(const CircleRanges& some, const CircleRanges& others);
// `own` with `points` points: its last ones are given back, or the first that neither `own` nor `others` has
// are added, going round from `from`. Nothing: fewer are free.
std::optional<CircleRanges> resized(const CircleRanges& own, std::uint32_t points, const CircleRanges& others,
                                    std::uint32_t from);

// "0-50000,90000-100000"; an empty text is no range. kDataLoss: no such text.
std::string to_text(const CircleRanges& ranges);
Result<CircleRanges> parse_ranges(std::string_view text);

}  // namespace rankloop
