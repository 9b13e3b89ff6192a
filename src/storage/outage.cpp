// When a line about an outage is due, and what it says.
#include "storage/outage.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace rankloop::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto kTellEvery = 60s;
constexpr auto kQuiet = 5s;
constexpr int kBeginningsAMinute = 3;

}  // namespace

void Outage::failed(const Error& why, std::size_t writes, std::int64_t rows, Monotonic now) {
  const bool begins = !lasts_;
  if (begins) {
    lasts_ = true;
    announced_ = may_announce(now);
    batches_ = writes_ = 0;
    smallest_ = rows;
    began_ = now;
  }
  ++batches_;
  writes_ += writes;
  smallest_ = std::min(smallest_, rows);
  last_ = now;
  if (begins && announced_) {
    tell(telemetry::LogLevel::kError, "the store cannot write", &why, now);
  } else if (now - told_ >= kTellEvery) {
    tell(telemetry::LogLevel::kError, "the store still cannot write", &why, now);
    announced_ = true;
  }
}

void Outage::committed(std::int64_t rows, Monotonic now) {
  if (!lasts_ || (rows < std::max<std::int64_t>(smallest_, 1) && now - last_ < kQuiet)) return;
  lasts_ = false;
  if (announced_) tell(telemetry::LogLevel::kWarning, "the store writes again", nullptr, now);
}

bool Outage::may_announce(Monotonic now) {
  if (now - minute_ >= kTellEvery) {
    minute_ = now;
    announced_in_minute_ = 0;
  }
  return ++announced_in_minute_ <= kBeginningsAMinute;
}

void Outage::tell(telemetry::LogLevel level, std::string_view event, const Error* why, Monotonic now) {
  told_ = now;
  if (log_ == nullptr) return;
  const std::string batches = std::to_string(batches_);
  const std::string writes = std::to_string(writes_);
  const std::string seconds =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - began_).count());
  log_->write(level, event,
              {{"reason", why == nullptr ? std::string_view{} : std::string_view{why->message}},
               {"detail", why == nullptr ? std::string_view{} : std::string_view{why->detail}},
               {"failed_commits", batches},
               {"failed_writes", writes},
               {"seconds", seconds}});
}

}  // namespace rankloop::storage
