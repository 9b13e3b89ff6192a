// Gathers events into requests and draws what could have been picked instead.
#include "app/learn/event_lists.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "domain/keyed_hash.h"
#include "domain/strict_json.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

using Items = std::unordered_set<ItemId, KeyedHash>;

// What the events of one request have in common; empty where nothing says that others belong to it.
std::string key_of(const Event& event) {
  if (!event.order.empty()) return "o" + event.order;
  if (event.person.empty() || !event.at) return {};
  return "p" + std::to_string(event.at->time_since_epoch().count()) + ' ' + event.person;
}

// The requests in the order of their oldest events.
std::vector<EventList> gather(std::span<const Event> events) {
  std::vector<EventList> lists;
  std::map<std::string, std::size_t> open;
  for (const Event& event : events) {
    const std::string key = key_of(event);
    const auto found = key.empty() ? open.end() : open.find(key);
    const bool fits = found != open.end() && lists[found->second].picked.size() < kMostPicks;
    if (!fits) {
      if (!key.empty()) open[key] = lists.size();
      lists.push_back({.first = &event, .shown = {}, .picked = {}});
    }
    std::vector<ItemId>& picked = fits ? lists[found->second].picked : lists.back().picked;
    if (std::find(picked.begin(), picked.end(), event.item) == picked.end()) picked.push_back(event.item);
  }
  return lists;
}

// Draws into the list; fewer than kOthers where the catalog has hardly more than what is not to be drawn.
void draw_others(EventList& list, std::span<const ItemId> catalog, const Items& known,
                 ml::RandomNumbers& random) {
  constexpr std::size_t kTries = 20 * kOthers;
  Items taken{list.picked.begin(), list.picked.end()};
  std::size_t others = 0;
  for (std::size_t i = 0; i < kTries && others < kOthers; ++i) {
    const ItemId drawn = catalog[random.below(static_cast<std::uint32_t>(catalog.size()))];
    if (known.contains(drawn) || !taken.insert(drawn).second) continue;
    list.shown.push_back(drawn);
    ++others;
  }
}

void shuffle(std::vector<ItemId>& items, ml::RandomNumbers& random) {
  for (std::size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.below(static_cast<std::uint32_t>(i))]);
}

}  // namespace

void sort_events(std::vector<Event>& events) {
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
}

Status each_event_list(std::span<const Event> events, std::span<const ItemId> catalog,
                       const std::function<Status(const EventList&)>& take) {
  static const Items kNothing;
  if (catalog.empty()) return {};
  std::map<std::string_view, Items> picked;  // by person, until now
  for (EventList& list : gather(events)) {
    Items* known = list.first->person.empty() ? nullptr : &picked[list.first->person];
    ml::RandomNumbers random(ml::mix_bits(list.first->line));
    draw_others(list, catalog, known == nullptr ? kNothing : *known, random);
    const bool has_others = !list.shown.empty();
    list.shown.insert(list.shown.end(), list.picked.begin(), list.picked.end());
    shuffle(list.shown, random);
    if (known != nullptr) known->insert(list.picked.begin(), list.picked.end());
    if (!has_others) continue;
    if (Status taken = take(list); !taken) return taken;
  }
  return {};
}

std::string history_line(const EventList& list) {
  const auto add_ids = [](std::string& line, const std::vector<ItemId>& items) {
    for (const ItemId item : items) {
      if (line.back() != '[') line += ',';
      line += std::to_string(item.value);
    }
  };
  std::string line = R"({"id":"log:)" + std::to_string(list.first->line) + R"(","request":{},"shown":[)";
  add_ids(line, list.shown);
  line += R"(],"picked":[)";
  add_ids(line, list.picked);
  line += ']';
  if (!list.first->person.empty()) {
    line += R"(,"user_key":)";
    append_json_string(line, list.first->person);
  }
  if (list.first->at) line += R"(,"at":")" + to_iso8601(*list.first->at) + '"';
  return line + '}';
}

}  // namespace rankloop::app
