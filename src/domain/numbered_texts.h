// Texts, each with a number: 1, 2, 3 ... in the order in which they came, and both found by the other. Only
// ever appended to. Compact: besides its own bytes a text takes 10 bytes, and 11 to 22 in the hash table.
//
// Used by one thread, or by many while nobody appends. What at() gave stays where it is to the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace rankloop {

class NumberedTexts {
 public:
  static constexpr std::size_t kLongest = 65'535;                  // bytes of a text
  static constexpr std::uint32_t kMost = 0xffff'ffff;              // texts
  using Hash = std::uint64_t (*)(std::string_view text) noexcept;  // another one is for tests of collisions

  explicit NumberedTexts(Hash hash = keyed) : hash_(hash) {}

  std::uint32_t find(std::string_view text) const;  // 0: it is not there
  // The number of a text, which is appended unless it is there. 0: it is too long, or there are kMost.
  std::uint32_t add(std::string_view text);
  std::string_view at(std::uint32_t number) const;  // from 1 to size()
  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }

 private:
  static std::uint64_t keyed(std::string_view text) noexcept;

  std::size_t slot_of(std::string_view text, std::uint64_t hash) const;
  void grow();
  const char* keep(std::string_view text);

  Hash hash_;
  // Open addressing, linear probing; a power of two. Of each text the upper half of its hash, then its
  // number; 0 is free.
  std::vector<std::uint64_t> slots_;
  std::vector<const char*> texts_;               // by number - 1: two bytes of length, then the text
  std::vector<std::unique_ptr<char[]>> blocks_;  // that these stand in
  char* free_ = nullptr;                         // the rest of the last block
  std::size_t left_ = 0;
};

}  // namespace rankloop
