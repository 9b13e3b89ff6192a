// Strong ids. A TaskId is a UUIDv7 (RFC 9562): sortable by time; it is stored big-endian so that new rows
// append to the right edge of the primary key.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rankloop {

// The person who asks, by a key of the caller's own; empty when it was not said.
using PersonKey = std::string;

// One integer id type per concept, so that an item's number cannot be passed for a user's.
template <class Tag>
struct Id {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Id&) const = default;
};

// A whole number that the catalog's owner gives or that is counted from 1; where the owner's ids are texts,
// the number that stands for one (domain/item_keys.h).
using ItemId = Id<struct ItemTag>;
using RequestId =
    Id<struct RequestTag>;  // one per stored request (a user of the default API), from 1 without gaps
using InferenceId = Id<struct InferenceTag>;    // the inference number, counted from 1
using ModelId = Id<struct ModelTag>;            // counted from 1
using ExperimentId = Id<struct ExperimentTag>;  // counted from 1
using ArmId = Id<struct ArmTag>;                // of an arm of any experiment, counted from 1; 0: of none
using ResultId = Id<struct ResultTag>;          // inference number x 65,536 + rank (1-based); fits in 2^53

// What the catalog's owner names items by.
enum class ItemIdType { kNumber, kText };

inline constexpr std::int64_t kRanksPerInference = 65'536;
inline constexpr int kMaxRank = 65'535;

constexpr ResultId result_id(InferenceId inference, int rank) {
  return {inference.value * kRanksPerInference + rank};
}
constexpr InferenceId inference_of(ResultId id) {
  return {id.value / kRanksPerInference};
}
constexpr int rank_of(ResultId id) {
  return static_cast<int>(id.value % kRanksPerInference);
}

struct TaskId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const TaskId&) const = default;

  // The canonical lower-case form, 36 characters.
  std::string to_string() const;
  // Accepts the canonical form in either case; anything else is no id (and so an unknown task).
  static std::optional<TaskId> parse(std::string_view text);
  // A new id: 48 bits of milliseconds since the epoch, then version, variant and 74 given random bits.
  static TaskId make(std::int64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low);
  // The milliseconds since the epoch that make() was given.
  std::int64_t unix_ms() const;
  // A seed that depends on the id alone: the same task always draws the same random numbers.
  std::uint64_t seed() const;
};

}  // namespace rankloop

template <class Tag>
struct std::hash<rankloop::Id<Tag>> {
  std::size_t operator()(rankloop::Id<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};
template <>
struct std::hash<rankloop::TaskId> {
  std::size_t operator()(const rankloop::TaskId& id) const noexcept {
    return static_cast<std::size_t>(id.seed());
  }
};
