// Sends and reads without blocking.
#include "simulate/guest_connection.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace rankloop::simulate {

Status GuestConnection::send(const Endpoint& endpoint, int epoll, std::uint64_t tag) {
  sent_ = 0;
  waiting_ = true;
  if (socket_) {
    // A fault of this send shows again as an event of the socket, where it is handled.
    flush();
    return {};
  }
  auto socket = start_connection(endpoint);
  if (!socket) return std::move(socket).error();
  socket_ = std::move(*socket);
  connecting_ = true;
  used_ = false;
  peer_closed_ = false;
  reader_.reset();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = tag;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, socket_.get(), &event) != 0) {
    close();
    return Error{ErrorCode::kUnavailable, "cannot watch a socket: " + std::generic_category().message(errno)};
  }
  return {};
}

GuestConnection::Event GuestConnection::ready(std::uint32_t events) {
  if (!socket_) return Event::kNothing;  // an event of a connection that was closed since
  if (connecting_) {
    if (std::string fault = socket_fault(socket_.get()); !fault.empty()) {
      return broken(Event::kBroken, std::move(fault));
    }
    connecting_ = false;
  }
  if (!flush()) return broken(Event::kBroken, std::generic_category().message(errno));
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return Event::kNothing;

  // After a short read the socket is drained, but the edge of a close may have come with these very bytes:
  // then only reading to the end shows it.
  const bool to_the_end = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  while (!peer_closed_) {
    const auto space = reader_.space();
    const ssize_t got = ::recv(socket_.get(), space.data(), space.size(), 0);
    if (got > 0) {
      reader_.received(static_cast<std::size_t>(got));
      if (!to_the_end && static_cast<std::size_t>(got) < space.size()) break;
    } else if (got == 0) {
      peer_closed_ = true;
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return broken(Event::kBroken, std::generic_category().message(errno));
    }
  }
  if (!waiting_ && !reader_.empty()) return broken(Event::kBad, "an answer came without a request");
  switch (reader_.next()) {
    case ResponseReader::Outcome::kComplete:
      return Event::kResponse;
    case ResponseReader::Outcome::kBad:
      return broken(Event::kBad, reader_.fault());
    case ResponseReader::Outcome::kIncomplete:
      break;
  }
  return peer_closed_ ? broken(Event::kBroken, "the connection was closed") : Event::kNothing;
}

void GuestConnection::consume() {
  const bool keep = reader_.response().keep_alive && !peer_closed_;
  reader_.consume();
  waiting_ = false;
  used_ = true;
  if (!keep) close();
}

void GuestConnection::close() {
  socket_.reset();
  waiting_ = false;
  connecting_ = false;
}

bool GuestConnection::flush() {
  while (waiting_ && !connecting_ && sent_ < request_.size()) {
    const ssize_t sent =
        ::send(socket_.get(), request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
    if (sent > 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

GuestConnection::Event GuestConnection::broken(Event event, std::string fault) {
  fault_ = std::move(fault);
  close();
  return event;
}

}  // namespace rankloop::simulate
