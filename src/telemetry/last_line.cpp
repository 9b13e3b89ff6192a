// The handler of std::terminate.
#include "telemetry/last_line.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string_view>

#include <unistd.h>

namespace rankloop::telemetry {
namespace {

// std::terminate's handler is the process's own and takes no arguments.
std::atomic<LogFormat> format{LogFormat::kText};

// A line of bounded length on the stack: memory may be what is missing.
class Line {
 public:
  Line& add(std::string_view text) {
    for (const char c : text) add(c);
    return *this;
  }
  // As part of a quoted text: nothing that would end it or reach a terminal.
  Line& add_quoted(std::string_view text) {
    for (const char c : text) add(c < ' ' || c > '~' ? '?' : c == '"' || c == '\\' ? '\'' : c);
    return *this;
  }
  Line& add_moment(const char* pattern) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text;
    return add({text.data(), std::strftime(text.data(), text.size(), pattern, &parts)});
  }
  void write() const {
    std::string_view rest{bytes_.data(), size_};
    while (!rest.empty()) {
      const ssize_t taken = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (taken <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(taken));
    }
  }

 private:
  void add(char c) {
    if (size_ < bytes_.size()) bytes_[size_++] = c;
  }

  std::array<char, 512> bytes_;
  std::size_t size_ = 0;
};

constexpr std::size_t kMostOfReason = 300;  // bytes; what follows it has to fit as well

void write_line(std::string_view reason) {
  constexpr std::string_view kEvent = "the process ends: nothing caught an exception";
  reason = reason.substr(0, kMostOfReason);
  Line line;
  if (format.load() == LogFormat::kJson) {
    line.add(R"({"time":")").add_moment("%Y-%m-%dT%H:%M:%SZ").add(R"(","level":"fatal","event":")");
    line.add(kEvent).add(R"(","reason":")").add_quoted(reason).add("\"}\n");
  } else {
    line.add_moment("%Y-%m-%d %H:%M:%SZ").add(" fatal   ").add(kEvent).add(" reason=\"");
    line.add_quoted(reason).add("\"\n");
  }
  line.write();
}

[[noreturn]] void end_with_line() {
  try {
    if (std::current_exception() != nullptr) throw;
    write_line("none: std::terminate was called");
  } catch (const std::exception& thrown) {
    write_line(thrown.what());
  } catch (...) {
    write_line("an exception of an unknown kind");
  }
  std::abort();
}

}  // namespace

void leave_last_line() {
  std::set_terminate(end_with_line);
}

void leave_last_line_as(LogFormat wanted) {
  format = wanted;
}

}  // namespace rankloop::telemetry
