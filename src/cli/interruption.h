// SIGINT, SIGTERM and SIGHUP, and others where wanted, as a stop token.
#pragma once

#include <csignal>
#include <initializer_list>
#include <stop_token>
#include <thread>

namespace rankloop::cli {

// While it lives, SIGINT, SIGTERM, SIGHUP (unless nohup has it ignored) and the `more` signals request a
// stop. They are blocked and taken by a thread of its own, so that nothing runs inside a signal handler; make
// it before any other thread, which then inherit the mask.
class Interruption {
 public:
  explicit Interruption(std::initializer_list<int> more = {});
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  void take_signals(const std::stop_token& end);

  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace rankloop::cli
