// Whatever text comes in: its rows have cells and stay inside the text, and quoted again they read as the
// same rows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "app/row_reader.h"

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows read_rows(std::string_view text, char delimiter) {
  Rows rows;
  rankloop::app::DelimitedReader reader{text, delimiter};
  std::size_t line = 0;
  std::size_t offset = 0;
  while (reader.next()) {
    if (reader.cells().empty() || reader.line() <= line) std::abort();
    if (reader.offset() <= offset || reader.offset() > text.size()) std::abort();
    const bool bounded = text.size() <= rankloop::app::kMaxRowBytes;
    if (!reader.fault().empty() && bounded && reader.offset() != text.size()) std::abort();
    line = reader.line();
    offset = reader.offset();
    rows.emplace_back(reader.cells().begin(), reader.cells().end());
  }
  return rows;
}

std::string quoted(const Rows& rows, char delimiter) {
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += delimiter;
      text += '"';
      for (const char c : row[i]) text.append(c == '"' ? 2 : 1, c);
      text += '"';
    }
    text += '\n';
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const char delimiter : {',', '\t'}) {
    const Rows rows = read_rows(text, delimiter);
    if (read_rows(quoted(rows, delimiter), delimiter) != rows) std::abort();
  }
  return 0;
}
