// Asks a server over HTTP/1.1, for commands.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "client/server_url.h"
#include "error/result.h"

namespace rankloop::client {

struct Answer {
  int status = 0;
  std::string body;
};

// A body that is read while it is sent.
struct Upload {
  std::uint64_t size = 0;  // bytes; exactly as many are sent
  // Fills the beginning of the room, which is not empty, and answers how many bytes it put there. An error,
  // or an end before `size`, ends the request, of which the server then has no whole.
  std::function<Result<std::size_t>(std::span<char> room)> read;
};

struct Call {
  std::string_view method = "GET";
  std::string_view path = {};                    // with its query, encoded
  std::string_view content_type = {};            // empty: no body
  std::string_view body = {};                    // borrowed
  const Upload* upload = nullptr;                // instead of it; borrowed
  std::size_t most_bytes = 256UL * 1024 * 1024;  // of the answer's body
};

// One server, whose connection is kept from one request to the next. No proxy is asked, no redirect is
// followed, and no request that may change something is sent a second time. Not thread-safe.
class HttpClient {
 public:
  // `token`: shown with every request; empty: none is.
  explicit HttpClient(ServerUrl server, std::string token = {});
  // kInvalidArgument as parse_server_url().
  static Result<HttpClient> of(std::string_view url, std::string token = {});
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  const ServerUrl& server() const { return server_; }

  // Blocks for at most `deadline`. An answer of any status is an answer. kUnavailable: no connection or a
  // broken one; kDeadlineExceeded; kInternal: the answer is not HTTP/1.1, or longer than the call allows; or
  // what an upload's reader says.
  Result<Answer> ask(const Call& call, std::chrono::milliseconds deadline);

 private:
  class Transfer;

  ServerUrl server_;
  std::string token_;
  std::unique_ptr<Transfer> transfer_;
};

}  // namespace rankloop::client
