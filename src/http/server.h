// The HTTP server: accepts connections on one I/O thread, reads requests within bounds, passes each through
// the pipeline to its route, and writes the answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "error/result.h"
#include "http/await.h"
#include "http/listening_socket.h"
#include "http/route.h"

namespace rankloop::telemetry {
class Logger;
class Tracer;
struct HttpMetrics;
}  // namespace rankloop::telemetry

namespace rankloop::http {

class Idempotency;

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4789;           // 0: any free one
  std::string token;                   // gives an operator's role; empty: everybody has it
  std::string guest_token;             // gives a guest's; empty: there are no guests
  std::size_t max_connections = 4096;  // one more closes the longest idle one; when none is idle: 503
  std::size_t max_connections_per_peer = 1024;
  std::size_t max_waiting = 2048;  // long polls and streams at once; one more gets 503
  std::size_t max_waiting_per_peer = 512;
  // What one peer may change in a minute on routes that guests have, without an operator's token; more: 429.
  // 0: no bound.
  std::size_t max_guest_changes = 0;
  std::size_t max_header = 16U << 10;  // bytes of the head; more: 431
  std::size_t max_body = 1U << 20;     // bytes of a body unless the route says otherwise; more: 413
  std::size_t max_buffered =
      512U << 20;                       // bytes of bodies being received at once, all connections; more: 503
  std::size_t max_stored = 512U << 20;  // bytes of bodies in files at once, all connections; more: 503
  std::string body_folder = ".";        // on whose file system such files are made
  std::size_t max_unsent = 128U << 20;  // bytes of answers that clients have not taken, all connections
  // For a whole head once it has begun, and between two pieces of a body; then 408.
  std::chrono::milliseconds read_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};   // between requests; then closed
  std::chrono::milliseconds write_timeout{30'000};  // between two pieces of an answer that are taken
  // Bytes a second, on average and beyond these times, with which a body has to come and an answer to be
  // taken.
  std::size_t least_rate = 16U << 10;
  std::string public_url;                     // see SiteOptions
  std::vector<std::string> allowed_hosts;     // likewise
  std::vector<std::string> allowed_origins;   // likewise
  std::vector<std::string> trusted_proxies;   // see TrustedProxies
  int blocking_threads = 2;                   // for reads that touch the disk
  std::size_t max_blocking = 1024;            // of them waiting; more: 503
  const telemetry::Tracer* tracer = nullptr;  // borrowed; none: requests are not traced
};

// Made in this order: the server (it listens from then on, and connections wait in the kernel's line), what
// needs its executor and pool, the routes, run(). Destroy what the routes use only after run() has returned,
// and the server only after everything that a handler may still wait for has ended.
class Server {
 public:
  virtual ~Server() = default;
  // Where handlers run and timers belong: the one I/O thread.
  virtual boost::asio::any_io_executor executor() = 0;
  virtual BlockingPool& pool() = 0;
  virtual std::uint16_t port() const = 0;
  // What is answered from now on; once, before run(). Without `idempotency` an Idempotency-Key is only
  // checked.
  virtual void serve(std::vector<Route> routes, Idempotency* idempotency) = 0;
  // Runs on the calling thread until stop(). Every handler has ended when it returns.
  virtual void run() = 0;
  // From any thread: those who have connected are let in, then nobody listens any more; streams end; every
  // other request, also a new one on an open connection, is answered with Connection: close. Returns at once.
  virtual void drain() = 0;
  // The same for a server that follows on the same address: nobody is refused meanwhile, as those who connect
  // from now on wait for it in the kernel's line.
  virtual void hand_over() = 0;
  // What the next server listens on, after run() has returned; empty unless it was handed over. Once.
  virtual ListeningSocket listening() = 0;
  virtual bool idle() const = 0;                // from any thread: no request is under way
  virtual std::size_t connections() const = 0;  // from any thread: open ones
  virtual void stop() = 0;  // from any thread: cancels and closes everything, run() returns
};

// Binds and listens, or goes on listening where another server did. kUnavailable: the address is taken or not
// ours (the message says which); kInvalidArgument: `host` is no address, or one of the options on sites and
// proxies is none. `metrics` and `logger` must outlive the server.
Result<std::unique_ptr<Server>> make_server(const ServerOptions& options, telemetry::HttpMetrics& metrics,
                                            telemetry::Logger& logger, ListeningSocket listening = {});

}  // namespace rankloop::http
