// One guest's connection: sends one request at a time and reads its response, without ever blocking. It is
// opened when it is needed, stays open between requests, and is watched by an epoll instance (edge-triggered,
// so that a request costs one send, one recv and its share of an epoll_wait).
#pragma once

#include <cstdint>
#include <string>

#include "error/result.h"
#include "simulate/connection.h"
#include "simulate/response_reader.h"

namespace rankloop::simulate {

class GuestConnection {
 public:
  enum class Event {
    kNothing,   // wait for more
    kResponse,  // response() is complete: read it, then consume() it
    kBroken,    // closed or failed, fault() says how; the line is closed
    kBad,       // an answer that is no response to a request, fault() says why; the line is closed
  };

  // The bytes that send() sends; kept until they are changed, so that they can be sent again.
  std::string& request() { return request_; }

  // Sends the request, on a new connection if there is none. `tag` comes back with epoll's events.
  // kUnavailable: no connection can be begun; what happens to it later is told by ready().
  Status send(const Endpoint& endpoint, int epoll, std::uint64_t tag);

  // To be called with the events that epoll reported.
  Event ready(std::uint32_t events);

  const Response& response() const { return reader_.response(); }
  void consume();  // also closes the line when the server wants that

  void close();
  // True when responses came before on this connection: then the server may have closed it as idle while the
  // request was on its way, which is no fault of either.
  bool used() const { return used_; }
  const std::string& fault() const { return fault_; }

 private:
  bool flush();  // false: broken
  Event broken(Event event, std::string fault);

  FileDescriptor socket_;
  bool connecting_ = false;
  bool waiting_ = false;      // for a response
  bool peer_closed_ = false;  // what is buffered is all there will be
  bool used_ = false;
  std::string request_;
  std::size_t sent_ = 0;
  ResponseReader reader_;
  std::string fault_;
};

}  // namespace rankloop::simulate
