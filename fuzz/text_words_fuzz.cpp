// Whatever bytes come in: the words of a text are UTF-8, not empty, and within their bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/text_words.h"
#include "domain/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto words = rankloop::words_of_text({reinterpret_cast<const char*>(data), size});
  if (words.size() > rankloop::kMostTextWords) std::abort();
  for (const std::string& word : words) {
    if (word.empty() || word.size() > rankloop::kMostWordBytes || !rankloop::is_utf8(word)) std::abort();
  }
  return 0;
}
