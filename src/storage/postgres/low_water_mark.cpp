// Looks for the oldest open task, now and then.
#include "storage/postgres/low_water_mark.h"

#include <algorithm>

namespace rankloop::storage::postgres {
namespace {

using std::chrono_literals::operator""s;

constexpr auto kBetweenLooks = 1s;
constexpr auto kBetweenLooksAtAll = 10s;
constexpr int kShareOfTime = 300;     // looking at all takes at most this part of it
constexpr auto kClocksDifferBy = 2s;  // so far may a new task's id lie behind our clock

}  // namespace

TaskId LowWaterMark::get(Connection& connection) {
  if (!looking_.try_lock()) return mark();  // who comes while another looks goes by the old one
  const Lock looking(looking_, std::adopt_lock);
  const Time::time_point begun = Time::now();
  if (begun < look_again_) return mark();
  look_again_ = begun + kBetweenLooks;
  const bool at_all = begun >= look_at_all_;
  TaskId found = TaskId::make((clock_.wall() - kClocksDifferBy).time_since_epoch().count(), 0, 0);
  const auto id_of = [](const auto& row) { return row.task_id("id"); };
  if (const auto oldest = the_row(connection, "oldest_open", id_of, at_all ? TaskId() : mark())) {
    found = std::min(found, *oldest);
  }
  if (at_all) {
    const Time::time_point done = Time::now();
    look_at_all_ = done + std::max<Time::duration>(kBetweenLooksAtAll, kShareOfTime * (done - begun));
  }
  const Lock lock(mutex_);
  return mark_ = found;
}

TaskId LowWaterMark::mark() const {
  const Lock lock(mutex_);
  return mark_;
}

}  // namespace rankloop::storage::postgres
