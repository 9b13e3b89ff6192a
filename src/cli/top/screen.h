// The whole window of a terminal, taken while it lives and given back as it was.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <termios.h>

#include "cli/top/loop_view.h"

namespace rankloop::cli {

// Standard input and output are a terminal that knows ANSI sequences.
bool has_screen();

// Of standard output; 80 x 24 when it does not say.
ViewSize window_size();

// Not thread-safe; one at a time. The alternate screen is used, so what stood there before comes back.
class TerminalScreen {
 public:
  TerminalScreen();
  ~TerminalScreen();
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;

  // Replaces what is shown, in one write.
  void draw(const std::vector<std::string>& lines);

  // The key that was pressed within `time`: 0 when none was, kClosed when the terminal is gone.
  char key(std::chrono::milliseconds time);
  static constexpr char kClosed = 4;

 private:
  termios before_{};
};

}  // namespace rankloop::cli
