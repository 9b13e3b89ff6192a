// The state of a loop for people and for machines. Pure: the same history gives the same text.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/top/server_figures.h"

namespace rankloop::cli {

// Per second, between two looks; negative steps (the server started again) count as none.
struct LoopRates {
  double requests = 0;
  double scored = 0;
  double shown = 0;
  double picked = 0;
};

// The last look, what changed since the one before, and the rates of a while.
class LoopHistory {
 public:
  static constexpr std::size_t kKept = 240;  // looks; more than a sparkline shows

  void add(ServerFigures state);
  bool empty() const { return !now_; }
  const ServerFigures& now() const { return *now_; }             // only when not empty()
  const std::deque<LoopRates>& rates() const { return rates_; }  // oldest first; empty after one look
  // What was observed since the look before; when that is nothing, since the server's start.
  Buckets wait() const { return recent(&ServerFigures::wait); }
  Buckets score() const { return recent(&ServerFigures::score); }
  Buckets total() const { return recent(&ServerFigures::total); }

 private:
  Buckets recent(Buckets ServerFigures::* histogram) const;

  std::optional<ServerFigures> now_;
  std::optional<ServerFigures> before_;
  std::deque<LoopRates> rates_;
};

struct ViewSize {
  int columns = 80;
  int rows = 24;
};

struct ViewStyle {
  bool colour = true;   // ANSI colours
  bool unicode = true;  // blocks in sparklines, else ASCII
};

// Lines for a screen of this size, never longer or more than fit. `fault` is why the server does not answer,
// "" when it does; then what was seen last is shown beneath.
std::vector<std::string> screen_lines(const LoopHistory& history, const std::string& url,
                                      const std::string& fault, ViewSize size, ViewStyle style);

// One line for a log; `history` is not empty.
std::string plain_line(const LoopHistory& history);

// One JSON object without a line break; `history` is not empty.
std::string to_json(const LoopHistory& history, const std::string& url);

// The newest of `values` as blocks from 0 to their greatest, as many as fit.
std::string sparkline(const std::vector<double>& values, int columns, bool unicode);

}  // namespace rankloop::cli
