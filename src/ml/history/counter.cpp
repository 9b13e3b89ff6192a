// Sums of everything, of windows, of sessions, with decay; first and last moments.
#include "ml/history/counter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace rankloop::ml {
namespace {

constexpr std::int64_t kBuckets = 16;
constexpr std::size_t kBucketCells = kBuckets * sizeof(float) / sizeof(Cell);
constexpr Cell kNever = std::numeric_limits<Cell>::min();
constexpr Moment kNoneRuns = kNever + 1;  // no session begins then, and no counter says so
constexpr Moment kEpoch = 64;             // half-lives from one landmark to the next
constexpr double kMillisecondsOfDay = 86'400'000;

double number(Cell cell) {
  return std::bit_cast<double>(cell);
}

void put(Cell& cell, double number) {
  cell = std::bit_cast<Cell>(number);
}

std::int64_t floor_divided(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t quotient = dividend / divisor;
  return quotient - (dividend % divisor < 0 ? 1 : 0);
}

std::int64_t bucket_of(Moment span, Moment at) {
  return floor_divided(at, std::max<Moment>(1, span / kBuckets));
}

// The cells of a window: the number of its newest bucket, the sum of all, the buckets in a ring.
struct Window {
  static std::size_t place(std::int64_t bucket) { return static_cast<std::size_t>(bucket & (kBuckets - 1)); }
  static double in(const Cell* cells, std::int64_t bucket) {
    float sum = 0;
    std::memcpy(&sum, reinterpret_cast<const char*>(cells + 2) + place(bucket) * sizeof(float), sizeof sum);
    return static_cast<double>(sum);
  }
  static void set(Cell* cells, std::int64_t bucket, double sum) {
    const auto kept = static_cast<float>(sum);
    std::memcpy(reinterpret_cast<char*>(cells + 2) + place(bucket) * sizeof(float), &kept, sizeof kept);
  }

  static void add(const Counter& counter, Cell* cells, Moment at, double amount) {
    const std::int64_t now = bucket_of(counter.span, at);
    if (cells[0] == kNever) cells[0] = now;
    if (now > cells[0]) move_to(cells, now);
    if (now <= cells[0] - kBuckets) return;
    const double before = in(cells, now);
    set(cells, now, before + amount);
    put(cells[1], number(cells[1]) + in(cells, now) - before);
  }

  static void move_to(Cell* cells, std::int64_t now) {
    if (now - cells[0] >= kBuckets) {
      put(cells[1], 0);
      std::fill_n(cells + 2, kBucketCells, 0);
    } else {
      for (std::int64_t b = cells[0] + 1; b <= now; ++b) {
        put(cells[1], number(cells[1]) - in(cells, b));
        set(cells, b, 0);
      }
    }
    cells[0] = now;
  }
};

Moment epoch_of(Moment span, Moment at) {
  return floor_divided(at, kEpoch * span);
}

// 2^((at - the landmark of an epoch) / span)
double growth(Moment span, Moment at, Moment epoch) {
  return std::exp2(static_cast<double>(at - epoch * kEpoch * span) / static_cast<double>(span));
}

// A sum of one epoch as one of an epoch so many later.
double epochs_later(double sum, Moment epochs) {
  constexpr Moment kMost = 64;  // beyond, a double has nothing left
  return std::ldexp(sum, -static_cast<int>(kEpoch * std::clamp(epochs, -kMost, kMost)));
}

// The cells of a half-life: the sum, by the landmark of the latest event's epoch, and that event's moment.
void add_decaying(const Counter& counter, Cell* cells, Moment at, double amount) {
  if (cells[1] == kNever) cells[1] = at;
  Moment epoch = epoch_of(counter.span, cells[1]);
  if (at > cells[1]) {
    const Moment before = std::exchange(epoch, epoch_of(counter.span, at));
    put(cells[0], epochs_later(number(cells[0]), epoch - before));
    cells[1] = at;
  }
  put(cells[0], number(cells[0]) + amount * growth(counter.span, at, epoch));
}

}  // namespace

