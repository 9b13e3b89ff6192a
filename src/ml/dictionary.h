// Words as numbers: what stands for them in columns of codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/numbered_texts.h"
#include "sync/mutex.h"

namespace rankloop::ml {

// Gives each word a number, 0, 1, 2 ..., that it keeps. Grows only: the words of a catalog, or of a dataset,
// each of fewer than NumberedTexts::kLongest bytes, as every schema has them.
// Thread-safe; words stay where they are, so views of them live as long as the dictionary.
class Dictionary {
 public:
  std::int32_t add(std::string_view word);
  std::optional<std::int32_t> find(std::string_view word) const;
  // Of a number that it gave.
  std::string_view word(std::int32_t code) const;
  std::size_t size() const;

 private:
  NumberedTexts words_ GUARDED_BY(mutex_);
  mutable SharedMutex mutex_;
};

}  // namespace rankloop::ml
