#include "storage/postgres/low_water_mark.h"

#include <algorithm>

namespace rankloop::storage::postgres {
namespace {

using std::chrono_literals::operator""s;

constexpr auto kBetweenLooks = 10s;
constexpr int kShareOfTime = 100;     // looking takes at most this part of it
constexpr auto kClocksDifferBy = 5s;  // so far may a new task's id lie behind our clock

}  // namespace

TaskId LowWaterMark::get(Connection& connection) {
  const Time::time_point begun = Time::now();
  {
    const std::lock_guard lock(mutex_);
    if (begun < look_again_) return mark_;
    look_again_ = begun + kBetweenLooks;  // meanwhile the others go by the old one
  }
  TaskId mark = TaskId::make((clock_.wall() - kClocksDifferBy).time_since_epoch().count(), 0, 0);
  if (const Rows oldest = connection.run("oldest_open"); !oldest.empty()) {
    mark = std::min(mark, oldest.front().task_id(0));
  }
  const std::lock_guard lock(mutex_);
  mark_ = mark;
  const Time::time_point done = Time::now();
  look_again_ = done + std::max<Time::duration>(kBetweenLooks, kShareOfTime * (done - begun));
  return mark_;
}

}  // namespace rankloop::storage::postgres
