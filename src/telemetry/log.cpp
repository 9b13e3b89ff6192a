#include "telemetry/log.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "telemetry/escaped_text.h"

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

// Values with blanks are quoted so that a line splits into its fields again; control characters and broken
// UTF-8 never reach a terminal.
void append_text_value(std::string& out, std::string_view value) {
  std::string escaped;
  append_escaped(escaped, value);
  const bool bare = !value.empty() && escaped == value && value.find_first_of(" =") == std::string_view::npos;
  out += bare ? escaped : '"' + escaped + '"';
}

void append_json_field(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  append_escaped(out, name);
  out += "\":\"";
  append_escaped(out, value);
  out += '"';
}

constexpr std::array<std::pair<std::string_view, LogLevel>, 5> kLevels{{{"debug", LogLevel::kDebug},
                                                                        {"info", LogLevel::kInfo},
                                                                        {"warning", LogLevel::kWarning},
                                                                        {"error", LogLevel::kError},
                                                                        {"off", LogLevel::kOff}}};

}  // namespace

std::string_view name_of(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)].first;
}

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return std::nullopt;
}

std::string_view name_of(LogFormat format) {
  return format == LogFormat::kJson ? "json" : "text";
}

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
  level_ = level;
  sink_->set_level(level_of(level));
}

void Logger::write(LogLevel level, std::string_view event, LogFields fields) {
  write(level, event, {}, fields);
}

void Logger::write(LogLevel level, std::string_view event, LogFields first, LogFields more) {
  if (!enabled(level)) return;
  std::string line;
  const bool json = format_ == LogFormat::kJson;
  if (json) {
    line += "\"event\":\"";
    append_escaped(line, event);
    line += '"';
  } else {
    line += event;
  }
  for (const LogFields& fields : {first, more}) {
    for (const auto& [name, value] : fields) {
      if (value.data() == nullptr) continue;
      if (json) {
        append_json_field(line, name, value);
      } else {
        line.append(1, ' ').append(name).append(1, '=');
        append_text_value(line, value);
      }
    }
  }
  sink_->log(level_of(level), spdlog::string_view_t{line.data(), line.size()});
}

void Logger::error(std::string_view event, const Error& error, LogFields fields) {
  write(LogLevel::kError, event,
        {{"code", name_of(error.code)}, {"message", error.message}, {"detail", error.detail}}, fields);
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
