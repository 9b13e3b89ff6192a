// Decides on compression and does it, on a pool when it is long.
#include "http/answer_coding.h"

#include <memory>
#include <string>
#include <utility>

#include "http/accept_encoding.h"
#include "http/gzip.h"

namespace rankloop::http {

namespace {

constexpr std::size_t kWorthIt = 2U << 10;   // bytes; below, it costs more time than it saves
constexpr std::size_t kAtOnce = 32U << 10;   // longer ones take milliseconds: not on the I/O thread
constexpr std::size_t kTooMuch = 64U << 20;  // would need that much memory again

bool is_text(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("text/plain");
}

}  // namespace

boost::asio::awaitable<void> compress_answer(const Request& request, Response& response, BlockingPool& pool) {
  const std::size_t size = response.body.size();
  if (response.stream || size < kWorthIt || size > kTooMuch || !is_text(response.content_type)) co_return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!takes_gzip(request.header("Accept-Encoding"))) co_return;
  if (size <= kAtOnce) {
    response.body = gzip(response.body);
  } else {
    const auto plain = std::make_shared<std::string>(std::move(response.body));
    auto packed =
        co_await blocking_result<std::string>(pool, [plain] { return Result<std::string>(gzip(*plain)); });
    if (!packed) {
      response.body = std::move(*plain);
      co_return;
    }
    response.body = *std::move(packed);
  }
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace rankloop::http
