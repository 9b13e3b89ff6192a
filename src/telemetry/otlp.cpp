#include "telemetry/otlp.h"

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

}  // namespace rankloop::telemetry
