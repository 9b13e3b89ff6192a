// The acceptor, the sessions, and the ways in which a server stops.
#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <unordered_set>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "error/caught.h"
#include "http/io_inbox.h"
#include "http/response_head.h"
#include "http/server_state.h"
#include "http/session.h"
#include "http/thread_pool.h"

namespace rankloop::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{50};  // when there are no file descriptors left
constexpr std::chrono::minutes kAcceptLog{1};          // between two lines about it
// A client that has vanished is found out by the kernel's probes: after a minute, then every 15 seconds, four
// times.
constexpr int kProbeAfterSeconds = 60;
constexpr int kProbeEverySeconds = 15;
constexpr int kProbes = 4;
// What the kernel takes of an answer before the client does; left to itself it takes megabytes of each.
constexpr int kSendBuffer = 128 << 10;  // bytes; it doubles them
constexpr std::chrono::seconds kStopPatience{5};

// How often deadlines are looked at: an eighth of the shortest, so that none is late by much more.
std::chrono::milliseconds tick_of(const ServerOptions& options) {
  const auto shortest = std::min({options.read_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp<std::chrono::milliseconds>(shortest / 8, std::chrono::milliseconds(5),
                                               std::chrono::milliseconds(250));
}

// "localhost" and "[::1]" are taken, other names are not: one has to know what one listens on.
Result<asio::ip::address> address_of(std::string host) {
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return Error(ErrorCode::kInvalidArgument, "'" + host + "' is no IP address to listen on");
  return address;
}

class AsioServer final : public Server {
 public:
  AsioServer(const ServerOptions& options, telemetry::HttpMetrics& metrics, telemetry::Logger& logger)
      : state_(options, metrics, logger),
        io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
        inbox_(asio::use_service<IoInbox>(io_)),
        acceptor_(io_),
        tick_timer_(io_),
        patience_(io_),
        tick_(tick_of(options)),
        pool_("reader", options.blocking_threads, options.max_blocking),
        body_pool_("bodies", 1, options.max_connections) {
    state_.pool = &pool_;
    state_.body_pool = &body_pool_;
  }

  // Sessions that are destroyed with the I/O context have no pool any more.
  ~AsioServer() override { state_.body_pool = nullptr; }

  Status listen(ListeningSocket listening);
  asio::any_io_executor executor() override { return io_.get_executor(); }
  BlockingPool& pool() override { return pool_; }
  std::uint16_t port() const override { return port_; }
  void serve(std::vector<Route> routes, Idempotency* idempotency) override {
    state_.router = Router(std::move(routes));
    state_.idempotency = idempotency;
  }
  void run() override;
  void drain() override { leave(false); }
  void hand_over() override { leave(true); }
  ListeningSocket listening() override { return std::move(handed_over_); }
  bool idle() const override { return state_.under_way.load() == 0; }
  std::size_t connections() const override { return open_.load(); }
  void stop() override;

 private:
  asio::awaitable<void> accept_all();
  asio::awaitable<void> tick_on();
  struct Listed;
  asio::awaitable<void> serve_connection(std::unique_ptr<Listed> listed);
  void open(tcp::socket socket);
  Status bind(const tcp::endpoint& endpoint);
  void leave(bool to_another);
  void accept_the_rest();
  void accept_failed(const error_code& error);
  void close_all();
  void show_connections() {
    open_.store(sessions_.size());
    state_.metrics.connections->Set(static_cast<double>(sessions_.size()));
  }

  // The order matters at destruction: the pool's threads end before the I/O context they post to, and
  // coroutines that are still suspended are destroyed with the I/O context, before the state they speak of.
  ServerState state_;
  std::unordered_set<Session*> sessions_;  // I/O thread only, as all below
  bool stopping_ = false;
  std::chrono::steady_clock::time_point accept_told_;  // of the last line about a failure
  asio::io_context io_;
  IoInbox& inbox_;  // of io_
  tcp::acceptor acceptor_;
  ListeningSocket handed_over_;
  asio::steady_timer tick_timer_;
  asio::steady_timer patience_;
  const std::chrono::milliseconds tick_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> open_{0};
  ThreadPool pool_;
  ThreadPool body_pool_;
};

// A session among all of the server, however its coroutine ends.
struct AsioServer::Listed {
  Listed(AsioServer& server, std::unique_ptr<Session> one) : session(std::move(one)), owner(server) {
    owner.sessions_.insert(session.get());
    owner.show_connections();
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() { leave(); }
  void leave() {
    owner.sessions_.erase(session.get());
    owner.show_connections();
  }

  const std::unique_ptr<Session> session;
  AsioServer& owner;
};

Status AsioServer::listen(ListeningSocket listening) {
  const auto address = address_of(state_.options.host);
  if (!address) return address.error();
  const ServerOptions& options = state_.options;
  auto sites = SiteCheck::make({.listen_host = address->to_string(),
                                .loopback = address->is_loopback(),
                                .token = !options.token.empty(),
                                .public_url = options.public_url,
                                .allowed_hosts = options.allowed_hosts,
                                .allowed_origins = options.allowed_origins});
  if (!sites) return sites.error();
  state_.sites = *std::move(sites);
  auto proxies = TrustedProxies::make(options.trusted_proxies);
  if (!proxies) return proxies.error();
  state_.proxies = *std::move(proxies);
  const tcp::endpoint endpoint(*address, state_.options.port);
  if (listening) {
    error_code error;
    acceptor_.assign(endpoint.protocol(), listening.descriptor(), error);
    if (error) return Error(ErrorCode::kUnavailable, "cannot go on listening: " + error.message());
    listening.release();
  } else if (Status bound = bind(endpoint); !bound) {
    return bound;
  }
  port_ = acceptor_.local_endpoint().port();
  return {};
}

Status AsioServer::bind(const tcp::endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error(ErrorCode::kUnavailable, "cannot listen on " + state_.options.host + ":" +
                                              std::to_string(state_.options.port) + ": " + error.message());
  }
  return {};
}

void AsioServer::run() {
  state_.date = http_date();
  asio::co_spawn(io_, accept_all(), asio::detached);
  asio::co_spawn(io_, tick_on(), asio::detached);
  // What a completion throws (memory is out) ends that completion; the rest of the line is still there.
  for (;;) {
    const Status ran = without_throwing([this] { io_.run(); });
    if (ran) return;
    state_.logger.error("the I/O thread goes on after a fault", ran.error());
  }
}

asio::awaitable<void> AsioServer::accept_all() {
  while (acceptor_.is_open()) {
    error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      // Without memory for it a connection is closed again; the next one may find some.
      static_cast<void>(without_throwing([&] { open(std::move(socket)); }));
    } else if (acceptor_.is_open()) {
      accept_failed(error);
      asio::steady_timer pause(io_, kAcceptPause);
      co_await pause.async_wait(asio::use_awaitable);
    }
  }
}

// Mostly there are no file descriptors left: whoever is idle gives one back.
void AsioServer::accept_failed(const error_code& error) {
  state_.connections.close_longest_idle();
  const auto now = std::chrono::steady_clock::now();
  if (accept_told_ != std::chrono::steady_clock::time_point() && now - accept_told_ < kAcceptLog) return;
  accept_told_ = now;
  state_.logger.error("cannot accept connections",
                      {{"reason", error.message()}, {"open", std::to_string(sessions_.size())}});
}

// Who is in the kernel's line has connected already; a closed line would cut it off.
void AsioServer::accept_the_rest() {
  error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    if (!error) open(std::move(socket));
  }
  acceptor_.close(error);
}

