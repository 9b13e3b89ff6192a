// Idempotency-Key: the same request sent twice is done once.
//
// The first request with a key runs; its answer is kept, by the handler's own transaction where it can
// (Response::answer_kept) or else after it. The same key with the same method, path, query and body gets the
// kept answer again, with `Idempotency-Replayed: true`; with anything else 409; while the first still runs,
// it waits for it. What is kept: 2xx and 4xx but 429.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "domain/clock.h"
#include "domain/ids.h"
#include "http/await.h"
#include "http/message.h"
#include "http/route.h"
#include "storage/store.h"

namespace rankloop::http {

// SHA-256 (32 bytes) over method, path, query and body.
std::string request_fingerprint(const Request& request);
// 1 to 255 visible ASCII characters.
bool valid_idempotency_key(std::string_view key);

// I/O thread only. Must outlive the server that uses it.
class Idempotency {
 public:
  // Makes the answer of a task afresh, for kept answers that name one.
  using AnswerTask = std::function<boost::asio::awaitable<Response>(const TaskId&)>;

  Idempotency(storage::Store& store, const Clock& clock, Inbox& inbox, BlockingPool& pool,
              AnswerTask answer_task);

  // Runs `handler` for a request whose `idempotency` is set, or replays.
  boost::asio::awaitable<Response> answer(Request& request, const Handler& handler);

 private:
  using Runs = std::unordered_map<std::string, std::shared_ptr<boost::asio::steady_timer>>;
  class Run;

  boost::asio::awaitable<void> wait_for_first(const std::string& key);
  boost::asio::awaitable<Response> replay(const storage::KeptAnswer& kept, const IdempotencyKey& key);
  boost::asio::awaitable<void> keep(const IdempotencyKey& key, const Response& response);

  storage::Store& store_;
  const Clock& clock_;
  Inbox& inbox_;
  BlockingPool& pool_;
  AnswerTask answer_task_;
  Runs running_;  // by key; the timer is cancelled when the run has ended
};

}  // namespace rankloop::http
