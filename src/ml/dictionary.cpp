// Words as numbers.
#include "ml/dictionary.h"

#include <cassert>

namespace rankloop::ml {
namespace {

// Texts are counted from 1.
std::int32_t code_of(std::uint32_t number) {
  return static_cast<std::int32_t>(number) - 1;
}

}  // namespace

std::int32_t Dictionary::add(std::string_view word) {
  if (const auto known = find(word)) return *known;
  const WriteLock lock(mutex_);
  const std::uint32_t number = words_.add(word);
  assert(number != 0);  // a word of a schema is never so long
  return code_of(number);
}

std::optional<std::int32_t> Dictionary::find(std::string_view word) const {
  const ReadLock lock(mutex_);
  const std::uint32_t number = words_.find(word);
  return number == 0 ? std::nullopt : std::optional(code_of(number));
}

std::string_view Dictionary::word(std::int32_t code) const {
  const ReadLock lock(mutex_);
  return words_.at(static_cast<std::uint32_t>(code) + 1);
}

std::size_t Dictionary::size() const {
  const ReadLock lock(mutex_);
  return words_.size();
}

}  // namespace rankloop::ml
