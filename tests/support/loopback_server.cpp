// The thread that answers one request after another.
#include "support/loopback_server.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rankloop::testing {
namespace {

// The first request in `bytes`, which it is taken from; false: not complete yet.
bool take_request(std::string& bytes, LoopbackRequest& request) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::size_t length_at = bytes.find("Content-Length: ");
  const std::size_t length =
      length_at < head ? static_cast<std::size_t>(std::strtoul(bytes.c_str() + length_at + 16, nullptr, 10))
                       : 0;
  if (bytes.size() < head + 4 + length) return false;
  const std::size_t target = bytes.find(' ') + 1;
  request.method = bytes.substr(0, target - 1);
  request.target = bytes.substr(target, bytes.find(' ', target) - target);
  request.head = bytes.substr(0, head + 2);
  request.body = bytes.substr(head + 4, length);
  bytes.erase(0, head + 4 + length);
  return true;
}

}  // namespace

LoopbackServer::LoopbackServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, plain, length) != 0 || ::listen(listener_, 256) != 0 ||
      ::getsockname(listener_, plain, &length) != 0) {
    throw std::runtime_error("no loopback port to listen on");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread{[this] { accept_connections(); }};
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  for (const int fd : sockets_) ::shutdown(fd, SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
  for (const int fd : sockets_) ::close(fd);
  ::close(listener_);
}

std::string LoopbackServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::size_t LoopbackServer::connections() const {
  const Lock lock{mutex_};
  return sockets_.size();
}

void LoopbackServer::accept_connections() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const Lock lock{mutex_};
    sockets_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void LoopbackServer::serve(int fd) {
  std::string bytes;
  std::array<char, 4096> buffer{};
  LoopbackRequest request;
  while (true) {
    while (take_request(bytes, request)) {
      LoopbackAnswer answer;
      {
        const Lock lock{handling_};
        answer = handler_(request);
      }
      if (answer.status != 0) {
        const std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n" + answer.headers +
                                 "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
                                 answer.body;
        ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      }
      if (answer.close) {
        ::shutdown(fd, SHUT_RDWR);
        return;
      }
    }
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace rankloop::testing
