// Sockets with deadlines.
#include "simulate/connection.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "simulate/response_reader.h"

namespace rankloop::simulate {
namespace {

using Clock = std::chrono::steady_clock;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

Error unavailable(const Endpoint& endpoint, const std::string& reason) {
  return {ErrorCode::kUnavailable,
          "cannot reach http://" + endpoint.authority + endpoint.prefix + ": " + reason};
}

// Waits until the socket is ready for `events`.
Status wait_for(int fd, short events, const Endpoint& endpoint, Clock::time_point deadline) {
  while (true) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (rest.count() <= 0)
      return Error{ErrorCode::kDeadlineExceeded, "no answer from http://" + endpoint.authority};
    pollfd waiting{fd, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(rest.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return unavailable(endpoint, text_of(errno));
  }
}

Status send_all(int fd, std::string_view bytes, const Endpoint& endpoint, Clock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EINTR) {
      if (auto ready = wait_for(fd, POLLOUT, endpoint, deadline); !ready) return ready;
    } else {
      return unavailable(endpoint, text_of(errno));
    }
  }
  return {};
}

Result<Fetched> receive(int fd, const Endpoint& endpoint, Clock::time_point deadline) {
  ResponseReader reader;
  while (true) {
    if (auto ready = wait_for(fd, POLLIN, endpoint, deadline); !ready) return std::move(ready).error();
    const auto space = reader.space();
    const ssize_t got = ::recv(fd, space.data(), space.size(), 0);
    if (got == 0) return unavailable(endpoint, "the connection was closed");
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return unavailable(endpoint, text_of(errno));
    reader.received(static_cast<std::size_t>(got));
    switch (reader.next()) {
      case ResponseReader::Outcome::kIncomplete:
        break;
      case ResponseReader::Outcome::kComplete:
        return Fetched{reader.response().status, std::string{reader.response().body}};
      case ResponseReader::Outcome::kBad:
        return Error{ErrorCode::kInternal, "http://" + endpoint.authority + ": " + reader.fault()};
    }
  }
}

}  // namespace

void FileDescriptor::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<Endpoint> resolve(std::string_view url) {
  const std::string quoted = "\"" + std::string{url} + "\"";
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed || parsed->scheme_id() != boost::urls::scheme::http || parsed->encoded_host().empty() ||
      parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment()) {
    return Error{ErrorCode::kInvalidArgument,
                 quoted +
                     " is no URL of a server; it must look like http://127.0.0.1:4789 "
                     "(https is not supported: run this next to the server)"};
  }
  Endpoint endpoint;
  endpoint.authority = std::string{parsed->encoded_host_and_port()};
  endpoint.prefix = std::string{parsed->encoded_path()};
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();

  const std::string host{parsed->host_address()};
  const std::string port = parsed->has_port() ? std::string{parsed->port()} : "80";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (code != 0) return unavailable(endpoint, ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  endpoint.address_length = found->ai_addrlen;
  return endpoint;
}

Result<FileDescriptor> start_connection(const Endpoint& endpoint) {
  FileDescriptor socket{::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) return unavailable(endpoint, text_of(errno));
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // The sockets interface of C wants this cast; sockaddr_storage is made for it.
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (::connect(socket.get(), address, endpoint.address_length) != 0 && errno != EINPROGRESS) {
    return unavailable(endpoint, text_of(errno));
  }
  return socket;
}

std::string socket_fault(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  return error == 0 ? std::string{} : text_of(error);
}

Result<Fetched> call(const Endpoint& endpoint, const Call& call, std::chrono::milliseconds deadline) {
  const auto until = Clock::now() + deadline;
  auto socket = start_connection(endpoint);
  if (!socket) return std::move(socket).error();
  if (auto ready = wait_for(socket->get(), POLLOUT, endpoint, until); !ready) return std::move(ready).error();
  if (const std::string fault = socket_fault(socket->get()); !fault.empty())
    return unavailable(endpoint, fault);
  std::string head = std::string{call.method} + " " + endpoint.prefix + std::string{call.path} +
                     " HTTP/1.1\r\nHost: " + endpoint.authority +
                     "\r\nAccept: application/json\r\nConnection: close\r\n";
  if (!call.token.empty()) head += "Authorization: Bearer " + std::string{call.token} + "\r\n";
  if (!call.content_type.empty()) {
    head += "Content-Type: " + std::string{call.content_type} +
            "\r\nContent-Length: " + std::to_string(call.body.size()) + "\r\n";
  }
  head += "\r\n";
  if (auto sent = send_all(socket->get(), head, endpoint, until); !sent) return std::move(sent).error();
  if (auto sent = send_all(socket->get(), call.body, endpoint, until); !sent) return std::move(sent).error();
  return receive(socket->get(), endpoint, until);
}

Result<Fetched> fetch(const Endpoint& endpoint, std::string_view path, std::chrono::milliseconds deadline) {
  return call(endpoint, {.method = "GET", .path = path}, deadline);
}

}  // namespace rankloop::simulate
