// Writes the status line and the fields.
#include "http/response_head.h"

#include <array>
#include <charconv>
#include <ctime>

#include <boost/beast/http/status.hpp>

namespace rankloop::http {

namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (char c : value) {
    if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') out += c;
  }
  out += "\r\n";
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  out.append(1, ' ').append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

void append_response_head(std::string& out, const Response& response, std::string_view request_id,
                          std::string_view date, Framing framing, bool keep_alive, bool http11) {
  append_status_line(out, response.status);
  out.append("Date: ").append(date).append("\r\n");
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) append_field(out, "Content-Type", response.content_type);
  if (framing == Framing::kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (framing == Framing::kLength && !bodiless) {
    out += "Content-Length: ";
    append_number(out, response.content().size());
    out += "\r\n";
  }
  append_field(out, "X-Request-Id", request_id);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  // HTTP/1.1 keeps a connection unless told otherwise, HTTP/1.0 closes it unless told otherwise.
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (!http11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

void append_chunk_size(std::string& out, std::size_t size) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  out.append(digits.data(), end).append("\r\n");
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text;
  // The C locale's names: the program never sets another one.
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace rankloop::http
