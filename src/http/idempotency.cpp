// Runs the first request of a key, keeps its answer and replays it.
#include "http/idempotency.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/evp.h>

namespace rankloop::http {

namespace asio = boost::asio;

namespace {

// Kept refusals of one peer: so many at once, then one in a while.
constexpr double kRefusalsAtOnce = 100;
constexpr std::chrono::seconds kRefusalEvery{10};
constexpr std::size_t kHashedAtOnce = 256U << 10;   // bytes of a body; a longer one takes milliseconds
constexpr std::size_t kMaxKeptRefusal = 16U << 10;  // bytes; a longer one is made again when it is asked for

// As the bytes come.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256() { EVP_MD_CTX_free(context_); }

  void add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string take() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_, digest.data(), &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
  }

 private:
  EVP_MD_CTX* const context_;
};

std::string digest_of(std::string_view head, std::string_view body) {
  Sha256 digest;
  digest.add(head);
  digest.add(body);
  return digest.take();
}

Result<std::string> digest_of_stored(std::string_view head, const tables::Bytes& body) {
  Sha256 digest;
  digest.add(head);
  const auto source = body.open();
  std::vector<char> piece(kHashedAtOnce);
  while (true) {
    const Result<std::size_t> got = source->read(piece);
    if (!got) return got.error();
    if (*got == 0) return digest.take();
    digest.add({piece.data(), *got});
  }
}

// Joined by a separator that none of the parts can contain, so that no two lists run together to the same
// bytes.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all.append(part).append(1, '\0');
  return all;
}

}  // namespace

std::string request_fingerprint(const Request& request) {
  return digest_of(joined({name_of(request.method), request.path, request.raw_query}), request.body);
}

asio::awaitable<Result<std::string>> take_fingerprint(Request& request, BlockingPool& pool) {
  if (request.stored_body) {
    co_return co_await blocking_result<std::string>(
        pool, [body = *request.stored_body,
               head = joined({name_of(request.method), request.path, request.raw_query})] {
          return digest_of_stored(head, body);
        });
  }
  if (request.body.size() <= kHashedAtOnce) co_return request_fingerprint(request);
  // The work may outlive a request whose client has gone, so it shares what it reads.
  const auto body = std::make_shared<std::string>(std::move(request.body));
  auto fingerprint = co_await blocking_result<std::string>(
      pool, [body, head = joined({name_of(request.method), request.path, request.raw_query})] {
        return Result<std::string>(digest_of(head, *body));
      });
  request.body = std::move(*body);
  co_return fingerprint;
}

std::string kept_name(const Request& request, bool by_role) {
  const std::string digest =
      digest_of(joined({name_of(request.method), request.route, by_role ? name_of(request.role) : "",
                        by_role ? std::string_view() : request.peer}),
                request.idempotency->key);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string name;
  for (const char byte : digest) {
    name += kHex[static_cast<unsigned char>(byte) >> 4U];
    name += kHex[static_cast<unsigned char>(byte) & 15U];
  }
  return name;
}

const TextInput kIdempotencyKey{
    .name = "Idempotency-Key",
    .help = "The same key with the same request is carried out once and answered the same",
    .least = 1,
    .most = 255,
    .characters = Characters::kVisibleAscii,
    .example = "7f3c2a9e-41d6-4b0e-9d0a-6a7d1d9b8c55"};

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

Idempotency::Idempotency(app::KeptAnswers& kept, const Clock& clock, BlockingPool& pool,
                         AnswerTask answer_task)
    : kept_(kept),
      clock_(clock),
      pool_(pool),
      answer_task_(std::move(answer_task)),
      refusals_(kRefusalsAtOnce, kRefusalEvery) {}

// False when there is no place to wait in.
asio::awaitable<bool> Idempotency::wait_for_first(const std::string& key, const std::string& peer,
                                                  WaitingPlaces* places) {
  if (!running_.contains(key)) co_return true;
  const auto place = places == nullptr ? std::optional<WaitingPlaces::Place>() : places->take(peer);
  if (places != nullptr && !place) co_return false;
  for (auto found = running_.find(key); found != running_.end(); found = running_.find(key)) {
    const auto ended = found->second;
    co_await ended->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return true;
}

asio::awaitable<Response> Idempotency::answer(Request& request, const Handler& handler,
                                              WaitingPlaces* places) {
  if (!co_await wait_for_first(request.idempotency->key, request.peer, places)) {
    co_return error_response(Error(ErrorCode::kResourceExhausted, "too many requests are waiting"));
  }
  const IdempotencyKey key = *request.idempotency;
  const Run run(*this, key.key, co_await asio::this_coro::executor);
  const auto find_kept = [&answers = kept_, name = key.key] { return answers.find(name); };
  auto kept = co_await blocking_result<std::optional<app::KeptAnswer>>(pool_, find_kept);
  if (!kept) co_return error_response(kept.error());
  if (*kept) co_return co_await replay(**kept, key);

  request.idempotency->keeps_refusals = refusals_.left(request.peer, clock_.monotonic());
  Response response = co_await handler(request);
  const bool refused = response.status / 100 == 4 && response.status != 429;
  if (refused && request.idempotency->keeps_refusals) refusals_.use(request.peer, clock_.monotonic());
  const bool worth_keeping = response.status / 100 == 2 || (refused && request.idempotency->keeps_refusals &&
                                                            response.body.size() <= kMaxKeptRefusal);
  if (!response.answer_kept && !response.stream && worth_keeping) co_await keep(key, response);
  co_return response;
}

asio::awaitable<Response> Idempotency::replay(const app::KeptAnswer& kept, const IdempotencyKey& key) {
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
  app::KeptAnswer kept;
  kept.fingerprint = key.fingerprint;
  kept.status = response.status;
  kept.body = response.body;
  const auto write = [&](auto done) { kept_.keep(key.key, std::move(kept), std::move(done)); };
  static_cast<void>(co_await callback_result<void>(write));
}

}  // namespace rankloop::http
