// Reads and writes traceparent, and ends spans.
#include "telemetry/trace.h"

#include <algorithm>
#include <cstring>

namespace rankloop::telemetry {
namespace {

constexpr std::size_t kLength = 55;  // 00-<32>-<16>-<2>
constexpr std::uint8_t kSampled = 1;

// A hex digit in lower case; nothing for any other character.
std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

template <std::size_t size>
bool read_hex(std::string_view text, std::array<std::uint8_t, size>& out) {
  for (std::size_t i = 0; i < size; ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return false;
    out[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return true;
}

template <std::size_t size>
bool is_zero(const std::array<std::uint8_t, size>& id) {
  return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext context;
  if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 32), context.trace) ||
      !read_hex(text.substr(36, 16), context.span) || !read_hex(text.substr(53, 2), flags)) {
    return std::nullopt;
  }
  if (version[0] == 0xff || (version[0] == 0 && text.size() != kLength)) return std::nullopt;
  if (text.size() > kLength && text[kLength] != '-') return std::nullopt;
  if (is_zero(context.trace) || is_zero(context.span)) return std::nullopt;
  context.sampled = (flags[0] & kSampled) != 0;
  return context;
}

void append_hex(std::string& out, const std::uint8_t* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < count; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 0xfU];
  }
}

std::string to_traceparent(const TraceContext& context) {
  std::string text;
  text.reserve(kLength);
  text += "00-";
  append_hex(text, context.trace.data(), context.trace.size());
  text += '-';
  append_hex(text, context.span.data(), context.span.size());
  return text += context.sampled ? "-01" : "-00";
}

std::string to_traceparent(const std::optional<TraceContext>& context) {
  return context ? to_traceparent(*context) : std::string();
}

std::string trace_id_text(const TraceContext& context) {
  std::string text;
  append_hex(text, context.trace.data(), context.trace.size());
  return text;
}

// The thread may be put aside between the two clocks; the quickest of three looks is the truest.
SpanClock::SpanClock() {
  auto least = std::chrono::nanoseconds::max();
  for (int look = 0; look < 3; ++look) {
    const auto before = std::chrono::steady_clock::now().time_since_epoch();
    const std::chrono::nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
    const auto took = std::chrono::steady_clock::now().time_since_epoch() - before;
    if (took >= least) continue;
    least = took;
    offset_ = wall - before - took / 2;
  }
}

std::optional<RequestTrace> Tracer::enter(std::string_view traceparent) const {
  if (const auto caller = parse_traceparent(traceparent))
    return RequestTrace{child_of(*caller), caller->span};
  if (sample_ <= 0) return std::nullopt;
  // The upper 53 bits as a number in [0, 1).
  if (static_cast<double>(random_() >> 11U) * 0x1p-53 >= sample_) return std::nullopt;
  TraceContext context;
  while (is_zero(context.trace)) {
    const std::array<std::uint64_t, 2> bits{random_(), random_()};
    std::memcpy(context.trace.data(), bits.data(), context.trace.size());
  }
  context.span = new_span();
  context.sampled = true;
  return RequestTrace{context, std::nullopt};
}

TraceContext Tracer::child_of(const TraceContext& parent) const {
  TraceContext child = parent;
  child.span = new_span();
  return child;
}

SpanId Tracer::new_span() const {
  SpanId id{};
  while (is_zero(id)) {
    const std::uint64_t bits = random_();
    std::memcpy(id.data(), &bits, id.size());
  }
  return id;
}

}  // namespace rankloop::telemetry
