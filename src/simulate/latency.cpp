// The buckets of the histogram and its quantiles.
#include "simulate/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rankloop::simulate {
namespace {

constexpr int kLinearBits = 7;
constexpr std::uint64_t kLinear = std::uint64_t{1} << kLinearBits;
constexpr int kTopBits = 42;  // 73 minutes; what took longer is counted there
constexpr std::uint64_t kMost = (std::uint64_t{1} << kTopBits) - 1;
constexpr std::size_t kBuckets = static_cast<std::size_t>(kTopBits - kLinearBits + 1) * kLinear;

std::size_t bucket_of(std::uint64_t nanoseconds) {
  const std::uint64_t value = std::min(nanoseconds, kMost);
  if (value < kLinear) return static_cast<std::size_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kLinearBits;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) << kLinearBits) + (value >> shift));
}

std::uint64_t upper_end(std::size_t bucket) {
  if (bucket < kLinear) return bucket;
  const std::uint64_t shift = (bucket >> kLinearBits) - 1;
  return ((kLinear + bucket % kLinear + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

void LatencyHistogram::record(std::chrono::nanoseconds latency) {
  ++buckets_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)))];
  ++count_;
}

std::chrono::nanoseconds LatencyHistogram::percentile(double share) const {
  if (count_ == 0) return std::chrono::nanoseconds{0};
  auto rest =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_))));
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    rest -= buckets_[bucket];
    if (rest <= 0) return std::chrono::nanoseconds{static_cast<std::int64_t>(upper_end(bucket))};
  }
  return std::chrono::nanoseconds{static_cast<std::int64_t>(kMost)};
}

}  // namespace rankloop::simulate
