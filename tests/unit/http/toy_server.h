// A server with a few routes of its own, on a free port and a thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/await.h"
#include "http/idempotency.h"
#include "http/server.h"
#include "sync/mutex.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "unit/http/raw_client.h"
#include "unit/http/signal.h"

namespace rankloop::testing {

class ToyServer {
 public:
  using MakeIdempotency = std::function<std::unique_ptr<http::Idempotency>(http::Server&)>;

  explicit ToyServer(http::ServerOptions options = {}, const MakeIdempotency& make_idempotency = {},
                     http::ListeningSocket listening = {}) {
    options.port = 0;
    server_ = std::move(http::make_server(options, metrics.http, logger_, std::move(listening))).value();
    if (make_idempotency) idempotency_ = make_idempotency(*server_);
    server_->serve(routes(), idempotency_.get());
    thread_ = std::thread([this] { server_->run(); });
  }
  ~ToyServer() { stop(); }

  void stop() {
    server_->stop();
    if (thread_.joinable()) thread_.join();
  }
  http::Server& operator*() { return *server_; }
  http::Server* operator->() { return server_.get(); }
  std::unique_ptr<RawClient> connect() { return std::make_unique<RawClient>(server_->port()); }
  // One request on a connection of its own.
  Answer ask(std::string_view request) {
    RawClient client(server_->port());
    client.send(request);
    return client.read(request.starts_with("HEAD"));
  }
  // Lets one handler of /wait or one stream go on.
  void release() {
    std::function<void(Result<void>)> done;
    {
      const Lock lock(mutex_);
      done = std::move(waiters_.back());
      waiters_.pop_back();
    }
    done({});
  }

  telemetry::Metrics metrics;
  Signal waiting;             // a handler of /wait or a stream waits
  Signal ended;               // it has ended, one way or another
  std::atomic<int> calls{0};  // of POST /body and /slow

 private:
  using Awaitable = boost::asio::awaitable<http::Response>;

  struct Ended {
    explicit Ended(Signal& at) : signal(at) {}
    Ended(const Ended&) = delete;
    Ended& operator=(const Ended&) = delete;
    ~Ended() { signal.raise(); }
    Signal& signal;
  };

  boost::asio::awaitable<Result<void>> wait_for_release() {
    return http::callback_result<void>([this](auto done) {
      const Lock lock(mutex_);
      waiters_.emplace_back(std::move(done));
      waiting.raise();
    });
  }

  static http::Route route(http::Method method, std::string path, http::Handler handle) {
    return {.method = method, .path = std::move(path), .handle = std::move(handle)};
  }

