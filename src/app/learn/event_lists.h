// Lists to choose from, made of a log that says only what was picked.
//
// An event is a request by whoever it names; what was picked at one moment by one person, or in one order,
// is one request. Beside what was picked stand kOthers items of the catalog, drawn uniformly without those
// that the person had picked until then. (Leaving out what the person picks later would tell a model of the
// future which items never come.) The list is in a random order, so that a place in it means nothing. Draws
// are seeded by the event: the same log and catalog make the same lists.
//
// What such lists cannot tell: that somebody saw the others and did not want them, and how large the catalog
// was then. Items that are picked often are picked often here, whoever asks, so popularity is a strong rival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::app {

inline constexpr std::size_t kOthers = 19;      // beside what was picked
inline constexpr std::size_t kMostPicks = 100;  // of one request; what is more makes another

struct Event {
  ItemId item;
  std::string person;          // empty: nobody said
  std::string order;           // names what belongs together, as an order or a session; empty: nothing does
  std::optional<WallTime> at;  // empty: nobody said
  std::size_t line = 0;        // of the log, from 1
  double value = 1;            // a rating or a count
};

struct EventList {
  const Event* first = nullptr;  // the oldest of its events
  std::vector<ItemId> shown;
  std::vector<ItemId> picked;
};

// Sorts the events: the oldest first, those of one moment as the log has them.
void sort_events(std::vector<Event>& events);

// Calls `take` with one list after another, the oldest first; `events` are sorted, `catalog` is what can be
// drawn, ascending. A person who has picked all there is makes no list. Answers what `take` refuses.
Status each_event_list(std::span<const Event> events, std::span<const ItemId> catalog,
                       const std::function<Status(const EventList&)>& take);

// The list as a line of history (history.h).
std::string history_line(const EventList& list);

}  // namespace rankloop::app
