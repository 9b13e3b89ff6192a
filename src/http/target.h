// The request target: what stands between the method and the version ("/a/b%20c?limit=3").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rankloop::http {

// A target as sent, taken apart but not decoded: views into it.
struct RawTarget {
  std::string_view path;         // begins with a slash
  std::string_view query;        // without the question mark
  std::string_view authority{};  // of absolute form: "host:80"; it stands for the Host header then
};

// Takes origin form ("/a?b") and absolute form ("http://host/a?b"); anything else is nothing.
std::optional<RawTarget> split_target(std::string_view target);

// Decodes %XX (and + as a space where `plus_is_space`). Nothing when an escape is broken or the outcome is no
// UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// "a=1&b" becomes {{"a", "1"}, {"b", ""}}. Nothing when an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> decode_query(std::string_view query);

}  // namespace rankloop::http
