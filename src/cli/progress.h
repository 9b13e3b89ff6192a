// The progress of a long command: one redrawn line with a bar on a terminal, a plain line every few seconds
// elsewhere (a log file, a service manager), nothing where output is for machines.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "domain/clock.h"

namespace rankloop::cli {

enum class ProgressStyle { kSilent, kLines, kBar };

// kBar when standard error is a terminal, kLines when not, kSilent when the caller wants quiet.
ProgressStyle progress_style(bool quiet);
// The width of the terminal that is standard error; 0: it is none, or does not say.
int terminal_columns();

// Not thread-safe; update() may be called as often as one likes, most calls only look at the clock.
class Progress {
 public:
  // `title` says what is done ("training"), `unit` what is counted ("journeys"; empty: the work is a share,
  // shown without counts). `columns` is asked for the terminal's width before each drawing of a bar, which
  // never takes a second row; 0: unknown. Borrows `out` and `clock`.
  Progress(std::ostream& out, ProgressStyle style, std::string title, std::string unit, const Clock& clock,
           std::function<int()> columns = terminal_columns);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total` (0: unknown, then there is no bar and no time left); `note` is shown at the end of the
  // line.
  void update(double done, double total, std::string_view note = {});

  // The last state for good, with a line break. Called by the destructor when it was not called before.
  void finish();

 private:
  std::string figures(double share) const;
  std::string line() const;
  std::string bar_line() const;
  void show(Monotonic now);

  std::ostream& out_;
  const ProgressStyle style_;
  const std::string title_;
  const std::string unit_;
  const Clock& clock_;
  const std::function<int()> columns_;
  const Monotonic start_;
  std::optional<Monotonic> shown_;  // when the last line was written
  double done_ = 0;
  double total_ = 0;
  std::string note_;
  bool updated_ = false;
  bool finished_ = false;
};

// "8 s", "3 min 05 s", "2 h 10 min": a duration for people.
std::string human_duration(std::chrono::duration<double> duration);

}  // namespace rankloop::cli
