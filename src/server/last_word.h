// The end of a process that has been told to end: when what runs does not stop in time, it is left where it
// is.
//
// Nothing is lost by that: what was answered is committed, and the next start finds the rest as after a power
// cut.
#pragma once

#include <chrono>
#include <thread>

#include "sync/mutex.h"
#include "telemetry/log.h"

namespace rankloop::server {

// Make it before what it watches over, so that it is destroyed last.
class LastWord {
 public:
  LastWord() = default;
  ~LastWord();
  LastWord(const LastWord&) = delete;
  LastWord& operator=(const LastWord&) = delete;

  // Ends the process with code 1, after a line in the log, unless this is destroyed within `patience`. Once.
  void after(std::chrono::milliseconds patience, telemetry::Logger& log);

 private:
  Mutex mutex_;
  Condition ended_;
  bool gone_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace rankloop::server
