// Lines in both forms, and the sink that writes them.
#include "telemetry/log.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <new>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink-inl.h>  // with a mutex that the library was not built for
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "sync/mutex.h"
#include "telemetry/escaped_text.h"
#include "telemetry/line_stream.h"

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

const char* pattern_of(LogFormat format) {
  return format == LogFormat::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                    : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v";
}

// What stands between the pattern's marks: the event and its fields.
std::string body_of(LogFormat format, std::string_view workspace, std::string_view event, LogFields first,
                    LogFields more) {
  std::string line;
  const bool json = format == LogFormat::kJson;
  if (json) {
    line += "\"event\":\"";
    append_escaped(line, event);
    line += '"';
  } else {
    line += event;
  }
  const LogFields whose{{"workspace", workspace}};
  for (const LogFields& fields : {whose, first, more}) {
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
  return line;
}

// Standard error, which nobody may be reading. On a terminal a line takes the place of a bar that is being
// drawn there, which comes again below it.
class StandardError final : public spdlog::sinks::base_sink<Mutex> {
 public:
  explicit StandardError(LogFormat format)
      : terminal_(::isatty(STDERR_FILENO) == 1),
        stream_(STDERR_FILENO, [format](std::uint64_t lines) { return told_of_dropped(format, lines); }) {}

 private:
  static std::string told_of_dropped(LogFormat format, std::uint64_t lines) {
    const std::string count = std::to_string(lines);
    const std::string body =
        body_of(format, {}, "lines of the log were dropped: nobody read them", {{"lines", count}}, {});
    const spdlog::details::log_msg message{"rankloop", spdlog::level::warn, body};
    spdlog::memory_buf_t text;
    spdlog::pattern_formatter{pattern_of(format)}.format(message, text);
    return {text.data(), text.size()};
  }

  static std::string_view color_of(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::info:
        return "\x1b[32m";
      case spdlog::level::warn:
        return "\x1b[33m\x1b[1m";
      case spdlog::level::err:
        return "\x1b[31m\x1b[1m";
      default:
        return "\x1b[36m";
    }
  }

  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::string line{text.data(), text.size()};
    if (terminal_) {
      if (message.color_range_end > message.color_range_start) {
        line.insert(message.color_range_end, "\x1b[m")
            .insert(message.color_range_start, color_of(message.level));
      }
      line.insert(0, "\r\x1b[K");
    }
    stream_.write(line);
  }
  void flush_() override {}

  const bool terminal_;
  LineStream stream_;
};

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
    : sink_(std::make_shared<spdlog::logger>("rankloop", std::make_shared<StandardError>(format))),
      format_(format),
      level_(std::make_shared<std::atomic<LogLevel>>(level)) {
  sink_->set_pattern(pattern_of(format));
  set_level(level);
}

Logger::Logger(const Logger& parent, std::string workspace)
    : sink_(parent.sink_), format_(parent.format_), workspace_(std::move(workspace)), level_(parent.level_) {}

Logger::~Logger() = default;

bool Logger::enabled(LogLevel level) const {
  return sink_->should_log(level_of(level));
}
void Logger::set_level(LogLevel level) {
  *level_ = level;
  sink_->set_level(level_of(level));
}

void Logger::write(LogLevel level, std::string_view event, LogFields fields) noexcept {
  write(level, event, {}, fields);
}

void Logger::write(LogLevel level, std::string_view event, LogFields first, LogFields more) noexcept {
  if (!enabled(level)) return;
  try {
    const std::string line =
        body_of(format_, workspace_.empty() ? std::string_view{} : workspace_, event, first, more);
    sink_->log(level_of(level), spdlog::string_view_t{line.data(), line.size()});
  } catch (const std::bad_alloc&) {
    // Nobody who has something to tell fails for not being able to.
  }
}

void Logger::error(std::string_view event, const Error& error, LogFields fields) noexcept {
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
