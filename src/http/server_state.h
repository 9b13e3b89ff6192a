// What all connections of one server share.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "http/request_id.h"
#include "http/request_metrics.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "http/server.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::http {

struct ServerState {
  ServerState(const ServerOptions& server_options, telemetry::HttpMetrics& http_metrics,
              telemetry::Logger& log)
      : options(server_options),
        metrics(http_metrics),
        logger(log),
        answers(http_metrics),
        bodies(server_options.max_buffered) {}

  // Constant once run() was called.
  const ServerOptions options;
  telemetry::HttpMetrics& metrics;
  telemetry::Logger& logger;
  Router router;
  Idempotency* idempotency = nullptr;
  bool on_loopback = false;  // listens on a loopback address only

  // I/O thread only.
  RequestMetrics answers;
  BodyBudget bodies;
  RequestIds request_ids;
  std::size_t waiting = 0;  // long polls and streams under way
  std::string date;         // the Date header's value, renewed by the server's tick

  // Any thread.
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> under_way{0};  // requests
};

}  // namespace rankloop::http
