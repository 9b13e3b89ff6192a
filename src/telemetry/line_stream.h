// Lines to a file descriptor whose reader may be slow or gone: whoever writes one never waits for it.
//
// A line goes out at once where there is room. Otherwise it waits in a bounded line for a thread of its own;
// what does not fit there is counted, and told once there is room again. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <sys/types.h>

#include "sync/mutex.h"

namespace rankloop::telemetry {

class LineStream {
 public:
  static constexpr std::size_t kMostWaiting = 256U << 10;  // bytes

  // `dropped` makes the line that tells how many were lost. The descriptor stays the caller's.
  LineStream(int descriptor, std::function<std::string(std::uint64_t)> dropped);
  // What waits is given a second.
  ~LineStream();
  LineStream(const LineStream&) = delete;
  LineStream& operator=(const LineStream&) = delete;

  void write(std::string_view line);

 private:
  enum class Kind { kFile, kSocket, kOwn, kShared };
  void look() REQUIRES(mutex_);
  ssize_t write_some(std::string_view bytes) const REQUIRES(mutex_);
  bool write_first() REQUIRES(mutex_);
  void write_later(const std::stop_token& stop);

  const int descriptor_;
  const std::function<std::string(std::uint64_t)> dropped_line_;

  Mutex mutex_;
  StoppableCondition arrived_;
  Kind kind_ GUARDED_BY(mutex_) = Kind::kFile;
  // The same pipe or terminal, opened anew so that it can be told not to block.
  int own_ GUARDED_BY(mutex_) = -1;
  ::dev_t device_ GUARDED_BY(mutex_) = 0;  // what the descriptor was when it was looked at
  ::ino_t number_ GUARDED_BY(mutex_) = 0;
  std::deque<std::string> waiting_ GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ GUARDED_BY(mutex_) = 0;
  std::jthread writer_ GUARDED_BY(mutex_);  // begins with the first line that has to wait
};

}  // namespace rankloop::telemetry
