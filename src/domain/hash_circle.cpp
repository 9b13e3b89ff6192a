// Ranges of points on the circle of hashes: united, resized, written and read.
#include "domain/hash_circle.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace rankloop {
namespace {

// What no range of `taken` has.
CircleRanges free_of(const CircleRanges& taken) {
  CircleRanges free;
  std::uint32_t next = 0;
  for (const CircleRange& range : taken) {
    if (range.first > next) free.push_back({next, range.first});
    next = range.end;
  }
  if (next < kCirclePoints) free.push_back({next, kCirclePoints});
  return free;
}

// The same ranges in the order in which somebody meets them who goes round from `from`.
CircleRanges seen_from(std::uint32_t from, const CircleRanges& ranges) {
  CircleRanges ahead;
  CircleRanges behind;
  for (const CircleRange& range : ranges) {
    if (range.end > from) ahead.push_back({std::max(range.first, from), range.end});
    if (range.first < from) behind.push_back({range.first, std::min(range.end, from)});
  }
  ahead.insert(ahead.end(), behind.begin(), behind.end());
  return ahead;
}

CircleRanges without_last(CircleRanges ranges, std::uint32_t points) {
  while (points > 0) {
    CircleRange& last = ranges.back();
    const std::uint32_t cut = std::min(points, last.end - last.first);
    last.end -= cut;
    points -= cut;
    if (last.first == last.end) ranges.pop_back();
  }
  return ranges;
}

bool read_point(std::string_view& text, std::uint32_t& point) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), point);
  if (fault != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::uint32_t circle_points(double share) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(share, 0.0, 1.0) * kCirclePoints));
}

std::uint32_t first_look(std::int64_t owner) {
  constexpr std::uint64_t kGoldenSection = 618'033;  // of the circle: the points stay evenly spread
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(owner) * kGoldenSection % kCirclePoints);
}

std::uint32_t size_of(const CircleRanges& ranges) {
  std::uint32_t points = 0;
  for (const CircleRange& range : ranges) points += range.end - range.first;
  return points;
}

bool holds(const CircleRanges& ranges, std::uint32_t point) {
  const auto next = std::ranges::upper_bound(ranges, point, {}, &CircleRange::first);
  return next != ranges.begin() && point < std::prev(next)->end;
}

CircleRanges united(const CircleRanges& some, const CircleRanges& others) {
  CircleRanges all = some;
  all.insert(all.end(), others.begin(), others.end());
  std::ranges::sort(all, {}, &CircleRange::first);
  CircleRanges joined;
  for (const CircleRange& range : all) {
    if (!joined.empty() && range.first <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, range.end);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

std::optional<CircleRanges> resized(const CircleRanges& own, std::uint32_t points, const CircleRanges& others,
                                    std::uint32_t from) {
  const std::uint32_t size = size_of(own);
  if (points <= size) return without_last(own, size - points);
  std::uint32_t wanted = points - size;
  CircleRanges added;
  for (const CircleRange& range : seen_from(from, free_of(united(own, others)))) {
    if (wanted == 0) break;
    const std::uint32_t taken = std::min(wanted, range.end - range.first);
    added.push_back({range.first, range.first + taken});
    wanted -= taken;
  }
  if (wanted > 0) return std::nullopt;
  return united(own, added);
}

std::string to_text(const CircleRanges& ranges) {
  std::string text;
  for (const CircleRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first) + '-' + std::to_string(range.end);
  }
  return text;
}

Result<CircleRanges> parse_ranges(std::string_view text) {
  const Error damaged{ErrorCode::kDataLoss, "'" + std::string{text} + "' is no list of ranges of hashes"};
  CircleRanges ranges;
  std::uint32_t least = 0;
  while (!text.empty()) {
    if (!ranges.empty() && !take(text, ',')) return damaged;
    CircleRange range;
    if (!read_point(text, range.first) || !take(text, '-') || !read_point(text, range.end)) return damaged;
    if (range.first < least || range.end <= range.first || range.end > kCirclePoints) return damaged;
    least = range.end;
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace rankloop
