// Counts of events, and when they reach the store.
#include "app/serve/event_counts.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventCountsTest : public UseCaseFixture {
 protected:
  EventCountsTest() { options_.max_waiting_writes = 4; }

  // Until everything that was queued before is committed; a line that is still full is tried again.
  void drain() {
    ASSERT_TRUE(reached(
        [&] { return written<void>([&](auto done) { store_->count_events({}, std::move(done)); }).ok(); }));
  }
  // "KIND:COUNT" of every minute, in order of time.
  std::vector<std::string> stored() {
    drain();
    sqlite3* database = nullptr;
    const std::string file = (folder_.path() / "rankloop.db").string();
    EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    std::vector<std::string> rows;
    const auto add = [](void* into, int, char** cells, char**) {
      static_cast<std::vector<std::string>*>(into)->push_back(std::string{cells[0]} + ":" + cells[1]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, "SELECT kind, count FROM event_counts ORDER BY minute, kind", add, &rows,
                           nullptr),
              SQLITE_OK);
    sqlite3_close(database);
    return rows;
  }
};

TEST_F(EventCountsTest, AddUpPerMinute) {
  EventCounts events{*store_, clock_};
  events.status();
  events.status();
  events.results();
  EXPECT_THAT(stored(), IsEmpty());
  events.flush();
  EXPECT_THAT(stored(), ElementsAre("results:1", "status:2"));
  events.status();
  events.flush();
  EXPECT_THAT(stored(), ElementsAre("results:1", "status:3"));
  clock_.advance(std::chrono::minutes{1});
  events.status();
  events.flush();
  EXPECT_THAT(stored(), ElementsAre("results:1", "status:3", "status:1"));
}

TEST_F(EventCountsTest, WriteNothingWhenNothingHappened) {
  EventCounts events{*store_, clock_};
  events.flush();
  EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(EventCountsTest, KeepWhatTheStoreCouldNotTake) {
  EventCounts events{*store_, clock_};
  // The writer stands still inside this write, so that the line behind it fills up.
  std::promise<void> entered;
  std::promise<void> go_on;
  storage::NewInference request;
  request.task = TaskId::make(1, 2, 3);
  request.payload = R"({"age":30})";
  request.domain_version = 1;
  request.at = clock_.wall();
  const storage::RecordedAnswer<storage::StartedInference> keep{
      "key", "fingerprint", [&](const Result<storage::StartedInference>&) {
        entered.set_value();
        go_on.get_future().wait();
        return std::optional<storage::KeptAnswer>{};
      }};
  store_->start_inference(std::move(request), keep, [](const Result<storage::StartedInference>&) {});
  entered.get_future().wait();
  const auto refused = std::make_shared<std::atomic<bool>>(false);
  for (int i = 0; i < 100 && !*refused; ++i) {
    store_->count_events({}, [refused](const Status& outcome) {
      if (!outcome) *refused = true;
    });
  }
  ASSERT_TRUE(*refused);
  events.status();
  events.results();
  events.flush();
  go_on.set_value();
  EXPECT_THAT(stored(), IsEmpty());
  events.status();
  events.flush();
  EXPECT_THAT(stored(), ElementsAre("results:1", "status:2"));
}

}  // namespace
}  // namespace rankloop::app
