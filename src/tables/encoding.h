// Encodings of text, and their way to UTF-8.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "error/result.h"
#include "tables/byte_source.h"

namespace rankloop::tables {

enum class Encoding {
  kAuto,  // as a byte order mark says, else UTF-8
  kUtf8,
  kLatin1,  // as everybody means it: Windows-1252, which has characters where ISO 8859-1 has controls
  kUtf16,   // as its mark says, else little endian
  kUtf16Le,
  kUtf16Be,
};

// The words for them, "auto" first; and "windows-1252", "cp1252" and "iso-8859-1" for Latin-1.
inline constexpr std::array<std::string_view, 9> kEncodingNames = {
    "auto", "utf-8", "latin1", "windows-1252", "cp1252", "iso-8859-1", "utf-16", "utf-16le", "utf-16be"};
std::optional<Encoding> encoding_of(std::string_view name);  // in small or capital letters
std::string_view name_of(Encoding encoding);

// What a text begins with: its byte order mark, and the encoding that it tells.
struct Mark {
  std::size_t size = 0;  // bytes; 0: there is none
  Encoding encoding = Encoding::kUtf8;
};
// A mark is surer than what was asked for. kInvalidArgument: the text has no mark, nothing was asked for, and
// it looks like UTF-16. Four bytes are enough to tell.
Result<Mark> mark_of(std::string_view beginning, Encoding asked);

// The text as UTF-8. What UTF-16 holds that is no text (half of a pair of surrogates, half a character at the
// end) becomes bytes that are no UTF-8, so that it is told where the line is known.
std::unique_ptr<ByteSource> decoded(Encoding encoding, std::unique_ptr<ByteSource> encoded);

// What to say of a line that is no UTF-8.
std::string not_utf8(Encoding encoding);

}  // namespace rankloop::tables
