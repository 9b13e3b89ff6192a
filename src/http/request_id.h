// Request ids: a random prefix per process and a counter, or the client's own when it is sane.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rankloop::http {

// I/O thread only.
class RequestIds {
 public:
  RequestIds();
  // `sent` when it has 1 to 128 characters of A-Z a-z 0-9 . _ -; else a new one.
  std::string choose(std::string_view sent);

 private:
  std::string prefix_;
  std::uint64_t count_ = 0;
};

}  // namespace rankloop::http
