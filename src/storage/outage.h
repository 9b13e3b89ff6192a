// What is said of a store that cannot commit: a line when it begins, one a minute while it lasts, one when it
// is over.
//
// Between two failures of a full disk small writes may still find room, so an outage is over only when
// something went through that is not smaller than the smallest failure, or when nothing has failed for a
// while. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "domain/clock.h"
#include "error/result.h"
#include "telemetry/log.h"

namespace rankloop::storage {

class Outage {
 public:
  // Says nothing without a log, which must outlive it.
  explicit Outage(telemetry::Logger* log) : log_(log) {}

  // A batch of `writes` that would have changed `rows` rows was not committed.
  void failed(const Error& why, std::size_t writes, std::int64_t rows, Monotonic now);
  // A batch that changed `rows` rows was.
  void committed(std::int64_t rows, Monotonic now);
  bool lasts() const { return lasts_; }

 private:
  bool may_announce(Monotonic now);
  void tell(telemetry::LogLevel level, std::string_view event, const Error* why, Monotonic now);

  telemetry::Logger* const log_;
  bool lasts_ = false;
  bool announced_ = false;  // its beginning was said, so its end will be
  std::size_t batches_ = 0;
  std::size_t writes_ = 0;
  std::int64_t smallest_ = 0;
  Monotonic began_{};
  Monotonic last_{};
  Monotonic told_{};
  // A disk at its very limit fails and works by turns: so many beginnings are told a minute.
  Monotonic minute_{};
  int announced_in_minute_ = 0;
};

}  // namespace rankloop::storage
