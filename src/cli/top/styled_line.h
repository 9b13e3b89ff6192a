// A line of a terminal: words with colours, cut to a width before the colours are written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rankloop::cli {

enum class Colour { kPlain, kBold, kDim, kGreen, kYellow, kRed, kCyan };

class StyledLine {
 public:
  StyledLine& add(std::string text, Colour colour = Colour::kPlain);
  // Spaces up to this column; nothing when the line is there already.
  StyledLine& to_column(int column);
  // At most `columns` wide, counting code points; ANSI sequences only with `colour`.
  std::string text(int columns, bool colour) const;

 private:
  struct Part {
    std::string text;
    Colour colour;
  };
  std::vector<Part> parts_;
};

// Code points: every character that is drawn here is one column wide.
int columns_of(std::string_view text);

}  // namespace rankloop::cli
