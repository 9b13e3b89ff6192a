// A request and a response as handlers see them: no socket, no parser.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "error/result.h"
#include "tables/byte_source.h"
#include "telemetry/trace.h"

namespace rankloop::http {

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete };
std::string_view name_of(Method method);

// Who asks: what a token gives, and what a route needs. A greater one may do all that a lesser may.
enum class Role : std::uint8_t { kNone, kGuest, kOperator };
std::string_view name_of(Role role);  // "none", "guest", "operator"

// The Idempotency-Key of a POST or PUT, for the write that carries it (see http/idempotency.h).
struct IdempotencyKey {
  std::string key;             // as sent; once the body is there, the name under which the answer is kept
  std::string fingerprint{};   // SHA-256 of method, path, query and body
  bool keeps_refusals = true;  // a peer may have so many kept, then none for a while
  // Set by the handler's own write when it keeps the answer.
  std::shared_ptr<std::atomic<bool>> kept_by_write = std::make_shared<std::atomic<bool>>(false);
};

struct Request {
  Method method = Method::kGet;
  bool head_only = false;                // a HEAD on a GET route: answer the same, but change nothing
  std::string_view route;                // the template that matched, "/inference/status/{task_id}"
  std::string path;                      // decoded, without a trailing slash
  std::vector<std::string> path_values;  // one per {placeholder}, decoded
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::string_view raw_query;  // as sent, without the question mark; lives as long as the headers
  // As sent; look up with header(). Views into the session's copy of the head, valid until the answer is
  // written.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string body;
  // The whole body instead, where the route takes it from a file and it is long (see http/stored_body.h).
  std::optional<tables::Bytes> stored_body;
  std::string request_id;
  std::optional<telemetry::RequestTrace> trace;
  std::optional<IdempotencyKey> idempotency;
  std::chrono::steady_clock::time_point received;
  std::string peer;         // who asks, for bounds (see http/peer.h); empty: counts for nobody
  Role role = Role::kNone;  // what it has shown; an operator's where no token is asked for
  std::string_view actor =
      "local";             // who signs a change that it asks for: the role, where a token is asked for
  bool has_place = false;  // it holds a place among the waiting

  std::optional<std::string_view> parameter(std::string_view name) const;  // of the query; the last one wins
  std::string_view header(std::string_view name) const;  // case-insensitive; empty when absent
  // The body, wherever it is; the request has none afterwards.
  tables::Bytes take_body();
};

// What a task that this request makes is a child of.
inline std::optional<telemetry::TraceContext> span_of(const Request& request) {
  if (!request.trace) return std::nullopt;
  return request.trace->span;
}

// A body that is written piece by piece (Server-Sent Events): `next` answers the next piece, or an empty one
// at the end. The session stops asking when the client has gone or the server stops.
using BodyStream = std::function<boost::asio::awaitable<std::string>()>;

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  BodyStream stream;         // when set, `body` is unused and the response is chunked
  bool answer_kept = false;  // the handler's own write has kept this answer under the request's key
  // Bytes that outlive the server's run(), shared by all who ask; when set, `body` is unused.
  std::string_view lasting_body{};
  // Bytes that several answers may have at once; when set, `body` is unused.
  std::shared_ptr<const std::string> shared_body{};

  std::string_view content() const {
    if (shared_body != nullptr) return *shared_body;
    return lasting_body.empty() ? std::string_view(body) : lasting_body;
  }
};

Response json_response(std::string body, int status = 200);
// {"detail": message}; every error of the machinery itself has this form.
Response detail_response(int status, std::string_view message);
// The one place where an ErrorCode becomes a status (error_response.cpp).
Response error_response(const Error& error);
int status_of(ErrorCode code);

}  // namespace rankloop::http
