// Quotes cells.
#include "tables/cell_text.h"

namespace rankloop::tables {

void append_cell(std::string& out, std::string_view cell, char separator) {
  const bool plain = cell.find_first_of("\"\r\n") == std::string_view::npos &&
                     cell.find(separator) == std::string_view::npos;
  if (plain) {
    out += cell;
    return;
  }
  out += '"';
  for (const char character : cell) out.append(character == '"' ? 2 : 1, character);
  out += '"';
}

}  // namespace rankloop::tables
