// The hash of numbers that others choose, keyed by a secret of this process: nobody can send numbers that all
// fall into one bucket. Another process hashes otherwise, so nothing may depend on the order that it gives.
// Texts that others choose stand in ordered containers instead.
#pragma once

#include <cstddef>
#include <cstdint>

#include "domain/ids.h"

namespace rankloop {

std::size_t keyed_hash(std::uint64_t number) noexcept;

struct KeyedHash {
  std::size_t operator()(std::int64_t number) const noexcept {
    return keyed_hash(static_cast<std::uint64_t>(number));
  }
  template <class Tag>
  std::size_t operator()(Id<Tag> id) const noexcept {
    return (*this)(id.value);
  }
};

}  // namespace rankloop
