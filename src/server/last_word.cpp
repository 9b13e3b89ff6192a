#include "server/last_word.h"

#include <cstdlib>

#include "telemetry/thread_name.h"

namespace rankloop::server {

LastWord::~LastWord() {
  {
    const std::lock_guard lock{mutex_};
    gone_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LastWord::after(std::chrono::milliseconds patience, telemetry::Logger& log) {
  thread_ = std::thread{[this, patience, &log] {
    telemetry::name_this_thread("last word");
    std::unique_lock lock{mutex_};
    if (ended_.wait_for(lock, patience, [this] { return gone_; })) return;
    log.error("left while something still ran", {{"patience_ms", std::to_string(patience.count())}});
    std::_Exit(EXIT_FAILURE);
  }};
}

}  // namespace rankloop::server
