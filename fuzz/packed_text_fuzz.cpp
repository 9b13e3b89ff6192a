// Whatever bytes come in as a file to import: they are unpacked and decoded within their bounds, or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tables/row_reader.h"
#include "tables/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rankloop::tables;
  constexpr std::uint64_t kMost = 1U << 20;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const Encoding encoding : {Encoding::kAuto, Encoding::kLatin1, Encoding::kUtf16, Encoding::kUtf16Be}) {
    auto text = open_text(bytes, {.encoding = encoding, .most = kMost});
    if (!text) continue;
    // A byte becomes three at most.
    TextWindow window{std::move(text->source)};
    while (!window.ended()) {
      window.drop(window.text().size());
      window.more();
    }
    if (window.dropped() + window.text().size() > 3 * (kMost + size) || window.taken() > size) std::abort();
    auto again = open_text(bytes, {.encoding = encoding, .most = kMost});
    LineReader lines{std::move(again->source)};
    std::size_t line = 0;
    while (lines.next()) {
      if (lines.line() <= line || lines.text().empty() || lines.text().size() > kMaxRowBytes + 1)
        std::abort();
      line = lines.line();
    }
  }
  return 0;
}