  std::vector<http::Route> routes() {
    using http::Method;
    using http::Request;
    std::vector<http::Route> routes;
    const auto add = [&](Method method, std::string path, http::Handler handle) -> http::Route& {
      return routes.emplace_back(route(method, std::move(path), std::move(handle)));
    };
    add(Method::kGet, "/", [](Request&) -> Awaitable { co_return http::json_response("{}"); });
    add(Method::kGet, "/hello",
        [](Request&) -> Awaitable { co_return http::json_response(R"({"hello":"world"})"); });
    add(Method::kGet, "/echo/{a}/{b}", [](Request& request) -> Awaitable {
      std::string text = request.path_values[0] + "|" + request.path_values[1];
      for (const auto& [name, value] : request.query) text += "|" + name + "=" + value;
      co_return http::json_response(std::move(text));
    });
    const http::Handler echo = [this](Request& request) -> Awaitable {
      ++calls;
      co_return http::json_response(request.body);
    };
    http::Route& body = add(Method::kPost, "/body", echo);
    body.body_schema = "{}";
    body.max_body = 64;
    add(Method::kPost, "/large-body", echo).body_schema = "{}";
    http::Route& stored = add(Method::kPost, "/stored-body", [this](Request& request) -> Awaitable {
      ++calls;
      const std::string where = request.stored_body ? "file " : "memory ";
      auto text = request.take_body().all();
      co_return text ? http::json_response(where + *text) : http::error_response(text.error());
    });
    stored.body_schema = "{}";
    stored.stores_body = true;
    add(Method::kPut, "/failing", [this](Request&) -> Awaitable {
      ++calls;
      co_return http::error_response(Error(ErrorCode::kNotFound, "not there"));
    });
    add(Method::kDelete, "/thing", [](Request&) -> Awaitable { co_return http::json_response({}, 204); });
    add(Method::kGet, "/throw", [](Request&) -> Awaitable {
      throw std::runtime_error("a secret reason");
      co_return http::Response();
    });
    add(Method::kPost, "/no-memory", [](Request&) -> Awaitable {
      throw std::bad_alloc();
      co_return http::Response();
    }).body_schema = "{}";
    add(Method::kGet, "/no-memory-in-the-pool", [this](Request&) -> Awaitable {
      const auto read = co_await http::blocking_result<std::string>(
          server_->pool(), []() -> Result<std::string> { throw std::bad_alloc(); });
      co_return http::error_response(read.error());
    });
    add(Method::kGet, "/no-memory-to-hand-over", [this](Request&) -> Awaitable {
      const auto read =
          co_await http::handed_result<void>(server_->pool(), [](const auto&) { throw std::bad_alloc(); });
      co_return http::error_response(read.error());
    });
    http::Route& open =
        add(Method::kGet, "/open", [](Request&) -> Awaitable { co_return http::json_response("{}"); });
    open.role = http::Role::kNone;
    open.vital = true;
    add(Method::kGet, "/for-guests", [](Request&) -> Awaitable {
      co_return http::json_response("{}");
    }).role = http::Role::kGuest;
    add(Method::kGet, "/large",
        [](Request&) -> Awaitable { co_return http::json_response(std::string(16U << 20, 'x')); });
    add(Method::kGet, "/kept-large",
        [kept = std::make_shared<const std::string>(16U << 20, 'x')](Request&) -> Awaitable {
          http::Response response;
          response.lasting_body = *kept;
          co_return response;
        });
    add(Method::kGet, "/blocking", [this](Request&) -> Awaitable {
      const auto read = co_await http::blocking_result<std::string>(
          server_->pool(), [] { return Result<std::string>(std::string(R"("from the pool")")); });
      co_return read ? http::json_response(*read) : http::error_response(read.error());
    });
    add(Method::kGet, "/deadline", [this](Request&) -> Awaitable {
      const auto never =
          co_await http::callback_result<void>(std::chrono::milliseconds(5), [this](auto done) {
            const Lock lock(mutex_);
            waiters_.emplace_back(std::move(done));
          });
      co_return http::error_response(never.error());
    });
    const http::Handler wait = [this](Request&) -> Awaitable {
      ++calls;
      const Ended at_end(ended);
      static_cast<void>(co_await wait_for_release());
      co_return http::json_response(R"("released")");
    };
    add(Method::kGet, "/wait", wait).counted_as_waiting = true;
    add(Method::kPost, "/maybe-wait", wait).waiting_parameter = "wait";
    add(Method::kGet, "/maybe-wait", wait).waiting_parameter = "wait";
    add(Method::kPost, "/slow", wait);
    http::Route& stored_slow = add(Method::kPost, "/stored-slow", wait);
    stored_slow.body_schema = "{}";
    stored_slow.stores_body = true;
    add(Method::kGet, "/stream", [this](Request&) -> Awaitable {
      http::Response response;
      response.content_type = "text/event-stream";
      const auto at_end = std::make_shared<Ended>(ended);
      response.stream = [this, at_end, count = 0]() mutable -> boost::asio::awaitable<std::string> {
        if (++count > 3) co_return std::string();
        if (count > 1) static_cast<void>(co_await wait_for_release());
        co_return "data: " + std::to_string(count) + "\n\n";
      };
      co_return response;
    }).counted_as_waiting = true;
    add(Method::kGet, "/flood", [this](Request&) -> Awaitable {
      http::Response response;
      const auto at_end = std::make_shared<Ended>(ended);
      response.stream = [at_end]() -> boost::asio::awaitable<std::string> {
        co_return std::string(64U << 10, 'x');
      };
      co_return response;
    }).counted_as_waiting = true;
    return routes;
  }

  telemetry::Logger logger_{telemetry::LogLevel::kOff, telemetry::LogFormat::kText};
  Mutex mutex_;
  std::vector<std::function<void(Result<void>)>> waiters_;  // guarded by mutex_
  std::unique_ptr<http::Idempotency> idempotency_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

}  // namespace rankloop::testing