void AsioServer::open(tcp::socket socket) {
  if (stopping_) return;
  using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  using Count = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
  error_code error;
  socket.set_option(tcp::no_delay(true), error);
  if (!error) socket.set_option(asio::socket_base::keep_alive(true), error);
  if (!error) socket.set_option(Idle(kProbeAfterSeconds), error);
  if (!error) socket.set_option(Interval(kProbeEverySeconds), error);
  if (!error) socket.set_option(Count(kProbes), error);
  if (!error) socket.set_option(asio::socket_base::send_buffer_size(kSendBuffer), error);
  if (!error) socket.non_blocking(true, error);
  if (error) return;  // closed again by the client
  auto session = std::make_unique<Session>(std::move(socket), state_);
  asio::cancellation_signal& stop_signal = session->stop_signal();
  asio::co_spawn(io_, serve_connection(std::make_unique<Listed>(*this, std::move(session))),
                 asio::bind_cancellation_slot(stop_signal.slot(), asio::detached));
}

asio::awaitable<void> AsioServer::serve_connection(std::unique_ptr<Listed> listed) {
  co_await listed->session->run();
  listed->leave();
  if (stopping_ && sessions_.empty()) io_.stop();
}

asio::awaitable<void> AsioServer::tick_on() {
  while (!stopping_) {
    tick_timer_.expires_after(tick_);
    error_code error;
    co_await tick_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    static_cast<void>(without_throwing([this] { state_.date = http_date(); }));
    inbox_.run_all();  // should there have been no memory to say that something is in it
    const auto now = std::chrono::steady_clock::now();
    // Sessions end in their own coroutines, never in here, so the set stands still.
    for (Session* session : sessions_) session->expire_if_due(now);
  }
}

void AsioServer::leave(bool to_another) {
  state_.draining.store(true);
  ++state_.under_way;  // not idle before those who have connected are let in
  asio::post(io_, [this, to_another] {
    error_code ignored;
    if (acceptor_.is_open() && to_another)
      handed_over_ = ListeningSocket(acceptor_.release(ignored));
    else if (acceptor_.is_open())
      accept_the_rest();
    for (Session* session : sessions_) session->drain();
    asio::post(io_, [this] { --state_.under_way; });  // behind a connection that was just being let in
  });
}

void AsioServer::stop() {
  state_.draining.store(true);
  asio::post(io_, [this] { close_all(); });
}

void AsioServer::close_all() {
  if (std::exchange(stopping_, true)) return;
  error_code ignored;
  acceptor_.close(ignored);
  tick_timer_.cancel();
  if (sessions_.empty()) return io_.stop();
  // A handler may catch its cancellation and go on; it is then destroyed with the I/O context.
  patience_.expires_after(kStopPatience);
  patience_.async_wait([this](error_code error) {
    if (!error) io_.stop();
  });
  // Emitting may resume a coroutine at once, and it may leave the set.
  const std::vector<Session*> sessions(sessions_.begin(), sessions_.end());
  for (Session* session : sessions) {
    session->close();
    session->stop_signal().emit(asio::cancellation_type::terminal);
  }
}

}  // namespace

Result<std::unique_ptr<Server>> make_server(const ServerOptions& options, telemetry::HttpMetrics& metrics,
                                            telemetry::Logger& logger, ListeningSocket listening) {
  auto server = std::make_unique<AsioServer>(options, metrics, logger);
  if (auto listens = server->listen(std::move(listening)); !listens) return listens.error();
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace rankloop::http
