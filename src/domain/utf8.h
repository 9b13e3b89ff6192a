// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace rankloop {

bool is_utf8(std::string_view text);

// How many characters (code points) valid `text` has: what JSON Schema's lengths count.
std::size_t characters_in(std::string_view text);

// The longest beginning of valid `text` that has at most `bytes` bytes and cuts no character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

}  // namespace rankloop
