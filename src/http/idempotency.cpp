#include "http/idempotency.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/evp.h>

namespace rankloop::http {

namespace asio = boost::asio;

std::string request_fingerprint(const Request& request) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  std::string head(name_of(request.method));
  // A separator that none of the parts can contain, so that no two requests run together to the same bytes.
  head.append(1, '\0').append(request.path).append(1, '\0').append(request.raw_query).append(1, '\0');
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  EVP_DigestUpdate(context, head.data(), head.size());
  EVP_DigestUpdate(context, request.body.data(), request.body.size());
  EVP_DigestFinal_ex(context, digest.data(), &size);
  EVP_MD_CTX_free(context);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

bool valid_idempotency_key(std::string_view key) {
  return !key.empty() && key.size() <= 255 &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The running first request of a key. However it ends, those who wait for it go on.
class Idempotency::Run {
 public:
  Run(Idempotency& owner, const std::string& key, const asio::any_io_executor& executor)
      : owner_(owner), key_(key), ended_(std::make_shared<asio::steady_timer>(executor)) {
    ended_->expires_at(asio::steady_timer::time_point::max());
    owner_.running_.emplace(key_, ended_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    owner_.running_.erase(key_);
    ended_->cancel();
  }

 private:
  Idempotency& owner_;
  const std::string key_;
  std::shared_ptr<asio::steady_timer> ended_;
};

Idempotency::Idempotency(storage::Store& store, const Clock& clock, Inbox& inbox, BlockingPool& pool,
                         AnswerTask answer_task)
    : store_(store), clock_(clock), inbox_(inbox), pool_(pool), answer_task_(std::move(answer_task)) {}

asio::awaitable<void> Idempotency::wait_for_first(const std::string& key) {
  for (auto found = running_.find(key); found != running_.end(); found = running_.find(key)) {
    const auto ended = found->second;
    co_await ended->async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<Response> Idempotency::answer(Request& request, const Handler& handler) {
  const IdempotencyKey key = *request.idempotency;
  co_await wait_for_first(key.key);
  const Run run(*this, key.key, co_await asio::this_coro::executor);
  const auto find_kept = [&store = store_, name = key.key] { return store.kept_answer(name); };
  auto kept = co_await blocking_result<std::optional<storage::KeptAnswer>>(pool_, inbox_, find_kept);
  if (!kept) co_return error_response(kept.error());
  if (*kept) co_return co_await replay(**kept, key);

  Response response = co_await handler(request);
  const bool worth_keeping =
      response.status / 100 == 2 || (response.status / 100 == 4 && response.status != 429);
  if (!response.answer_kept && !response.stream && worth_keeping) co_await keep(key, response);
  co_return response;
}

asio::awaitable<Response> Idempotency::replay(const storage::KeptAnswer& kept, const IdempotencyKey& key) {
  if (kept.fingerprint != key.fingerprint) {
    co_return detail_response(409, "this Idempotency-Key was used for another request");
  }
  Response response;
  if (kept.task) {
    response = co_await answer_task_(*kept.task);
  } else {
    response = json_response(kept.body, kept.status);
  }
  response.headers.emplace_back("Idempotency-Replayed", "true");
  co_return response;
}

// An answer that could not be kept is given all the same: what it reports has happened.
asio::awaitable<void> Idempotency::keep(const IdempotencyKey& key, const Response& response) {
  storage::KeptAnswer kept;
  kept.fingerprint = key.fingerprint;
  kept.status = response.status;
  kept.body = response.body;
  const auto write = [&](auto done) {
    store_.keep_answer(key.key, std::move(kept), clock_.wall(), std::move(done));
  };
  static_cast<void>(co_await callback_result<void>(inbox_, write));
}

}  // namespace rankloop::http
