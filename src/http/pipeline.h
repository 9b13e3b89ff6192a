// What every request passes, in this order, and why in this order:
//
//   on the head, before a byte of the body is taken (admit):
//    1. request id       first, so that every answer and every log line after it has one
//    2. route            an unknown path is 404 to everyone; 405 and OPTIONS speak of routes only
//    3. host and origin  a page of another site must not act through someone's browser, token or not: 403
//    4. token            before anything that depends on what the request contains: 401, 429; 403 for a guest
//    5. body             expectation 417, content type 415, size 413; refused before it is sent if known
//   on the whole request (answer):
//    6. idempotency      only now the body is there to be fingerprinted; a replay never reaches the handler
//    7. handler          with the catch-all around it: an exception is a 500, or a 503 when memory is out,
//    logged
//                        with the request id
//   on the answer, whoever made it (compress, record):
//    8. coding           what is kept and replayed is the plain answer
//    9. metrics, log and span  last, so that refusals are counted like answers
//
// A server that drains answers like any other, and the session closes the connection after it. The session
// writes the answer and adds what belongs to the connection (Date, X-Request-Id, Content-Length).
#pragma once

#include <optional>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "http/message.h"
#include "http/request_parser.h"
#include "http/route.h"
#include "http/server_state.h"

namespace rankloop::http {

struct Admission {
  const Route* route = nullptr;     // null: no path of ours
  std::optional<Response> refusal;  // when set, the body is not wanted
  bool close = false;               // after this answer
  std::size_t max_body = 0;         // bytes
  bool waits = false;               // counts as waiting: watch the client while the handler runs
};

// I/O thread only.
class Pipeline {
 public:
  explicit Pipeline(ServerState& state) : state_(state) {}

  // Positions 1 to 5. Completes `request` but for its body.
  Admission admit(Request& request, const RequestParser& head);
  // Positions 6 and 7. Throws only when it is cancelled.
  boost::asio::awaitable<Response> answer(Request& request, const Route& route);
  // Position 8. Throws only when it is cancelled.
  boost::asio::awaitable<void> compress(const Request& request, Response& response);
  // Position 9. `route`: null when none matched; `method` as sent.
  void record(const Request& request, const Route* route, std::string_view method, int status);

 private:
  std::optional<Response> match(Request& request, const RequestParser& head, Admission& admission);
  std::optional<Response> check_host(std::string_view host) const;
  std::optional<Response> check_site(const Request& request, const RequestParser& head) const;
  std::optional<Response> check_token(Request& request, Admission& admission) const;
  std::optional<Response> check_guest_changes(const Request& request, Role needed) const;
  Response wrong_token(const Request& request, Admission& admission) const;
  std::optional<Response> check_body(const Request& request, const RequestParser& head,
                                     Admission& admission) const;
  std::optional<Response> read_idempotency_key(Request& request) const;

  ServerState& state_;
};

// The answers a session gives by itself, when a request cannot be read. `max_body`: of the route, if it is
// known.
Response unreadable_response(ReadFault fault, std::size_t max_body = 0);

}  // namespace rankloop::http
