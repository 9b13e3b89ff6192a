#include "telemetry/log.h"

#include <cstdio>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace rankloop::telemetry {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
    case LogLevel::kOff: return spdlog::level::off;
  }
  return spdlog::level::info;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    } else {
      out += c;
    }
  }
}

// Values with blanks are quoted so that a line splits into its fields again.
void append_text_value(std::string& out, std::string_view value) {
  if (!value.empty() && value.find_first_of(" =\"\n\t") == std::string_view::npos) {
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

bool Logger::enabled(LogLevel level) const { return sink_->should_log(level_of(level)); }
void Logger::set_level(LogLevel level) { sink_->set_level(level_of(level)); }

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
  write(LogLevel::kError, event,
        {{"code", name_of(error.code)}, {"message", error.message}, {"detail", error.detail}, {"about", text}});
}

std::string redact(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string{url};
  const std::size_t start = scheme + 3;
  const std::size_t end = url.find_first_of("/?#", start);
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string{url};
  const std::size_t colon = url.find(':', start);
  if (colon == std::string_view::npos || colon > at) return std::string{url};
  return std::string{url.substr(0, colon + 1)} + "***" + std::string{url.substr(at)};
}

}  // namespace rankloop::telemetry
