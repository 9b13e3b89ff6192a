// TCP connections to the server under test: plain sockets, because a Beast stream would cost more than the
// request.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>

#include "error/result.h"

namespace rankloop::simulate {

// Owns a file descriptor; -1 is none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// A resolved http:// URL.
struct Endpoint {
  std::string authority;  // as the Host header has it: "127.0.0.1:4789"
  std::string prefix;     // what stands before every path, without a slash at its end; often empty
  sockaddr_storage address{};
  socklen_t address_length = 0;
};

// kInvalidArgument: not an http:// URL, or one with a query, fragment or user. kUnavailable: no such host.
Result<Endpoint> resolve(std::string_view url);

// A non-blocking socket whose connection is being made (it is made, or failed, once it is writable).
// kUnavailable with the system's reason.
Result<FileDescriptor> start_connection(const Endpoint& endpoint);

// The system's word for the fault of a socket; empty when it has none.
std::string socket_fault(int fd);

}  // namespace rankloop::simulate
