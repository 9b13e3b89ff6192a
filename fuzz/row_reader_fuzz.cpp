// Whatever text comes in: its rows have cells and stay inside the text, quoted again they read as the same
// rows, and so they do when the text comes in small pieces or is read on behind what cannot be read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tables/row_reader.h"

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows read_rows(std::string_view text, char delimiter) {
  Rows rows;
  rankloop::tables::DelimitedReader reader{text, delimiter};
  std::size_t line = 0;
  std::size_t offset = 0;
  while (reader.next()) {
    if (reader.cells().empty() || reader.line() <= line) std::abort();
    if (reader.offset() <= offset || reader.offset() > text.size()) std::abort();
    const bool bounded = text.size() <= rankloop::tables::kMaxRowBytes;
    if (!reader.fault().empty() && bounded && reader.offset() != text.size()) std::abort();
    line = reader.line();
    offset = reader.offset();
    rows.emplace_back(reader.cells().begin(), reader.cells().end());
  }
  return rows;
}

// Gives a text away a few bytes at a time.
class Trickle : public rankloop::tables::ByteSource {
 public:
  explicit Trickle(std::string_view text) : text_(text) {}
  rankloop::Result<std::size_t> read(std::span<char> into) override {
    constexpr std::size_t kPiece = 3;
    const std::size_t size = std::min({into.size(), kPiece, text_.size() - at_});
    std::copy_n(text_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  std::uint64_t taken() const override { return at_; }

 private:
  const std::string_view text_;
  std::size_t at_ = 0;
};

// Every line is reached, and none twice.
void read_on(std::string_view text, char delimiter) {
  rankloop::tables::DelimitedReader whole{text, delimiter};
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  rankloop::tables::DelimitedReader pieces{std::make_unique<Trickle>(text), delimiter};
  std::size_t line = 0;
  while (whole.next()) {
    if (!pieces.next() || pieces.cells() != whole.cells() || pieces.line() != whole.line()) std::abort();
    if (pieces.raw() != whole.raw() || pieces.fault() != whole.fault()) std::abort();
    if (whole.line() <= line) std::abort();
    line = whole.line();
    if (whole.fault().empty()) continue;
    whole.pass_over_line();
    pieces.pass_over_line();
  }
  if (pieces.next()) std::abort();
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
    read_on(text.substr(0, 10'000), delimiter);
    if (read_rows(quoted(rows, delimiter), delimiter) != rows) std::abort();
  }
  return 0;
}
