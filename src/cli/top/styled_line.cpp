// Colours and widths of one line.
#include "cli/top/styled_line.h"

#include <algorithm>
#include <utility>

namespace rankloop::cli {
namespace {

bool begins_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

std::string_view cut(std::string_view text, int columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    if (begins_code_point(text[end]) && columns-- == 0) break;
    ++end;
  }
  return text.substr(0, end);
}

std::string_view sequence(Colour colour) {
  switch (colour) {
    case Colour::kPlain:
      return "";
    case Colour::kBold:
      return "\x1b[1m";
    case Colour::kDim:
      return "\x1b[2m";
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kCyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

int columns_of(std::string_view text) {
  return static_cast<int>(std::ranges::count_if(text, begins_code_point));
}

StyledLine& StyledLine::add(std::string text, Colour colour) {
  // What a server answers is shown, never obeyed: no control character reaches the terminal.
  std::ranges::replace_if(
      text, [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }, ' ');
  parts_.push_back({std::move(text), colour});
  return *this;
}

StyledLine& StyledLine::to_column(int column) {
  int width = 0;
  for (const Part& part : parts_) width += columns_of(part.text);
  return width < column ? add(std::string(static_cast<std::size_t>(column - width), ' ')) : *this;
}

std::string StyledLine::text(int columns, bool colour) const {
  std::string out;
  for (const Part& part : parts_) {
    const std::string_view shown = cut(part.text, columns);
    if (shown.empty()) continue;
    columns -= columns_of(shown);
    const std::string_view begin = colour ? sequence(part.colour) : "";
    out += begin;
    out += shown;
    if (!begin.empty()) out += "\x1b[0m";
  }
  return out;
}

}  // namespace rankloop::cli
