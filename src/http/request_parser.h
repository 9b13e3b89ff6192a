// Reads one request from bytes as they come: Beast's parser for the grammar, our bounds, and the outcome
// straight in a Request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "http/message.h"

namespace rankloop::http {

// Why a request could not be read.
enum class ReadFault : std::uint8_t {
  kNone,
  kMalformed,
  kFraming,        // where the body ends is told twice, or not in a way that everybody reads alike
  kUnknownCoding,  // a Transfer-Encoding other than chunked
  kHeadTooLarge,
  kBodyTooLarge,
  kNoRoom,
  kNoMemory
};

// Bytes of bodies held at once by all connections. I/O thread only.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t limit) : limit_(limit) {}
  bool take(std::size_t bytes) {
    if (bytes > limit_ - used_) return false;
    used_ += bytes;
    return true;
  }
  void give_back(std::size_t bytes) { used_ -= bytes; }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

// One request; I/O thread only. The Request, its views and the budget must outlive it.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(Request& request, std::size_t max_head, BodyBudget& budget);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  // Takes what it can use of `bytes` and answers how much that was; see fault(). Stops behind the head until
  // read_body() was called.
  std::size_t feed(const char* bytes, std::size_t size);
  ReadFault fault() const { return fault_; }
  // Lets the body in, up to `max_body` bytes; discards it instead of keeping it when `discard`.
  void read_body(std::size_t max_body, bool discard);
  // So much of the body has left the memory: the budget has it again.
  void give_back(std::size_t bytes);

  // Of the head; valid once is_header_done().
  std::string_view method() const { return {head_.data(), method_size_}; }
  std::string_view target() const { return {head_.data() + method_size_, target_size_}; }
  bool has_body() const { return chunked() || declared_body() > 0; }
  std::uint64_t declared_body() const { return declared_; }  // Content-Length, 0 without
  bool is_http11() const { return version_ >= 11; }
  int host_fields() const { return host_fields_; }
  // Of the route; 0 before read_body(), and of a body that is not wanted.
  std::size_t max_body() const { return discard_ ? 0 : max_body_; }
  std::size_t body_size() const { return body_size_; }  // bytes that have come

 private:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       Error& error) override;
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(boost::beast::http::field field, Text name, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, Error& error) override;
  std::size_t on_body_impl(Text body, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extension, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, Text body, Error& error) override;
  void on_finish_impl(Error&) override {}

  void refuse(ReadFault fault, Error& error);
  ReadFault framing_fault() const;

  struct FieldSize {
    std::size_t name;
    std::size_t value;
  };

  Request& request_;
  BodyBudget& budget_;
  std::string head_;  // method, target, then name and value of each field, without separators
  std::vector<FieldSize> fields_;
  std::size_t max_head_;       // bytes, as they come over the connection
  std::size_t head_size_ = 0;  // likewise, of what is parsed
  std::size_t method_size_ = 0;
  std::size_t target_size_ = 0;
  std::uint64_t declared_ = 0;
  std::size_t max_body_ = 0;
  std::size_t body_size_ = 0;
  std::size_t taken_ = 0;  // of the budget
  int version_ = 11;
  int host_fields_ = 0;
  int length_fields_ = 0;
  int coding_fields_ = 0;
  bool chunked_only_ = true;  // every Transfer-Encoding says "chunked" and nothing else
  bool head_done_ = false;
  bool discard_ = false;
  ReadFault fault_ = ReadFault::kNone;
};

}  // namespace rankloop::http
