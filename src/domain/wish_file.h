// Wishes as a domain file writes them; those of requests are read by the same code: wish_json.h.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "domain/cross_file.h"
#include "domain/domain.h"
#include "domain/toml_table.h"
#include "domain/wish.h"

namespace rankloop {

inline constexpr std::size_t kMostWishes = 64;            // of a domain
inline constexpr std::size_t kMostWishBytes = 16 * 1024;  // likewise, of all as a ranking keeps them

// One table, but for its columns; none, with faults at their places, when something is wrong with it.
std::optional<Wish> read_wish(TomlTable& table, const Sides& sides, std::span<const FeedbackRule> kinds);

// The [[wish]] tables that are sound, but for their columns; with faults at their places for the others.
std::vector<Wish> read_wish_tables(std::vector<TomlTable> tables, const Sides& sides,
                                   std::span<const FeedbackRule> kinds, FileFaults& faults);

// Gives it its columns in these schemas.
void place(Wish& wish, const Schema& requests, const Schema& items);

}  // namespace rankloop
