// The system's clocks and its generator of random bits.
#include "domain/clock.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/random.h>

namespace rankloop {

WallTime SystemClock::wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

namespace {

// Taken from the kernel in pieces, because one call for each number would cost a tenth of a request. What was
// given out is overwritten, so that memory read later does not tell it.
class RandomStock {
 public:
  std::uint64_t take() {
    if (next_ == numbers_.size()) fill();
    return std::exchange(numbers_[next_++], 0);
  }

 private:
  void fill() {
    auto* at = reinterpret_cast<char*>(numbers_.data());
    for (std::size_t got = 0; got < sizeof numbers_;) {
      const ssize_t more = ::getrandom(at + got, sizeof numbers_ - got, 0);
      if (more < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
      if (more > 0) got += static_cast<std::size_t>(more);
    }
    next_ = 0;
  }

  std::array<std::uint64_t, 32> numbers_{};  // 256 bytes: the kernel gives these whole
  std::size_t next_ = numbers_.size();
};

}  // namespace

std::uint64_t random_bits() {
  thread_local RandomStock stock;
  return stock.take();
}

std::string to_iso8601(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text;
  text.reserve(24);
  // A catalog of a million moments is read at the start: no printf.
  const auto put = [&text](std::int64_t number, std::size_t digits) {
    const std::string written = std::to_string(number);
    text.append(digits > written.size() ? digits - written.size() : 0, '0').append(written);
  };
  put(static_cast<int>(date.year()), 4);
  text += '-';
  put(static_cast<unsigned>(date.month()), 2);
  text += '-';
  put(static_cast<unsigned>(date.day()), 2);
  text += 'T';
  put(clock.hours().count(), 2);
  text += ':';
  put(clock.minutes().count(), 2);
  text += ':';
  put(clock.seconds().count(), 2);
  text += '.';
  put(clock.subseconds().count(), 3);
  text += 'Z';
  return text;
}

}  // namespace rankloop
