// The words of a text, of whatever language.
//
// Words are what stands between the word boundaries of Unicode (UAX #29, with dictionaries for scripts that
// write none between them: Thai, Khmer, Chinese, Japanese) and has a letter, a digit or an ideograph;
// punctuation, spaces, symbols and emoji are none. Each is folded by NFKC_Casefold (Unicode Standard Annexes
// #15 and #44): "Straße" and "STRASSE" are one word, full and half width are, composed and combining marks.
// Accents stay: "resume" is not "résumé". ICU does both (docs/decisions/0030-words-of-texts.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop {

// Of a text the beginning counts, so that none keeps the thread that reads requests.
inline constexpr std::size_t kMostTextBytes = 16'384;
inline constexpr std::size_t kMostTextWords = 2'000;
inline constexpr std::size_t kMostWordBytes = 256;  // a longer word is left out

// In the order of the text, each as often as it stands there, at most `most`. Thread-safe. Throws
// std::runtime_error where ICU lacks its data.
std::vector<std::string> words_of_text(std::string_view utf8, std::size_t most = kMostTextWords);

// Each once, at its first place.
std::vector<std::string> different_words(std::vector<std::string> words);

}  // namespace rankloop
