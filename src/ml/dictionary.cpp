// Words as numbers.
#include "ml/dictionary.h"

namespace rankloop::ml {

std::int32_t Dictionary::add(std::string_view word) {
  if (const auto known = find(word)) return *known;
  const WriteLock lock(mutex_);
  const auto [at, added] = codes_.try_emplace(std::string{word}, static_cast<std::int32_t>(words_.size()));
  if (added) words_.push_back(at->first);
  return at->second;
}

std::optional<std::int32_t> Dictionary::find(std::string_view word) const {
  const ReadLock lock(mutex_);
  const auto found = codes_.find(word);
  return found == codes_.end() ? std::nullopt : std::optional(found->second);
}

std::string_view Dictionary::word(std::int32_t code) const {
  const ReadLock lock(mutex_);
  return words_[static_cast<std::size_t>(code)];
}

std::size_t Dictionary::size() const {
  const ReadLock lock(mutex_);
  return words_.size();
}

}  // namespace rankloop::ml
