// A hash table of numbers over blocks of texts.
#include "domain/numbered_texts.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "domain/keyed_hash.h"

namespace rankloop {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
constexpr std::size_t kFewestSlots = 64;
constexpr std::uint64_t kNumber = 0xffff'ffff;  // of a slot: its lower half

// So many of four slots are taken at most.
constexpr std::size_t kTaken = 3;

std::uint64_t slot_with(std::uint64_t hash, std::uint32_t number) {
  return (hash & ~kNumber) | number;
}

}  // namespace

std::uint64_t NumberedTexts::keyed(std::string_view text) noexcept {
  return keyed_hash(text);
}

// Where the text stands, or the free slot where it would. The upper half of the hash also says where a search
// begins: the slots keep it, so a larger table needs no text to be read again.
std::size_t NumberedTexts::slot_of(std::string_view text, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = (hash >> 32) & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const bool alike = (slots_[slot] & ~kNumber) == (hash & ~kNumber);
    if (alike && at(static_cast<std::uint32_t>(slots_[slot] & kNumber)) == text) break;
  }
  return slot;
}

std::uint32_t NumberedTexts::find(std::string_view text) const {
  if (slots_.empty()) return 0;
  return static_cast<std::uint32_t>(slots_[slot_of(text, hash_(text))] & kNumber);
}

std::uint32_t NumberedTexts::add(std::string_view text) {
  if (4 * (texts_.size() + 1) > kTaken * slots_.size()) grow();
  const std::uint64_t hash = hash_(text);
  std::uint64_t& slot = slots_[slot_of(text, hash)];
  if (slot != 0) return static_cast<std::uint32_t>(slot & kNumber);
  if (text.size() > kLongest || texts_.size() == kMost) return 0;
  texts_.push_back(keep(text));
  slot = slot_with(hash, size());
  return size();
}

std::string_view NumberedTexts::at(std::uint32_t number) const {
  const char* const stored = texts_[number - 1];
  std::uint16_t length = 0;
  std::memcpy(&length, stored, sizeof length);
  return {stored + sizeof length, length};
}

void NumberedTexts::grow() {
  std::vector<std::uint64_t> larger(std::max(kFewestSlots, 2 * slots_.size()));
  const std::size_t mask = larger.size() - 1;
  for (const std::uint64_t slot : slots_) {
    if (slot == 0) continue;
    std::size_t at = (slot >> 32) & mask;
    while (larger[at] != 0) at = (at + 1) & mask;
    larger[at] = slot;
  }
  slots_ = std::move(larger);
}

const char* NumberedTexts::keep(std::string_view text) {
  const auto length = static_cast<std::uint16_t>(text.size());
  if (left_ < sizeof length + length) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
    free_ = blocks_.back().get();
    left_ = kBlockBytes;
  }
  char* const stored = free_;
  std::memcpy(stored, &length, sizeof length);
  std::copy(text.begin(), text.end(), stored + sizeof length);
  free_ += sizeof length + length;
  left_ -= sizeof length + length;
  return stored;
}

}  // namespace rankloop
