// Word boundaries and case folding by ICU.
#include "domain/text_words.h"

#include <memory>
#include <set>
#include <stdexcept>

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "domain/utf8.h"

namespace rankloop {
namespace {

void check(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) throw std::runtime_error(std::string{what} + ": " + u_errorName(status));
}

// A view of a text for ICU, which reads it where it stands.
class TextView {
 public:
  explicit TextView(std::string_view utf8) {
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&text_, utf8.data(), static_cast<std::int64_t>(utf8.size()), &status);
    check(status, "ICU cannot read a text");
  }
  ~TextView() { utext_close(&text_); }
  TextView(const TextView&) = delete;
  TextView& operator=(const TextView&) = delete;

  UText* get() { return &text_; }

 private:
  UText text_ = UTEXT_INITIALIZER;
};

// Making one costs a hundred texts, and it keeps a place of its own: one a thread.
icu::BreakIterator& word_breaks() {
  thread_local const std::unique_ptr<icu::BreakIterator> breaks = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    check(status, "ICU has no word boundaries");
    return made;
  }();
  return *breaks;
}

const icu::Normalizer2& folding() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status, "ICU has no case folding");
  return *fold;
}

std::string folded(const icu::Normalizer2& fold, std::string_view word) {
  std::string text;
  icu::StringByteSink<std::string> sink(&text);
  UErrorCode status = U_ZERO_ERROR;
  fold.normalizeUTF8(0, {word.data(), static_cast<std::int32_t>(word.size())}, sink, nullptr, status);
  check(status, "ICU cannot fold a word");
  return text;
}

}  // namespace

std::vector<std::string> words_of_text(std::string_view utf8, std::size_t most) {
  std::vector<std::string> words;
  utf8 = utf8_prefix(utf8, kMostTextBytes);
  if (utf8.empty()) return words;
  const icu::Normalizer2& fold = folding();
  icu::BreakIterator& breaks = word_breaks();
  TextView text(utf8);
  UErrorCode status = U_ZERO_ERROR;
  breaks.setText(text.get(), status);
  check(status, "ICU cannot read a text");
  std::int32_t begin = breaks.first();
  for (std::int32_t end = breaks.next(); end != icu::BreakIterator::DONE && words.size() < most;
       begin = end, end = breaks.next()) {
    const auto bytes = static_cast<std::size_t>(end - begin);
    if (breaks.getRuleStatus() < UBRK_WORD_NONE_LIMIT || bytes > kMostWordBytes) continue;
    std::string word = folded(fold, utf8.substr(static_cast<std::size_t>(begin), bytes));
    if (!word.empty() && word.size() <= kMostWordBytes) words.push_back(std::move(word));
  }
  return words;
}

std::vector<std::string> different_words(std::vector<std::string> words) {
  std::set<std::string, std::less<>> seen;  // ordered, since others choose the words
  std::erase_if(words, [&](const std::string& word) { return !seen.insert(word).second; });
  return words;
}

}  // namespace rankloop
