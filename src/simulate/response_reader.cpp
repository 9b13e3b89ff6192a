// Reads heads and bodies as their bytes come.
#include "simulate/response_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace rankloop::simulate {
namespace {

constexpr std::size_t kLeastSpace = 4096;
constexpr std::size_t kLargestHead = 64 * 1024;
constexpr std::size_t kLargestBody = 256 * 1024 * 1024;

// `lower` is in lower case.
bool same_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return number;
}

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

std::span<char> ResponseReader::space() {
  const std::size_t whole = head_ + content_length_.value_or(0);
  const std::size_t wanted = std::max(kLeastSpace, whole - std::min(whole, end_ - begin_));
  if (buffer_.size() - end_ < wanted) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() - end_ < wanted) buffer_.resize(end_ + wanted);
  }
  return std::span{buffer_}.subspan(end_);
}

ResponseReader::Outcome ResponseReader::next() {
  while (fault_.empty()) {
    const std::string_view bytes = buffered();
    if (head_ == 0) {
      const std::size_t end = bytes.find("\r\n\r\n", searched_);
      if (end == std::string_view::npos) {
        searched_ = bytes.size() < 3 ? 0 : bytes.size() - 3;
        if (bytes.size() <= kLargestHead) return Outcome::kIncomplete;
        bad("the head of the response is larger than 64 KiB");
        break;
      }
      if (!read_head(bytes.substr(0, end))) break;
      head_ = end + 4;
    }
    if (bytes.size() - head_ < *content_length_) return Outcome::kIncomplete;
    response_.body = bytes.substr(head_, *content_length_);
    if (response_.status >= 200) return Outcome::kComplete;
    consume();
  }
  return Outcome::kBad;
}

void ResponseReader::consume() {
  begin_ += head_ + content_length_.value_or(0);
  if (begin_ == end_) begin_ = end_ = 0;
  searched_ = 0;
  head_ = 0;
  content_length_.reset();
  response_ = {};
}

void ResponseReader::reset() {
  begin_ = end_ = 0;
  consume();
  begin_ = end_ = 0;
  fault_.clear();
}

bool ResponseReader::read_head(std::string_view head) {
  std::size_t end = head.find("\r\n");
  if (!read_status_line(head.substr(0, end))) return false;
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    if (!read_field(head.substr(0, end))) return false;
  }
  if (has_no_body(response_.status)) content_length_ = 0;
  if (!content_length_) return bad("the response has no Content-Length");
  return true;
}

bool ResponseReader::read_status_line(std::string_view line) {
  const bool http_1 = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ';
  const auto status = http_1 ? whole_number<int>(line.substr(9, 3)) : std::nullopt;
  if (!status || *status < 100 || (line.size() > 12 && line[12] != ' ')) {
    return bad("the answer is not HTTP/1.1");
  }
  response_.status = *status;
  response_.keep_alive = line[7] != '0';
  return true;
}

bool ResponseReader::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad("the response has a header without a colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same_word(name, "content-length")) {
    const auto length = value.empty() ? std::nullopt : whole_number<std::size_t>(value);
    if (!length || *length > kLargestBody || (content_length_ && *content_length_ != *length)) {
      return bad("the response has a wrong Content-Length");
    }
    content_length_ = length;
  } else if (same_word(name, "transfer-encoding")) {
    return bad("the response has a Transfer-Encoding, a Content-Length is expected");
  } else if (same_word(name, "connection")) {
    if (same_word(value, "close")) response_.keep_alive = false;
    if (same_word(value, "keep-alive")) response_.keep_alive = true;
  } else if (same_word(name, "retry-after") && !value.empty()) {
    // The other form of this header is a date; without a number the caller's own pause applies.
    const auto pause = whole_number<int>(value);
    if (pause) response_.retry_after = std::chrono::seconds{*pause};
  }
  return true;
}

bool ResponseReader::bad(std::string fault) {
  fault_ = std::move(fault);
  return false;
}

}  // namespace rankloop::simulate
