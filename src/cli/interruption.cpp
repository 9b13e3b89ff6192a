// The thread that waits for signals.
#include "cli/interruption.h"

#include <ctime>

#include "telemetry/thread_name.h"

namespace rankloop::cli {

Interruption::Interruption(std::initializer_list<int> more) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  // Blocked signals arrive even when they are to be ignored, as nohup wants it.
  struct sigaction hangup{};
  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaddset(&signals_, SIGHUP);
  for (const int signal : more) sigaddset(&signals_, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::jthread{[this](const std::stop_token& end) {
    telemetry::name_this_thread("signals");
    take_signals(end);
  }};
}

Interruption::~Interruption() {
  thread_.request_stop();
  thread_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::take_signals(const std::stop_token& end) {
  constexpr timespec kLook{0, 100'000'000};
  while (!end.stop_requested()) {
    if (::sigtimedwait(&signals_, nullptr, &kLook) > 0) source_.request_stop();
  }
}

}  // namespace rankloop::cli
