// The hash of what others choose, keyed by a secret of this process: nobody can send numbers or texts that
// all fall into one bucket. Another process hashes otherwise, so nothing may depend on the order that it
// gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domain/ids.h"

namespace rankloop {

std::size_t keyed_hash(std::uint64_t number) noexcept;
std::size_t keyed_hash(std::string_view text) noexcept;

struct KeyedHash {
  std::size_t operator()(std::int64_t number) const noexcept {
    return keyed_hash(static_cast<std::uint64_t>(number));
  }
  std::size_t operator()(std::uint64_t number) const noexcept { return keyed_hash(number); }
  template <class Tag>
  std::size_t operator()(Id<Tag> id) const noexcept {
    return (*this)(id.value);
  }
};

}  // namespace rankloop
