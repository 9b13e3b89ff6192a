// Wakes a thread that polls file descriptors. Thread-safe.
#pragma once

namespace rankloop::queue {

class WakeSignal {
 public:
  WakeSignal();  // std::system_error when the system has no descriptor left
  ~WakeSignal();
  WakeSignal(const WakeSignal&) = delete;
  WakeSignal& operator=(const WakeSignal&) = delete;

  void raise() noexcept;
  void clear() noexcept;
  int descriptor() const { return descriptor_; }  // readable while raised

 private:
  const int descriptor_;
};

}  // namespace rankloop::queue
