// Draws a bar, or prints a line now and then.
#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rankloop::cli {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{100};
constexpr std::chrono::seconds kLineEvery{5};
constexpr int kBarWidth = 28;
constexpr int kLeastBar = 6;
constexpr int kLeastNote = 12;
constexpr double kEnoughToGuess = 0.5;  // seconds; before that a rate says nothing

std::string bar(double share, int width) {
  const int full = static_cast<int>(std::lround(share * width));
  return " [" + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(width - full), '.') + "]";
}

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

int width_of(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), begins_character));
}

// The first `width` characters; the last three are dots when there were more.
std::string cut_to(std::string_view text, int width) {
  if (width_of(text) <= width) return std::string{text};
  constexpr int kDots = 3;
  const int kept = std::max(width - kDots, 0);
  std::size_t end = 0;
  for (int seen = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && seen++ == kept) break;
  }
  return std::string{text.substr(0, end)} + std::string(static_cast<std::size_t>(width - kept), '.');
}

}  // namespace

ProgressStyle progress_style(bool quiet) {
  if (quiet) return ProgressStyle::kSilent;
  return ::isatty(STDERR_FILENO) == 1 ? ProgressStyle::kBar : ProgressStyle::kLines;
}

std::string human_duration(std::chrono::duration<double> duration) {
  const auto seconds = static_cast<std::int64_t>(std::ceil(std::clamp(duration.count(), 0.0, 1e9)));
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

int terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Progress::Progress(std::ostream& out, ProgressStyle style, std::string title, std::string unit,
                   const Clock& clock, std::function<int()> columns)
    : out_(out),
      style_(style),
      title_(std::move(title)),
      unit_(std::move(unit)),
      clock_(clock),
      columns_(std::move(columns)),
      start_(clock.monotonic()) {
  // Something short does not need a line; the first one comes after a whole interval.
  if (style_ == ProgressStyle::kLines) shown_ = start_;
}

Progress::~Progress() {
  finish();
}

void Progress::update(double done, double total, std::string_view note) {
  if (style_ == ProgressStyle::kSilent || finished_) return;
  done_ = done;
  total_ = total;
  note_ = note;
  updated_ = true;
  const Monotonic now = clock_.monotonic();
  const auto every = style_ == ProgressStyle::kBar ? Monotonic::duration{kRedrawEvery} : kLineEvery;
  if (!shown_ || now - *shown_ >= every) show(now);
}

void Progress::finish() {
  if (finished_ || !updated_) return;
  finished_ = true;
  show(clock_.monotonic());
  if (style_ == ProgressStyle::kBar) out_ << '\n';
  out_.flush();
}

void Progress::show(Monotonic now) {
  shown_ = now;
  if (style_ == ProgressStyle::kBar) {
    out_ << '\r' << bar_line() << "\x1b[K";  // back to the line's start, and away with what a longer one left
  } else {
    out_ << line() << '\n';
  }
  out_.flush();
}

std::string Progress::figures(double share) const {
  const double elapsed = std::chrono::duration<double>(clock_.monotonic() - start_).count();
  std::string text;
  if (total_ > 0) text += fmt::format(" {:3.0f} %", std::floor(share * 100));
  if (!unit_.empty()) {
    text += total_ > 0 ? fmt::format("  {:.0f} of {:.0f} {}", done_, total_, unit_)
                       : fmt::format("  {:.0f} {}", done_, unit_);
    if (elapsed > kEnoughToGuess) text += fmt::format("  {:.4g}/s", done_ / elapsed);
  }
  if (finished_ || share >= 1) {
    text += "  in " + human_duration(std::chrono::duration<double>{elapsed});
  } else if (share > 0 && elapsed > kEnoughToGuess) {
    text += "  " + human_duration(std::chrono::duration<double>{elapsed * (1 - share) / share}) + " left";
  }
  return text;
}

std::string Progress::line() const {
  const std::string text = title_ + figures(total_ > 0 ? std::clamp(done_ / total_, 0.0, 1.0) : 0);
  return note_.empty() ? text : text + "  " + note_;
}

// Where the terminal is narrow the figures stay; the bar gets shorter and goes, and the note is cut and goes.
std::string Progress::bar_line() const {
  const double share = total_ > 0 ? std::clamp(done_ / total_, 0.0, 1.0) : 0;
  const std::string said = figures(share);
  const int columns = columns_();
  // A character in the last column would begin a second row on some terminals.
  const int width = columns > 0 ? columns - 1 : std::numeric_limits<int>::max();
  constexpr int kBrackets = 3;
  const int room = width - width_of(title_) - width_of(said) - kBrackets;
  std::string text = title_;
  if (total_ > 0 && room >= kLeastBar) text += bar(share, std::min(room, kBarWidth));
  text += said;
  const int left = width - width_of(text) - 2;
  if (!note_.empty() && (left >= width_of(note_) || left >= kLeastNote)) text += "  " + cut_to(note_, left);
  return cut_to(text, width);
}

}  // namespace rankloop::cli
