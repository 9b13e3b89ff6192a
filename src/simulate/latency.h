// How long requests took: a histogram of fixed size, exact to better than 1 %.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace rankloop::simulate {

// Buckets are linear within each power of two of nanoseconds (128 of them), so recording is a shift and an
// add and memory does not grow with the number of requests. Not thread-safe. Source of the layout:
// HdrHistogram (Tene).
class LatencyHistogram {
 public:
  LatencyHistogram();
  void record(std::chrono::nanoseconds latency);
  std::int64_t count() const { return count_; }
  // The smallest latency that at least `share` (0..1) of the recorded ones do not exceed; 0 when there are
  // none.
  std::chrono::nanoseconds percentile(double share) const;

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
};

}  // namespace rankloop::simulate
