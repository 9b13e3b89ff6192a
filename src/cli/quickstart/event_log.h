// A table of history as events: which of its rows name items of the catalog, and what they say.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/bad_rows.h"
#include "app/learn/event_lists.h"
#include "cli/quickstart/log_reader.h"
#include "domain/item_keys.h"
#include "infer/infer_domain.h"
#include "ml/catalog.h"

namespace rankloop::cli {

// How well the items of a log are those of a catalog.
struct ItemMatches {
  std::size_t rows = 0;
  std::size_t unknown = 0;            // name no item of the catalog
  std::vector<std::string> examples;  // of what they name, the first different ones
};

struct EventLog {
  ItemMatches items;
  std::vector<app::Event> events;  // sorted; the newest
  std::size_t unreadable = 0;      // rows that are none: no UTF-8, or too many or few cells
  std::size_t not_picked = 0;      // rows that say so, or rate below the mean
  std::size_t momentless = 0;      // rows without a moment that can be read, which are left out
  std::size_t older = 0;           // left out, for there are enough newer ones
  // Where rows are unreadable, name no item or have no moment, and why: the first app::kMostBadRows of them.
  std::vector<app::BadRow> bad;

  std::size_t bad_rows() const { return unreadable + items.unknown + momentless; }
};

// The items that can be named. Borrowed.
struct KnownItems {
  const ml::Catalog& catalog;
  const ItemKeys& keys;

  // The catalog's item that a cell names.
  std::optional<ItemId> find(std::string_view cell) const;
};

// kInvalidArgument: there is no such column; kAborted: a stop was requested.
Result<ItemMatches> match_items(const LogTable& table, const std::string& item_column,
                                const KnownItems& items, const LogWatch& watch);

// At most `most` events, which bounds the memory: twice as many are held. Moments without an offset count as
// UTC. Errors as match_items().
Result<EventLog> read_event_log(const LogTable& table, const infer::HistoryColumnNames& columns,
                                const KnownItems& items, std::size_t most, const LogWatch& watch);

// A moment as logs write it: of calendar.h, without an offset, a day alone, seconds or milliseconds since
// 1970.
std::optional<WallTime> moment_of_event(std::string_view cell);

}  // namespace rankloop::cli
