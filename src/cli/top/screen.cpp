// The terminal's alternate screen, its size and its keys.
#include "cli/top/screen.h"

#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rankloop::cli {
namespace {

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return;  // the terminal is gone: key() says so
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

bool has_screen() {
  const char* name = std::getenv("TERM");
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && name != nullptr && *name != '\0' &&
         std::string_view{name} != "dumb";
}

ViewSize window_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

TerminalScreen::TerminalScreen() {
  ::tcgetattr(STDIN_FILENO, &before_);
  termios mode = before_;
  mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  mode.c_cc[VSUSP] = _POSIX_VDISABLE;  // a stopped process would leave its screen to the shell
  ::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
  write_all("\x1b[?1049h\x1b[?25l");  // the alternate screen, no cursor
}

TerminalScreen::~TerminalScreen() {
  write_all("\x1b[?25h\x1b[?1049l");
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void TerminalScreen::draw(const std::vector<std::string>& lines) {
  std::string text = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // Away with the rest of the old line before the new one: a full line would lose its last column.
    text += (i > 0 ? "\r\n\x1b[2K" : "\x1b[2K") + lines[i];
  }
  text += "\x1b[J";
  write_all(text);
}

char TerminalScreen::key(std::chrono::milliseconds time) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, static_cast<int>(time.count())) <= 0) return 0;
  char pressed = 0;
  return ::read(STDIN_FILENO, &pressed, 1) == 1 ? pressed : kClosed;
}

}  // namespace rankloop::cli
