// Whatever bytes come in over a connection: requests one behind the other, whole or cut short, with a
// declared or a chunked body. Each stays inside its bounds, gives its bytes of the budget back, and is the
// same request however the bytes were cut into pieces on their way.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.h"

namespace {

using rankloop::http::BodyBudget;
using rankloop::http::ReadFault;
using rankloop::http::Request;
using rankloop::http::RequestParser;

constexpr std::size_t kMaxHead = 512;
constexpr std::size_t kMaxBody = 256;
constexpr std::size_t kBudget = 200;  // less than a body may have, so that it runs out, too

// A connection whose bytes arrive `piece` at a time.
class Connection {
 public:
  Connection(std::string_view bytes, std::size_t piece) : rest_(bytes), piece_(piece) {}

  // Feeds the parser until `done`; false when it refuses the bytes or they end.
  template <class Done>
  bool feed(RequestParser& parser, const Done& done) {
    while (true) {
      if (!arrived_.empty()) arrived_.erase(0, parser.feed(arrived_.data(), arrived_.size()));
      if (parser.fault() != ReadFault::kNone) return false;
      if (done()) return true;
      if (rest_.empty()) return false;
      arrived_.append(rest_.substr(0, piece_));
      rest_.remove_prefix(std::min(piece_, rest_.size()));
    }
  }

 private:
  std::string_view rest_;
  std::size_t piece_;
  std::string arrived_;
};

std::string text_of(const RequestParser& parser, const Request& request) {
  std::string text = std::string{parser.method()} + ' ' + std::string{parser.target()} + '\n';
  std::size_t head = parser.method().size() + parser.target().size();
  for (const auto& [name, value] : request.headers) {
    head += name.size() + value.size();
    text += std::string{name} + ':' + std::string{value} + '\n';
  }
  if (head > kMaxHead || request.body.size() > std::min(kMaxBody, kBudget)) std::abort();
  return text + request.body;
}

std::vector<std::string> read_requests(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> requests;
  BodyBudget budget{kBudget};
  Connection connection{bytes, piece};
  for (bool alive = true; alive;) {
    Request request;
    RequestParser parser{request, kMaxHead, budget};
    if (!connection.feed(parser, [&] { return parser.is_header_done(); })) break;
    if (parser.has_body()) {
      parser.read_body(kMaxBody, false);
      if (!connection.feed(parser, [&] { return parser.is_done(); })) break;
    }
    requests.push_back(text_of(parser, request));
    alive = parser.keep_alive();
  }
  if (!budget.take(kBudget)) std::abort();
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::vector<std::string> whole = read_requests(bytes, std::max<std::size_t>(1, size));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    if (read_requests(bytes, piece) != whole) std::abort();
  }
  return 0;
}
