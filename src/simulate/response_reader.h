// Reads HTTP/1.1 responses from the bytes of one connection: as much of the protocol as an API that answers
// with a Content-Length needs, and an honest fault for the rest.
//
// Use: fill space(), tell received(), take next() until it is incomplete, consume() each complete response.
// Not thread-safe. Source: RFC 9112.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop::simulate {

struct Response {
  int status = 0;
  std::string_view body;  // in the reader's buffer: valid until consume() or space()
  bool keep_alive = true;
  std::optional<std::chrono::seconds> retry_after;
};

class ResponseReader {
 public:
  enum class Outcome { kIncomplete, kComplete, kBad };

  // Where the next bytes go; never empty. A large body gets its room at once.
  std::span<char> space();
  void received(std::size_t bytes) { end_ += bytes; }

  // Looks at the first response in the buffer; interim responses (1xx) are passed over. kBad stays until
  // reset().
  Outcome next();
  const Response& response() const { return response_; }
  void consume();

  bool empty() const { return begin_ == end_; }
  const std::string& fault() const { return fault_; }  // after kBad
  void reset();                                        // for a new connection

 private:
  std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
  bool read_head(std::string_view head);
  bool read_status_line(std::string_view line);
  bool read_field(std::string_view line);
  bool bad(std::string fault);

  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // of buffered(): holds no end of the head
  std::size_t head_ = 0;      // its length with the empty line; 0: not complete yet
  std::optional<std::size_t> content_length_;
  Response response_;
  std::string fault_;
};

}  // namespace rankloop::simulate
