// Sockets that are connected in the background.
#include "simulate/connection.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "client/server_url.h"

namespace rankloop::simulate {
namespace {

std::string text_of(int error) {
  return std::generic_category().message(error);
}

Error unavailable(const Endpoint& endpoint, const std::string& reason) {
  return {ErrorCode::kUnavailable,
          "cannot reach http://" + endpoint.authority + endpoint.prefix + ": " + reason};
}

}  // namespace

void FileDescriptor::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<Endpoint> resolve(std::string_view url) {
  const Result<client::ServerUrl> server = client::parse_server_url(url);
  if (!server) return server.error();
  Endpoint endpoint{.authority = server->authority, .prefix = server->prefix};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(server->host.c_str(), server->port.c_str(), &hints, &found);
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

}  // namespace rankloop::simulate
