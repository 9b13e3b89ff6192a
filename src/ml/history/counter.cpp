// Sums of everything, of windows, of sessions, with decay; first and last moments.
#include "ml/history/counter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace rankloop::ml {
namespace {

constexpr std::int64_t kBuckets = 16;
constexpr std::size_t kBucketCells = kBuckets * sizeof(float) / sizeof(Cell);
constexpr Cell kNever = std::numeric_limits<Cell>::min();
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

// The cells of a window: the number of its newest bucket, the sum of all, the buckets in a ring.
struct Window {
  static std::int64_t bucket(const Counter& counter, Moment at) {
    return floor_divided(at, std::max<Moment>(1, counter.span / kBuckets));
  }
  static std::size_t place(std::int64_t bucket) {
    return static_cast<std::size_t>(((bucket % kBuckets) + kBuckets) % kBuckets);
  }
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
    const std::int64_t now = bucket(counter, at);
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

  static double sum_at(const Counter& counter, const Cell* cells, Moment at) {
    if (cells[0] == kNever) return 0;
    const std::int64_t now = bucket(counter, at);
    if (now == cells[0]) return number(cells[1]);
    double sum = 0;
    const std::int64_t oldest = std::max(now, cells[0]) - kBuckets + 1;
    for (std::int64_t b = oldest; b <= std::min(now, cells[0]); ++b) sum += in(cells, b);
    return sum;
  }
};

double decayed(const Counter& counter, const Cell* cells, Moment now) {
  if (cells[1] == kNever) return 0;
  return number(cells[0]) *
         std::exp2(-static_cast<double>(now - cells[1]) / static_cast<double>(counter.span));
}

void add_decaying(const Counter& counter, Cell* cells, Moment at, double amount) {
  if (cells[1] == kNever) cells[1] = at;
  if (at > cells[1]) {
    put(cells[0], decayed(counter, cells, at));
    cells[1] = at;
  }
  const double age = static_cast<double>(cells[1] - at) / static_cast<double>(counter.span);
  put(cells[0], number(cells[0]) + amount * std::exp2(-age));
}

double days_since(Cell then, Moment now) {
  if (then == kNever) return std::numeric_limits<double>::quiet_NaN();
  return std::max(0.0, static_cast<double>(now - then) / kMillisecondsOfDay);
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

double sum_at(const Counter& counter, const Cell* cells, Moment now, Moment session) {
  if (counter.measure == Counter::Measure::kFirst || counter.measure == Counter::Measure::kLast)
    return days_since(cells[0], now);
  switch (counter.reach) {
    case HistoryReach::kAlways:
      return number(cells[0]);
    case HistoryReach::kWindow:
      return Window::sum_at(counter, cells, now);
    case HistoryReach::kHalfLife:
      return now < cells[1] ? number(cells[0]) : decayed(counter, cells, now);
    case HistoryReach::kSession:
      return session != kNoSession && cells[0] == session ? number(cells[1]) : 0;
  }
  return 0;
}

}  // namespace rankloop::ml
