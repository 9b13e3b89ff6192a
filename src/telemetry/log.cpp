#include "telemetry/log.h"

#include <algorithm>
#include <cstdio>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace rankloop::telemetry {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

struct Character {
  std::size_t bytes = 0;  // 0: the front of the text is no UTF-8
  char32_t point = 0;
};

// The character at the front of `text`, as RFC 3629 defines it.
Character front_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t point = lead & (0x7fU >> bytes);
  for (const char c : text.substr(1, bytes - 1)) {
    const auto next = static_cast<unsigned char>(c);
    if ((next & 0xc0U) != 0x80) return {};
    point = point << 6U | (next & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by length; less is an overlong form
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (point < kLeast[bytes] || point > 0x10ffff || surrogate) return {};
  return {bytes, point};
}

// C0, DEL and C1: a terminal obeys them.
bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

// As inside a JSON string, whatever the bytes are: each that is no UTF-8 becomes U+FFFD.
void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Character character = front_character(text);
    if (character.bytes == 0) {
      out += "\xef\xbf\xbd";
    } else if (is_control(character.point)) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(character.point));
      out += code;
    } else {
      if (character.point == '"' || character.point == '\\') out += '\\';
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
  }
}

// Values with blanks are quoted so that a line splits into its fields again; control characters and broken
// UTF-8 never reach a terminal.
void append_text_value(std::string& out, std::string_view value) {
  std::string escaped;
  append_escaped(escaped, value);
  const bool bare = !value.empty() && escaped == value && value.find_first_of(" =") == std::string_view::npos;
  out += bare ? escaped : '"' + escaped + '"';
}

}  // namespace

Logger::Logger(LogLevel level, LogFormat format)
    : sink_(std::make_shared<spdlog::logger>("rankloop",
                                             std::make_shared<spdlog::sinks::stderr_color_sink_mt>())),
      format_(format) {
  sink_->set_pattern(format == LogFormat::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                                : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  set_level(level);
  sink_->flush_on(spdlog::level::info);
}

Logger::~Logger() = default;

bool Logger::enabled(LogLevel level) const {
  return sink_->should_log(level_of(level));
}
void Logger::set_level(LogLevel level) {
  sink_->set_level(level_of(level));
}

void Logger::write(LogLevel level, std::string_view event, LogFields fields) {
  if (!enabled(level)) return;
  std::string line;
  if (format_ == LogFormat::kJson) {
    line += "\"event\":\"";
    append_escaped(line, event);
    line += '"';
    for (const auto& [name, value] : fields) {
      line += ",\"";
      append_escaped(line, name);
      line += "\":\"";
      append_escaped(line, value);
      line += '"';
    }
  } else {
    line += event;
    for (const auto& [name, value] : fields) {
      line += ' ';
      line += name;
      line += '=';
      append_text_value(line, value);
    }
  }
  sink_->log(level_of(level), spdlog::string_view_t{line.data(), line.size()});
}

void Logger::error(std::string_view event, const Error& error, LogFields fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += text.empty() ? "" : " ";
    text += name;
    text += '=';
    text += value;
  }
  write(
      LogLevel::kError, event,
      {{"code", name_of(error.code)}, {"message", error.message}, {"detail", error.detail}, {"about", text}});
}

std::string redact(std::string_view url) {
  std::string shown{url};
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return shown;
  const std::size_t start = scheme + 3;
  // PostgreSQL also takes the password as a parameter.
  constexpr std::string_view kParameter = "password=";
  if (const std::size_t at = shown.find(kParameter, start); at != std::string::npos) {
    const std::size_t value = at + kParameter.size();
    shown.replace(value, std::min(shown.find('&', value), shown.size()) - value, "***");
  }
  // Up to the last '@', for a password may hold a '/' or '@' that should have been escaped.
  const std::size_t colon = shown.find(':', start);
  const std::size_t host = shown.rfind('@', shown.find('?', start));
  if (host == std::string::npos || colon == std::string::npos || colon > host) return shown;
  return shown.replace(colon + 1, host - colon - 1, "***");
}

}  // namespace rankloop::telemetry
