// Spans as one JSON text.
#include "telemetry/otlp.h"

#include <charconv>

#include <boost/json/parse.hpp>

#include "telemetry/escaped_text.h"

namespace rankloop::telemetry {
namespace {

void append_text(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void append_attribute(std::string& out, std::string_view key,
                      const std::variant<std::string, std::int64_t>& value) {
  if (out.back() != '[') out += ',';
  out += R"({"key":)";
  append_text(out, key);
  if (const auto* text = std::get_if<std::string>(&value)) {
    out += R"(,"value":{"stringValue":)";
    append_text(out, *text);
  } else {
    out += R"(,"value":{"intValue":")" + std::to_string(std::get<std::int64_t>(value)) + '"';
  }
  out += "}}";
}

void append_moment(std::string& out, std::string_view name, SpanTime moment) {
  out.append(",\"").append(name).append("\":\"");
  out += std::to_string(moment.time_since_epoch().count()) + '"';
}

void append_span(std::string& out, const Span& span) {
  if (out.back() != '[') out += ',';
  out += R"({"traceId":")";
  append_hex(out, span.context.trace.data(), span.context.trace.size());
  out += R"(","spanId":")";
  append_hex(out, span.context.span.data(), span.context.span.size());
  if (span.parent) {
    out += R"(","parentSpanId":")";
    append_hex(out, span.parent->data(), span.parent->size());
  }
  out += R"(","name":)";
  append_text(out, span.name);
  out += R"(,"kind":)" + std::to_string(static_cast<int>(span.kind));
  append_moment(out, "startTimeUnixNano", span.begin);
  append_moment(out, "endTimeUnixNano", span.end);
  out += R"(,"attributes":[)";
  for (const SpanAttribute& attribute : span.attributes)
    append_attribute(out, attribute.key, attribute.value);
  out += ']';
  if (span.failed) out += R"(,"status":{"code":2})";
  out += '}';
}

// As proto3's JSON writes 64 bits: a text, and a number is to be read as well.
std::size_t count_of(const boost::json::value& value) {
  std::int64_t count = 0;
  if (const boost::json::string* text = value.if_string()) {
    std::from_chars(text->data(), text->data() + text->size(), count);
  } else if (const std::int64_t* number = value.if_int64()) {
    count = *number;
  }
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace

std::string otlp_json(const SpanSource& source, std::span<const Span> spans) {
  std::string out = R"({"resourceSpans":[{"resource":{"attributes":[)";
  append_attribute(out, "service.name", source.service);
  append_attribute(out, "service.version", source.version);
  append_attribute(out, "service.instance.id", source.instance);
  out += R"(]},"scopeSpans":[{"scope":{"name":"rankloop","version":)";
  append_text(out, source.version);
  out += R"(},"spans":[)";
  for (const Span& span : spans) append_span(out, span);
  return out += "]}]}]}";
}

Rejection otlp_rejection(std::string_view answer) {
  constexpr std::size_t kLongestReason = 200;
  boost::system::error_code fault;
  const boost::json::value read = boost::json::parse(answer, fault);
  const boost::json::object* fields = fault ? nullptr : read.if_object();
  const boost::json::value* part = fields ? fields->if_contains("partialSuccess") : nullptr;
  const boost::json::object* told = part ? part->if_object() : nullptr;
  if (!told) return {};
  Rejection rejection;
  if (const boost::json::value* spans = told->if_contains("rejectedSpans"))
    rejection.spans = count_of(*spans);
  const boost::json::value* reason = told->if_contains("errorMessage");
  if (reason && reason->is_string()) rejection.reason = reason->get_string().subview(0, kLongestReason);
  return rejection;
}

}  // namespace rankloop::telemetry
