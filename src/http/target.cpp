// Splits a target and decodes its parts.
#include "http/target.h"

#include "domain/utf8.h"
#include "http/ascii.h"

namespace rankloop::http {

std::optional<RawTarget> split_target(std::string_view target) {
  std::string_view authority;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      const auto end = target.find_first_of("/?", scheme.size());
      authority = target.substr(scheme.size(), end == std::string_view::npos ? end : end - scheme.size());
      if (end == std::string_view::npos) return RawTarget{"/", {}, authority};
      if (target[end] == '?') return RawTarget{"/", target.substr(end + 1), authority};
      target.remove_prefix(end);
      break;
    }
  }
  if (target.empty() || target.front() != '/' || target.find('#') != std::string_view::npos)
    return std::nullopt;
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return RawTarget{target, {}, authority};
  return RawTarget{target.substr(0, mark), target.substr(mark + 1), authority};
}

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
      if (low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (plus_is_space && text[i] == '+') {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> decode_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value =
        percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

}  // namespace rankloop::http
