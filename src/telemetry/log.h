// The log: one event a line, fields as key=value on a terminal or as JSON. No personal data at INFO, never a
// secret (see redact()).
#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "error/result.h"

namespace spdlog {
class logger;
}

namespace rankloop::telemetry {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

std::string_view name_of(LogLevel level);    // "debug", "info", "warning", "error", "off"
std::string_view name_of(LogFormat format);  // "text", "json"
std::optional<LogLevel> parse_log_level(std::string_view name);

// A field without a value (a default string_view) is left out.
using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Thread-safe. Writes to standard error and never waits for its reader (line_stream.h). A line for which
// there is no memory is lost.
class Logger {
 public:
  Logger(LogLevel level, LogFormat format);
  // The same log: what one of them is set to counts for both. Its lines say `workspace`, unless that is
  // empty.
  Logger(const Logger& parent, std::string workspace);
  ~Logger();
  bool enabled(LogLevel level) const;
  LogLevel level() const { return *level_; }
  void set_level(LogLevel level);
  LogFormat format() const { return format_; }
  void write(LogLevel level, std::string_view event, LogFields fields = {}) noexcept;
  void debug(std::string_view event, LogFields fields = {}) { write(LogLevel::kDebug, event, fields); }
  void info(std::string_view event, LogFields fields = {}) { write(LogLevel::kInfo, event, fields); }
  void warning(std::string_view event, LogFields fields = {}) { write(LogLevel::kWarning, event, fields); }
  void error(std::string_view event, LogFields fields = {}) { write(LogLevel::kError, event, fields); }
  // An Error with its internal detail.
  void error(std::string_view event, const Error& error, LogFields fields = {}) noexcept;

 private:
  void write(LogLevel level, std::string_view event, LogFields first, LogFields more) noexcept;

  std::shared_ptr<spdlog::logger> sink_;
  const LogFormat format_;
  const std::string workspace_;
  const std::shared_ptr<std::atomic<LogLevel>> level_;
};

// A URL without its password ("postgresql://user:***@host/db"); other text comes back as it is.
std::string redact(std::string_view url);

}  // namespace rankloop::telemetry
