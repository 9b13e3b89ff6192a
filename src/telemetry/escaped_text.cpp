// Escapes what JSON does not take as it is.
#include "telemetry/escaped_text.h"

#include <algorithm>
#include <cstdio>

namespace rankloop::telemetry {
namespace {

struct Character {
  std::size_t bytes = 0;  // 0: the front of the text is no UTF-8
  char32_t point = 0;
};

// The character at the front of `text`, as RFC 3629 defines it.
Character front_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t point = lead & (0x7fU >> bytes);
  for (const char c : text.substr(1, bytes - 1)) {
    const auto next = static_cast<unsigned char>(c);
    if ((next & 0xc0U) != 0x80) return {};
    point = point << 6U | (next & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by length; less is an overlong form
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (point < kLeast[bytes] || point > 0x10ffff || surrogate) return {};
  return {bytes, point};
}

// C0, DEL and C1: a terminal obeys them.
bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Character character = front_character(text);
    if (character.bytes == 0) {
      out += "\xef\xbf\xbd";
    } else if (is_control(character.point)) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(character.point));
      out += code;
    } else {
      if (character.point == '"' || character.point == '\\') out += '\\';
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
  }
}

}  // namespace rankloop::telemetry
