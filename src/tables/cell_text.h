// A cell as it stands in a table of separated values (RFC 4180).
#pragma once

#include <string>
#include <string_view>

namespace rankloop::tables {

// Quoted where it holds a quote, a line's end or the separator.
void append_cell(std::string& out, std::string_view cell, char separator);

}  // namespace rankloop::tables
