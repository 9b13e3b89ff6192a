// What all connections of one server share.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

#include "http/access.h"
#include "http/allowance.h"
#include "http/await.h"
#include "http/connections.h"
#include "http/peer.h"
#include "http/request_id.h"
#include "http/request_metrics.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "http/server.h"
#include "http/site_check.h"
#include "http/unsent_bytes.h"
#include "http/waiting_places.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::http {

// Of one peer: so many wrong tokens are answered with 401, more with 429.
inline constexpr double kWrongTokensAtOnce = 10;
inline constexpr std::chrono::seconds kWrongTokenEvery{6};

// A minute's changes at once, and then one whenever its share of a minute is over.
inline std::optional<Allowance> changes_of_guests(std::size_t a_minute) {
  if (a_minute == 0) return std::nullopt;
  const auto count = static_cast<double>(a_minute);
  return Allowance(count, std::chrono::seconds(60) / count);
}

struct ServerState {
  ServerState(const ServerOptions& server_options, telemetry::HttpMetrics& http_metrics,
              telemetry::Logger& log)
      : options(server_options),
        metrics(http_metrics),
        logger(log),
        access(server_options.token, server_options.guest_token),
        answers(http_metrics),
        bodies(server_options.max_buffered),
        stored_bodies(server_options.max_stored),
        unsent(server_options.max_unsent),
        waiting(server_options.max_waiting, server_options.max_waiting_per_peer, *http_metrics.waiting),
        connections(server_options.max_connections, server_options.max_connections_per_peer),
        guest_changes(changes_of_guests(server_options.max_guest_changes)) {}

  // Constant once run() was called.
  const ServerOptions options;
  telemetry::HttpMetrics& metrics;
  telemetry::Logger& logger;
  const Access access;
  SiteCheck sites;
  TrustedProxies proxies;
  Router router;
  Idempotency* idempotency = nullptr;
  BlockingPool* pool = nullptr;
  BlockingPool* body_pool = nullptr;  // writes bodies into files

  // I/O thread only.
  RequestMetrics answers;
  BodyBudget bodies;
  BodyBudget stored_bodies;  // in files
  UnsentBytes unsent;
  WaitingPlaces waiting;
  Connections connections;
  std::optional<Allowance> guest_changes;  // empty: no bound
  Allowance wrong_tokens{kWrongTokensAtOnce, kWrongTokenEvery};
  RequestIds request_ids;
  std::string date;  // the Date header's value, renewed by the server's tick

  // Any thread.
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> under_way{0};  // requests
};

}  // namespace rankloop::http
