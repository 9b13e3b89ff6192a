// Idempotency-Key: the same request sent twice is done once.
//
// The first request with a key runs; its answer is kept, by the handler's own transaction where it can
// (Response::answer_kept) or else after it. The same key with the same method, path, query and body gets the
// kept answer again, with `Idempotency-Replayed: true`; with anything else 409; while the first still runs,
// it waits for it. What is kept: 2xx, and 4xx but 429 as far as one peer's allowance of them goes.
//
// A key belongs to its route and to who asks: the role that the token gives, or the peer where no token is
// asked for. So nobody can take another's key, or learn an answer by it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/serve/kept_answers.h"
#include "domain/clock.h"
#include "domain/declared_inputs.h"
#include "domain/ids.h"
#include "http/allowance.h"
#include "http/await.h"
#include "http/message.h"
#include "http/route.h"
#include "http/waiting_places.h"

namespace rankloop::http {

// SHA-256 (32 bytes) over method, path, query and body, which is in memory.
std::string request_fingerprint(const Request& request);
// The same, also of a stored body; of a long one on the pool. kResourceExhausted when that is full.
boost::asio::awaitable<Result<std::string>> take_fingerprint(Request& request, BlockingPool& pool);
// The name under which the answer is kept: of the key as sent, method, route and who asks; `by_role`: the
// token tells who that is. 64 hexadecimal digits.
std::string kept_name(const Request& request, bool by_role);
// The header that a client names its request with.
extern const TextInput kIdempotencyKey;

// I/O thread only. Must outlive the server that uses it.
class Idempotency {
 public:
  // Makes the answer of a task afresh, for kept answers that name one.
  using AnswerTask = std::function<boost::asio::awaitable<Response>(const TaskId&)>;

  Idempotency(app::KeptAnswers& kept, const Clock& clock, BlockingPool& pool, AnswerTask answer_task);

  // Runs `handler` for a request whose `idempotency` is complete, or replays. One that has to wait for the
  // first takes one of `places`; 503 when there is none. Null: it has its place already.
  boost::asio::awaitable<Response> answer(Request& request, const Handler& handler, WaitingPlaces* places);

 private:
  using Runs = std::unordered_map<std::string, std::shared_ptr<boost::asio::steady_timer>>;
  class Run;

  boost::asio::awaitable<bool> wait_for_first(const std::string& key, const std::string& peer,
                                              WaitingPlaces* places);
  boost::asio::awaitable<Response> replay(const app::KeptAnswer& kept, const IdempotencyKey& key);
  boost::asio::awaitable<void> keep(const IdempotencyKey& key, const Response& response);

  app::KeptAnswers& kept_;
  const Clock& clock_;
  BlockingPool& pool_;
  AnswerTask answer_task_;
  Allowance refusals_;  // kept ones, of each peer
  Runs running_;        // by kept name; the timer is cancelled when the run has ended
};

}  // namespace rankloop::http
