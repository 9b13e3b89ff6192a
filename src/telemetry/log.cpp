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

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    } else {
      out += c;
    }
  }
}

bool stands_bare(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != 0x7f;
}

// Values with blanks are quoted so that a line splits into its fields again; control characters never reach a
// terminal.
void append_text_value(std::string& out, std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), stands_bare)) {
    out += value;
    return;
  }
  out += '"';
  append_escaped(out, value);
  out += '"';
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