std::size_t Counter::cells() const {
  if (measure == Measure::kFirst || measure == Measure::kLast || reach == HistoryReach::kAlways) return 1;
  return reach == HistoryReach::kWindow ? 2 + kBucketCells : 2;
}

void clear(const Counter& counter, Cell* cells) {
  std::fill_n(cells, counter.cells(), 0);
  const bool of_moment =
      counter.measure == Counter::Measure::kFirst || counter.measure == Counter::Measure::kLast;
  if (of_moment || counter.reach == HistoryReach::kWindow || counter.reach == HistoryReach::kSession)
    cells[0] = kNever;
  else if (counter.reach == HistoryReach::kHalfLife)
    cells[1] = kNever;
}

void add(const Counter& counter, Cell* cells, Moment at, double people, double value, Moment session) {
  if (counter.measure == Counter::Measure::kFirst) {
    cells[0] = cells[0] == kNever ? at : std::min(cells[0], at);
    return;
  }
  if (counter.measure == Counter::Measure::kLast) {
    cells[0] = std::max(cells[0], at);
    return;
  }
  const double amount = counter.measure == Counter::Measure::kValue ? people * value : people;
  switch (counter.reach) {
    case HistoryReach::kAlways:
      return put(cells[0], number(cells[0]) + amount);
    case HistoryReach::kWindow:
      return Window::add(counter, cells, at, amount);
    case HistoryReach::kHalfLife:
      return add_decaying(counter, cells, at, amount);
    case HistoryReach::kSession:
      if (at < session) return;  // it came late, of a session before
      if (cells[0] != session) put(cells[1], 0);
      cells[0] = session;
      return put(cells[1], number(cells[1]) + amount);
  }
}

CounterAt::CounterAt(const Counter& counter, Moment now, Moment session)
    : way_(Way::kMoment), now_(now), session_(session), span_(counter.span) {
  if (counter.measure == Counter::Measure::kFirst || counter.measure == Counter::Measure::kLast) return;
  switch (counter.reach) {
    case HistoryReach::kAlways:
      way_ = Way::kAlways;
      return;
    case HistoryReach::kWindow:
      way_ = Way::kWindow;
      bucket_ = bucket_of(span_, now);
      return;
    case HistoryReach::kHalfLife: {
      way_ = Way::kHalfLife;
      const Moment epoch = epoch_of(span_, now);
      landmark_ = epoch * kEpoch * span_;
      factor_ = 1 / growth(span_, now, epoch);
      return;
    }
    case HistoryReach::kSession:
      way_ = Way::kSession;
      if (session == kNoSession) session_ = kNoneRuns;
      return;
  }
}

// As if time had moved on; of a moment before the latest event, what was in the buckets until then.
double CounterAt::sum_of_window(const Cell* cells) const {
  if (cells[0] == kNever) return 0;
  double sum = 0;
  if (bucket_ < cells[0]) {
    for (std::int64_t b = cells[0] - kBuckets + 1; b <= bucket_; ++b) sum += Window::in(cells, b);
  } else if (bucket_ - cells[0] < kBuckets) {
    sum = number(cells[1]);
    for (std::int64_t b = cells[0] + 1; b <= bucket_; ++b) sum -= Window::in(cells, b);
  }
  return sum;
}

// Of an earlier epoch; before the latest event nothing has decayed since that event.
double CounterAt::sum_of_decay(const Cell* cells) const {
  if (cells[1] == kNever) return 0;
  const Moment epoch = epoch_of(span_, cells[1]);
  if (cells[1] > now_) return number(cells[0]) / growth(span_, cells[1], epoch);
  return epochs_later(number(cells[0]) * factor_, epoch_of(span_, now_) - epoch);
}

double CounterAt::days_since(Cell then) const {
  if (then == kNever) return std::numeric_limits<double>::quiet_NaN();
  return std::max(0.0, static_cast<double>(now_ - then) / kMillisecondsOfDay);
}

}  // namespace rankloop::ml
