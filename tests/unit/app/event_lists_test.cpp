// Lists that are made of events.
#include "app/learn/event_lists.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<ItemId> items_up_to(std::int64_t count) {
  std::vector<ItemId> ids;
  for (std::int64_t id = 1; id <= count; ++id) ids.push_back({id});
  return ids;
}

std::optional<WallTime> second(int number) {
  return WallTime{std::chrono::seconds{1'700'000'000 + number}};
}

Event event(std::int64_t item, std::string person, std::optional<WallTime> at, std::size_t line,
            std::string order = {}) {
  return {.item = {item}, .person = std::move(person), .order = std::move(order), .at = at, .line = line};
}

struct Made {
  std::vector<ItemId> shown;
  std::vector<ItemId> picked;
  std::size_t line = 0;
  bool operator==(const Made&) const = default;
};

std::vector<Made> lists_of(std::vector<Event> events, std::int64_t catalog) {
  sort_events(events);
  std::vector<Made> made;
  const Status done = each_event_list(events, items_up_to(catalog), [&](const EventList& list) -> Status {
    made.push_back({list.shown, list.picked, list.first->line});
    return {};
  });
  EXPECT_TRUE(done);
  return made;
}

TEST(EventLists, StandsEachEventAmongOthersThatAreDrawn) {
  const auto made = lists_of({event(7, "ann", second(2), 3), event(9, "bob", second(1), 2)}, 100);
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_THAT(made[0].picked, ElementsAre(ItemId{9}));  // the oldest first
  EXPECT_THAT(made[1].picked, ElementsAre(ItemId{7}));
  for (const Made& list : made) {
    EXPECT_THAT(list.shown, SizeIs(kOthers + 1));
    EXPECT_EQ(std::set<ItemId>(list.shown.begin(), list.shown.end()).size(), kOthers + 1);
    EXPECT_EQ(std::count(list.shown.begin(), list.shown.end(), list.picked.front()), 1);
  }
  EXPECT_NE(made[0].shown, made[1].shown);
}

TEST(EventLists, DrawsTheSameForTheSameLog) {
  const std::vector<Event> events = {event(7, "ann", second(2), 3), event(9, "", std::nullopt, 2)};
  EXPECT_EQ(lists_of(events, 500), lists_of(events, 500));
}

TEST(EventLists, GathersWhatOnePersonPickedAtOneMomentAndWhatIsOfOneOrder) {
  const auto made = lists_of({event(1, "ann", second(1), 2), event(2, "ann", second(1), 3),
                              event(1, "ann", second(1), 4), event(3, "bob", second(1), 5),
                              event(4, "bob", second(2), 6, "o1"), event(5, "bob", second(9), 7, "o1")},
                             100);
  ASSERT_THAT(made, SizeIs(3));
  EXPECT_THAT(made[0].picked, ElementsAre(ItemId{1}, ItemId{2}));
  EXPECT_THAT(made[1].picked, ElementsAre(ItemId{3}));
  EXPECT_THAT(made[2].picked, ElementsAre(ItemId{4}, ItemId{5}));
}

TEST(EventLists, TakesEventsApartThatNothingHoldsTogether) {
  EXPECT_THAT(lists_of({event(1, "ann", std::nullopt, 2), event(2, "ann", std::nullopt, 3)}, 100), SizeIs(2));
  EXPECT_THAT(lists_of({event(1, "", second(1), 2), event(2, "", second(1), 3)}, 100), SizeIs(2));
}

TEST(EventLists, DrawsNothingThatThePersonPickedBeforeButWhatIsPickedLater) {
  std::vector<Event> events;
  for (int i = 0; i < 12; ++i)
    events.push_back(event(i + 1, "ann", second(i), static_cast<std::size_t>(i) + 2));
  const auto made = lists_of(events, 24);
  ASSERT_THAT(made, SizeIs(12));
  std::set<ItemId> before;
  bool shows_the_future = false;
  for (const Made& list : made) {
    for (const ItemId id : list.shown) {
      EXPECT_FALSE(before.contains(id)) << id.value;
      shows_the_future |= id.value <= 12 && id != list.picked.front();
    }
    before.insert(list.picked.front());
  }
  EXPECT_TRUE(shows_the_future);
}

TEST(EventLists, PutsThePickAnywhere) {
  std::map<std::size_t, int> places;
  std::vector<Event> events;
  for (int i = 0; i < 2'000; ++i)
    events.push_back(event(5, "", std::nullopt, static_cast<std::size_t>(i) + 2));
  for (const Made& list : lists_of(events, 1'000))
    ++places[static_cast<std::size_t>(std::find(list.shown.begin(), list.shown.end(), ItemId{5}) -
                                      list.shown.begin())];
  ASSERT_THAT(places, SizeIs(kOthers + 1));
  for (const auto& [place, count] : places) EXPECT_NEAR(count, 100, 50) << place;
}

TEST(EventLists, LeavesOutWhereThereIsNothingElseToPick) {
  EXPECT_THAT(lists_of({event(1, "ann", second(1), 2)}, 1), IsEmpty());
  EXPECT_THAT(lists_of({event(1, "ann", second(1), 2), event(2, "ann", second(2), 3)}, 2), SizeIs(1));
  EXPECT_THAT(lists_of({}, 0), IsEmpty());
}

TEST(EventLists, IsALineOfHistory) {
  const Event first = event(7, "a\"nn", second(0), 12);
  const EventList list{&first, {{3}, {7}}, {{7}}};
  const auto line = boost::json::parse(history_line(list));
  EXPECT_EQ(line, boost::json::parse(R"({"id":"log:12","request":{},"shown":[3,7],"picked":[7],)"
                                     R"("user_key":"a\"nn","at":"2023-11-14T22:13:20.000Z"})"));
  const Event nobody = event(7, "", std::nullopt, 2);
  EXPECT_EQ(boost::json::parse(history_line({&nobody, {{7}}, {{7}}})),
            boost::json::parse(R"({"id":"log:2","request":{},"shown":[7],"picked":[7]})"));
}

}  // namespace
}  // namespace rankloop::app
