// Finds a name's number without allocating: an open hash table that is filled once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop {

// Immutable after the last add(); then safe from any thread.
class NameIndex {
 public:
  // Names get the numbers 0, 1, 2 ... in the order they come; of equal names the first one is found.
  void add(std::string name) {
    names_.push_back(std::move(name));
    if (names_.size() * 2 > slots_.size()) {
      slots_.assign(names_.size() * 4, kFree);
      for (std::size_t i = 0; i < names_.size(); ++i) place(i);
    } else {
      place(names_.size() - 1);
    }
  }

  std::optional<std::size_t> find(std::string_view name) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t at = hash(name) % slots_.size(); slots_[at] != kFree; at = next(at)) {
      if (names_[slots_[at]] == name) return slots_[at];
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  // FNV-1a.
  static std::size_t hash(std::string_view name) {
    std::uint64_t h = 0xcbf29ce484222325U;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return h ^ (h >> 32);
  }
  std::size_t next(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  void place(std::size_t number) {
    std::size_t at = hash(names_[number]) % slots_.size();
    while (slots_[at] != kFree) at = next(at);
    slots_[at] = static_cast<std::uint32_t>(number);
  }

  std::vector<std::string> names_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace rankloop
