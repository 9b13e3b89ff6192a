// The thread that ends the process after the grace.
#include "server/last_word.h"

#include <cstdlib>

#include "telemetry/thread_name.h"

namespace rankloop::server {

LastWord::~LastWord() {
  {
    const Lock lock{mutex_};
    gone_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LastWord::after(std::chrono::milliseconds patience, telemetry::Logger& log) {
  thread_ = std::thread{[this, patience, &log] {
    telemetry::name_this_thread("last word");
    Lock lock{mutex_};
    if (ended_.wait_for(lock, patience, [this]() REQUIRES(mutex_) { return gone_; })) return;
    log.error("left while something still ran", {{"patience_ms", std::to_string(patience.count())}});
    std::_Exit(EXIT_FAILURE);
  }};
}

}  // namespace rankloop::server
