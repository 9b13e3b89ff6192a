// A disk that can be full or fail to flush at a word: while one of these lives, files that SQLite opens write
// through it.
#pragma once

namespace rankloop::storage {

class FailingDisk {
 public:
  enum class Fault { kNone, kFull, kSync };
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
  void set(Fault fault);
};

}  // namespace rankloop::storage
