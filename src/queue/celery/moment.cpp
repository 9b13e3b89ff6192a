// Reads isoformat() with its many forms.
#include "queue/celery/moment.h"

#include <charconv>

#include <fmt/format.h>

#include "domain/calendar.h"

namespace rankloop::queue::celery {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes pieces off the front of a text; once something is missing, everything after it is missing too.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Two digits of at most `most`, or -1.
  int two_digits(int most) {
    int value = -1;
    if (rest_.size() < 2 || rest_[0] < '0' || rest_[0] > '9') return -1;
    const char* const begin = rest_.data();
    const auto [end, fault] = std::from_chars(begin, begin + 2, value);
    if (fault != std::errc{} || end != begin + 2 || value > most) return -1;
    rest_.remove_prefix(2);
    return value;
  }
  // Digits of a second's fraction; what is finer than a microsecond is cut off. Negative when there is none.
  microseconds fraction() {
    int digits = 0;
    std::int64_t value = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      if (++digits <= 6) value = value * 10 + (rest_.front() - '0');
    }
    if (digits == 0) return microseconds{-1};
    for (; digits < 6; ++digits) value *= 10;
    return microseconds{value};
  }

 private:
  std::string_view rest_;
};

// "hh:mm[:ss[.fraction]]".
std::optional<microseconds> time_of_day(Pieces& pieces) {
  const int hour = pieces.two_digits(23);
  if (hour < 0 || !pieces.take(':')) return std::nullopt;
  const int minute = pieces.two_digits(59);
  if (minute < 0) return std::nullopt;
  microseconds sum = hours{hour} + minutes{minute};
  if (!pieces.take(':')) return sum;
  const int second = pieces.two_digits(59);
  if (second < 0) return std::nullopt;
  sum += seconds{second};
  if (!pieces.take('.')) return sum;
  const microseconds fraction = pieces.fraction();
  if (fraction < microseconds{0}) return std::nullopt;
  return sum + fraction;
}

}  // namespace

std::optional<Moment> parse_iso_moment(std::string_view text) {
  constexpr std::size_t kDateLength = 10;
  if (text.size() <= kDateLength) return std::nullopt;
  const auto day = parse_date(text.substr(0, kDateLength));
  if (!day) return std::nullopt;
  Pieces pieces(text.substr(kDateLength));
  if (!pieces.take('T') && !pieces.take(' ')) return std::nullopt;
  const auto time = time_of_day(pieces);
  if (!time) return std::nullopt;
  Moment moment = *day + *time;
  if (!pieces.take('Z') && !pieces.done()) {
    const bool east = pieces.take('+');
    if (!east && !pieces.take('-')) return std::nullopt;
    const auto offset = time_of_day(pieces);
    if (!offset) return std::nullopt;
    moment += east ? -*offset : *offset;
  }
  if (!pieces.done()) return std::nullopt;
  return moment;
}

std::string to_iso_moment(Moment moment) {
  const auto micros = std::chrono::floor<microseconds>(moment);
  const auto day = std::chrono::floor<std::chrono::days>(micros);
  const std::chrono::hh_mm_ss time{micros - day};
  return fmt::format("{}T{:02}:{:02}:{:02}.{:06}+00:00", to_date_text(day), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

double to_seconds(Moment moment) {
  return std::chrono::duration<double>(moment.time_since_epoch()).count();
}

}  // namespace rankloop::queue::celery
