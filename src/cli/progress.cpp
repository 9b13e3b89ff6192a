#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

namespace rankloop::cli {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{100};
constexpr std::chrono::seconds kLineEvery{5};
constexpr int kBarWidth = 28;
constexpr double kEnoughToGuess = 0.5;  // seconds; before that a rate says nothing

std::string bar(double share) {
  const int full = static_cast<int>(std::lround(share * kBarWidth));
  return "[" + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(kBarWidth - full), '.') + "]";
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

Progress::Progress(std::ostream& out, ProgressStyle style, std::string title, std::string unit,
                   const Clock& clock)
    : out_(out),
      style_(style),
      title_(std::move(title)),
      unit_(std::move(unit)),
      clock_(clock),
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
    out_ << '\r' << line() << "\x1b[K";  // back to the line's start, and away with what a longer one left
  } else {
    out_ << line() << '\n';
  }
  out_.flush();
}

std::string Progress::line() const {
  const double elapsed = std::chrono::duration<double>(clock_.monotonic() - start_).count();
  const double share = total_ > 0 ? std::clamp(done_ / total_, 0.0, 1.0) : 0;
  std::string text = title_;
  if (total_ > 0) {
    if (style_ == ProgressStyle::kBar) text += " " + bar(share);
    text += fmt::format(" {:3.0f} %", std::floor(share * 100));
  }
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
  if (!note_.empty()) text += "  " + note_;
  return text;
}

}  // namespace rankloop::cli
