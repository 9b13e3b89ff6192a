// A client that says exactly what a test wants to say: a blocking socket and a reader of answers.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/ascii.h"

namespace rankloop::testing {

struct Answer {
  int status = 0;  // 0: the connection ended instead
  std::string head;
  std::string body;

  std::string header(std::string_view name) const {
    std::string_view rest = head;
    for (auto end = rest.find("\r\n"); end != rest.npos; end = rest.find("\r\n")) {
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end + 2);
      const auto colon = line.find(':');
      if (colon != line.npos && http::equal_ignoring_case(line.substr(0, colon), name)) {
        return std::string(http::trim(line.substr(colon + 1)));
      }
    }
    return {};
  }
};

class RawClient {
 public:
  // `from`: the address it comes from, the last number of 127.0.0.x. `receives`: bytes of its buffer, 0: as
  // the system likes.
  explicit RawClient(std::uint16_t port, int from = 1, int receives = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{20, 0};
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receives > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receives, sizeof receives);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(from - 1));
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // Ends the connection by a reset, as a client does whose process has gone with bytes unread.
  void abort() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  // Closes its own side only.
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  bool connected() const { return connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has closed; the test looks at its answer
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void send_bytewise(std::string_view bytes) {
    for (char byte : bytes) send({&byte, 1});
  }

  Answer read(bool head_only = false) {
    Answer answer;
    const auto end = fill_until("\r\n\r\n");
    if (!end) return answer;
    answer.head = buffer_.substr(0, *end + 4);
    buffer_.erase(0, *end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    if (head_only || answer.status == 204 || answer.status == 304 || answer.status / 100 == 1) return answer;
    if (answer.header("Transfer-Encoding") == "chunked") {
      while (auto chunk = read_chunk()) {
        if (chunk->empty()) break;
        answer.body += *chunk;
      }
    } else if (const std::string length = answer.header("Content-Length"); !length.empty()) {
      answer.body = take(std::stoul(length));
    } else {
      while (fill()) {
      }
      answer.body = std::exchange(buffer_, {});
    }
    return answer;
  }

  // The next chunk of a stream, empty for the last one; nothing when the connection ended without it.
  std::optional<std::string> read_chunk() {
    const auto end = fill_until("\r\n");
    if (!end) return std::nullopt;
    const std::size_t size = std::stoul(buffer_.substr(0, *end), nullptr, 16);
    buffer_.erase(0, *end + 2);
    std::string chunk = take(size);
    take(2);
    return chunk;
  }

  // Reads on until there are `most` bytes behind the last head, or the connection ends; how many there are.
  std::size_t rest(std::size_t most = SIZE_MAX) {
    while (buffer_.size() < most && fill()) {
    }
    return buffer_.size();
  }

  // Whether the server closes without another byte.
  bool closed() { return buffer_.empty() && !fill() && !timed_out_; }

 private:
  bool fill() {
    char piece[16384];
    const auto got = ::recv(fd_, piece, sizeof piece, 0);
    timed_out_ = got < 0 && errno == EAGAIN;
    if (got <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(got));
    return true;
  }
  std::optional<std::size_t> fill_until(std::string_view mark) {
    for (;;) {
      const auto at = buffer_.find(mark);
      if (at != std::string::npos) return at;
      if (!fill()) return std::nullopt;
    }
  }
  std::string take(std::size_t size) {
    while (buffer_.size() < size && fill()) {
    }
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  int fd_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string buffer_;
};

}  // namespace rankloop::testing
