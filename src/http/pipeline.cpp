// The steps of the pipeline, each a refusal or nothing.
#include "http/pipeline.h"

#include <algorithm>
#include <string>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "error/caught.h"
#include "http/answer_coding.h"
#include "http/ascii.h"
#include "http/idempotency.h"
#include "http/site_check.h"
#include "http/target.h"

namespace rankloop::http {

namespace asio = boost::asio;

namespace {

// Empty unless there is exactly one: two of them say nothing.
std::string_view only_header(const Request& request, std::string_view name) {
  std::string_view found;
  for (const auto& [sent, value] : request.headers) {
    if (!equal_ignoring_case(sent, name)) continue;
    if (!found.empty()) return {};
    found = value;
  }
  return found;
}

// HEAD is a GET whose answer stays without its body.
std::optional<Method> method_named(std::string_view name) {
  if (name == "HEAD") return Method::kGet;
  for (Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    if (name == name_of(method)) return method;
  }
  return std::nullopt;
}

// Methods are labels of metrics, so only known words count by name.
std::string_view method_label(std::string_view method) {
  if (method == "OPTIONS") return "OPTIONS";
  const auto known = method_named(method);
  return known ? name_of(*known) : "OTHER";
}

Response unavailable(std::string_view why) {
  Response response = detail_response(503, why);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response come_again(std::string_view why, std::chrono::seconds wait) {
  Response response = detail_response(429, why);
  response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return response;
}

Response unsupported_type(const Route& route) {
  std::string accepted;
  for (const std::string& type : route.body_types) accepted += (accepted.empty() ? "" : ", ") + type;
  Response response = detail_response(415, "Content-Type must be " + accepted);
  response.headers.emplace_back("Accept", accepted);
  return response;
}

// What OpenTelemetry's conventions ask of a server's span; no path, query or body, for they may be personal.
telemetry::Span server_span(const Request& request, const Route* route, std::string_view method, int status) {
  const telemetry::SpanClock clock;
  telemetry::Span span{.context = request.trace->span,
                       .parent = request.trace->parent,
                       .name = std::string(method),
                       .kind = telemetry::SpanKind::kServer,
                       .begin = clock(request.received),
                       .end = clock(std::chrono::steady_clock::now()),
                       .failed = status >= 500};
  span.attributes = {{"http.request.method", std::string(method)},
                     {"http.response.status_code", std::int64_t{status}},
                     {"url.scheme", "http"},
                     {"rankloop.request_id", request.request_id}};
  if (route != nullptr) {
    span.name += " " + route->path;
    span.attributes.push_back({"http.route", route->path});
  }
  if (span.failed) span.attributes.push_back({"error.type", std::to_string(status)});
  return span;
}

}  // namespace

Response unreadable_response(ReadFault fault, std::size_t max_body) {
  switch (fault) {
    case ReadFault::kNone:
    case ReadFault::kMalformed:
      return detail_response(400, "the request is no valid HTTP");
    case ReadFault::kFraming:
      return detail_response(400,
                             "where the body ends is told twice, or in a way that can be read in two ways");
    case ReadFault::kUnknownCoding:
      return detail_response(501, "the only Transfer-Encoding taken is chunked");
    case ReadFault::kHeadTooLarge:
      return detail_response(431, "the request's head is too large");
    case ReadFault::kBodyTooLarge:
      return detail_response(
          413, "the request's body is too large" +
                   (max_body == 0 ? std::string()
                                  : ": at most " + std::to_string(max_body) + " bytes are taken here"));
    case ReadFault::kNoRoom:
      return unavailable("too many request bodies are under way");
    case ReadFault::kNoMemory:
      return error_response(out_of_memory());
  }
  return detail_response(400, "the request is no valid HTTP");
}

Admission Pipeline::admit(Request& request, const RequestParser& head) {
  request.request_id = state_.request_ids.choose(request.header("X-Request-Id"));
  if (state_.options.tracer != nullptr) {
    request.trace = state_.options.tracer->enter(only_header(request, "traceparent"));
  }
  Admission admission;
  admission.max_body = state_.options.max_body;
  const auto refuse = [&](std::optional<Response> refusal) {
    if (refusal) admission.refusal = std::move(refusal);
    return admission.refusal.has_value();
  };
  if (refuse(match(request, head, admission))) return admission;
  if (refuse(check_site(request, head))) return admission;
  if (refuse(check_token(request, admission))) return admission;
  if (refuse(check_body(request, head, admission))) return admission;
  refuse(read_idempotency_key(request));
  return admission;
}

std::optional<Response> Pipeline::match(Request& request, const RequestParser& head, Admission& admission) {
  const std::string_view method = head.method();
  if (method == "OPTIONS" && head.target() == "*") {
    Response response = json_response({}, 204);
    response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return response;
  }
  const auto raw = split_target(head.target());
  if (!raw) return detail_response(400, "the request target is no path");
  Router::Match found = state_.router.find(raw->path);
  if (found.malformed) return detail_response(400, "the path has a broken escape");
  if (found.routes == nullptr) return detail_response(404, "Not Found");

  const auto known = method_named(method);
  const Route* route = known ? found.routes->of(*known) : nullptr;
  if (route == nullptr) {
    Response response =
        method == "OPTIONS" ? json_response({}, 204) : detail_response(405, "Method Not Allowed");
    response.headers.emplace_back("Allow", found.routes->allow);
    return response;
  }
  admission.route = route;
  request.method = *known;
  request.head_only = method == "HEAD";
  request.route = route->path;
  request.path = std::move(found.path);
  request.path_values = std::move(found.values);
  auto query = decode_query(raw->query);
  if (!query) return detail_response(400, "the query has a broken escape");
  request.query = std::move(*query);
  request.raw_query = raw->query;
  admission.waits = route->counted_as_waiting || (!route->waiting_parameter.empty() &&
                                                  request.parameter(route->waiting_parameter).has_value());
  if (admission.waits && !state_.waiting.room_for(request.peer)) {
    return unavailable("too many requests are waiting");
  }
  return std::nullopt;
}

std::optional<Response> Pipeline::check_host(std::string_view host) const {
  const auto name = host_name(host);
  if (!name && !host.empty()) return detail_response(400, "the Host is no name or address with a port");
  if (state_.sites.takes_host(name.value_or(std::string_view()))) return std::nullopt;
  return detail_response(403,
                         "this server does not answer to that Host; http.allowed_hosts names those it does");
}

std::optional<Response> Pipeline::check_site(const Request& request, const RequestParser& head) const {
  if (head.host_fields() > 1 || (head.is_http11() && head.host_fields() == 0)) {
    return detail_response(400, "exactly one Host header is needed");
  }
  const auto target = split_target(head.target());
  std::string_view host = request.header("Host");
  const std::string_view authority = target ? target->authority : std::string_view();
  if (head.host_fields() == 1) {
    if (auto refusal = check_host(host)) return refusal;
  }
  if (!authority.empty()) {
    if (auto refusal = check_host(authority)) return refusal;
  }
  if (request.method == Method::kGet) return std::nullopt;
  if (!authority.empty()) host = authority;
  const std::string_view origin = request.header("Origin");
  const std::string_view site = request.header("Sec-Fetch-Site");
  const bool foreign_origin = !origin.empty() && !state_.sites.takes_origin(origin, host);
  const bool foreign_site =
      !site.empty() && site != "same-origin" && site != "none" && !state_.sites.is_named_origin(origin);
  if (foreign_origin || foreign_site) {
    return detail_response(
        403, "requests from other sites are refused; behind a proxy http.public_url names this one");
  }
  return std::nullopt;
}

std::optional<Response> Pipeline::check_token(Request& request, Admission& admission) const {
  const Role needed = admission.route->role;
  if (needed == Role::kNone) return std::nullopt;
  const std::string_view sent = request.header("Authorization");
  request.role = state_.access.role_of(sent);
  if (state_.access.asks()) request.actor = name_of(request.role);
  if (request.role >= needed) return check_guest_changes(request, needed);
  if (request.role == Role::kGuest) {
    return error_response(
        Error(ErrorCode::kPermissionDenied,
              "a guest's token may only ask for rankings, read and pick from them; this needs the "
              "operator's token"));
  }
  if (!sent.empty()) return wrong_token(request, admission);
  return error_response(Error(ErrorCode::kUnauthenticated, "a valid bearer token is needed"));
}

// What guests do becomes what models learn from, so that one address may be kept from flooding it.
std::optional<Response> Pipeline::check_guest_changes(const Request& request, Role needed) const {
  const bool by_guest = request.role == Role::kGuest || !state_.access.asks();
  if (!state_.guest_changes || !by_guest || needed != Role::kGuest || request.method == Method::kGet) {
    return std::nullopt;
  }
  const auto wait = state_.guest_changes->use(request.peer, std::chrono::steady_clock::now());
  if (wait.count() == 0) return std::nullopt;
  return come_again("too many rankings and picks were asked for from there (http.max_guest_changes)", wait);
}

// Whoever guesses is slowed down. The right token is always taken: nobody can shut out others behind the same
// address.
Response Pipeline::wrong_token(const Request& request, Admission& admission) const {
  const auto wait = state_.wrong_tokens.use(request.peer, std::chrono::steady_clock::now());
  if (wait.count() == 0) {
    return error_response(Error(ErrorCode::kUnauthenticated, "a valid bearer token is needed"));
  }
  admission.close = true;
  return come_again("too many wrong tokens came from there", wait);
}

std::optional<Response> Pipeline::check_body(const Request& request, const RequestParser& head,
                                             Admission& admission) const {
  const Route& route = *admission.route;
  if (route.max_body != 0) admission.max_body = route.max_body;
  const std::string_view expect = request.header("Expect");
  if (!expect.empty() && !equal_ignoring_case(expect, "100-continue")) {
    return detail_response(417, "the only expectation met is 100-continue");
  }
  if (!head.has_body()) return std::nullopt;
  if (head.declared_body() > admission.max_body) {
    admission.close = true;
    return unreadable_response(ReadFault::kBodyTooLarge, admission.max_body);
  }
  if (route.body_schema.empty()) return std::nullopt;
  const std::string_view type = request.header("Content-Type");
  const std::string_view media = trim(type.substr(0, type.find(';')));
  const bool accepted =
      std::any_of(route.body_types.begin(), route.body_types.end(),
                  [&](const std::string& known) { return equal_ignoring_case(media, known); });
  if (!accepted) return unsupported_type(route);
  return std::nullopt;
}

std::optional<Response> Pipeline::read_idempotency_key(Request& request) const {
  if (request.method != Method::kPost && request.method != Method::kPut) return std::nullopt;
  const auto is_key = [](const auto& field) {
    return equal_ignoring_case(field.first, kIdempotencyKey.name);
  };
  const auto field = std::find_if(request.headers.begin(), request.headers.end(), is_key);
  if (field == request.headers.end()) return std::nullopt;
  if (auto wrong = fault_of(kIdempotencyKey, field->second)) {
    FieldFault fault{
        {"header", std::string{kIdempotencyKey.name}}, std::move(wrong->message), std::string{wrong->type}};
    return error_response(invalid_fields({fault}));
  }
  request.idempotency =
      IdempotencyKey{.key = std::string(field->second)};  // the fingerprint follows with the body
  return std::nullopt;
}

asio::awaitable<Response> Pipeline::answer(Request& request, const Route& route) {
  Error failure;
  try {
    if (!request.idempotency || state_.idempotency == nullptr) co_return co_await route.handle(request);
    auto fingerprint = co_await take_fingerprint(request, *state_.pool);
    if (!fingerprint) co_return error_response(fingerprint.error());
    request.idempotency->fingerprint = *std::move(fingerprint);
    request.idempotency->key = kept_name(request, state_.access.asks());
    co_return co_await state_.idempotency->answer(request, route.handle,
                                                  request.has_place ? nullptr : &state_.waiting);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    failure = caught();
  } catch (...) {
    failure = caught();
  }
  std::string().swap(request.body);  // it may be what took the memory
  request.stored_body.reset();
  const std::string_view reason = failure.detail.empty() ? failure.message : failure.detail;
  state_.logger.error("request failed", {{"request_id", request.request_id},
                                         {"route", request.route},
                                         {"reason", reason},
                                         {"trace_id", telemetry::LoggedTrace(span_of(request))}});
  co_return error_response(failure);
}

asio::awaitable<void> Pipeline::compress(const Request& request, Response& response) {
  try {
    co_await compress_answer(request, response, *state_.pool);
  } catch (const boost::system::system_error&) {
    throw;  // cancelled
  } catch (...) {
    const Error failure = caught();
    state_.logger.error("answer not compressed", failure, {{"request_id", request.request_id}});
    if (response.content().empty())
      response = error_response(failure);  // it was on its way when that happened
  }
}

void Pipeline::record(const Request& request, const Route* route, std::string_view method, int status) {
  const auto took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - request.received).count();
  const std::string_view label = method_label(method);
  state_.answers.count(route, label, status, took);
  if (request.trace && state_.options.tracer->records(request.trace->span)) {
    state_.options.tracer->end(server_span(request, route, label, status));
  }
  if (!state_.logger.enabled(telemetry::LogLevel::kDebug)) return;
  const std::string_view path = route == nullptr ? kUnmatched : route->path;
  state_.logger.debug("request", {{"request_id", request.request_id},
                                  {"method", label},
                                  {"route", path},
                                  {"status", std::to_string(status)},
                                  {"seconds", std::to_string(took)},
                                  {"trace_id", telemetry::LoggedTrace(span_of(request))}});
}

}  // namespace rankloop::http
