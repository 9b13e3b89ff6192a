// An open file of the system, closed with its owner.
#pragma once

#include <unistd.h>

namespace rankloop::tables {

class FileDescriptor {
 public:
  // Negative: none is open.
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  const int number_;
};

}  // namespace rankloop::tables
