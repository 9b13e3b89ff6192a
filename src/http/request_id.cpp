// Makes ids, and judges those of clients.
#include "http/request_id.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "domain/clock.h"

namespace rankloop::http {

namespace {

constexpr std::size_t kMaxSent = 128;

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

std::string_view as_hex(std::uint64_t number, std::array<char, 16>& buffer) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, 16).ptr;
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace

RequestIds::RequestIds() {
  std::array<char, 16> buffer;
  prefix_ = as_hex(random_bits() >> 24U, buffer);
  prefix_ += '-';
}

std::string RequestIds::choose(std::string_view sent) {
  if (!sent.empty() && sent.size() <= kMaxSent && std::all_of(sent.begin(), sent.end(), allowed)) {
    return std::string(sent);
  }
  std::array<char, 16> buffer;
  return std::string(prefix_).append(as_hex(++count_, buffer));
}

}  // namespace rankloop::http
