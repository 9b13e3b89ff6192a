// The order of what happened where several processes write to one PostgreSQL.
#include <atomic>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/storage/history_contract.h"
#include "storage/move_store.h"
#include "storage/queries.h"
#include "support/postgres_server.h"

namespace rankloop::storage {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class PostgresHistory : public HistoryContract {
 protected:
  std::unique_ptr<Store> another() {
    auto opened = open_store(place_->url(), options_, clock_, deaf_);
    EXPECT_TRUE(opened) << opened.error().message << " " << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  PostgresServer& server() { return PostgresServer::instance(); }
  std::string database() const { return PostgresServer::database_of(place_->url()); }
  std::string plan_of(const std::string& name, const std::string& parameters) {
    const Queries queries{"postgres"};
    const std::string sql{queries.text(name)};
    std::string plan;
    for (const std::string& line : server().execute(
             database(), std::string(queries.text("set_up")) + "PREPARE asked AS " +
                             sql.substr(0, sql.rfind(';')) + "; EXPLAIN EXECUTE asked" + parameters)) {
      plan += line + "\n";
    }
    return plan;
  }

  RecordingListener deaf_;
};
INSTANTIATE_TEST_SUITE_P(Stores, PostgresHistory, testing::Values(store_factory("Postgres")),
                         [](const auto& info) { return info.param.name; });

// Each process counts what it has written; a third one follows, and asks at once for what comes next. All
// kinds of writes, in batches with others beside them.
TEST_P(PostgresHistory, LetsWhoFollowsManyProcessesMissNothing) {
  constexpr int kJourneys = 150;
  constexpr int kHappenings = 2 * kJourneys * 3;
  const std::unique_ptr<Store> other = another();
  const std::unique_ptr<Store> reader = another();
  std::vector<Request> requests;
  for (int i = 0; i < 2 * kJourneys; ++i) requests.push_back(asked("ann"));
  std::atomic<int> refused = 0;
  std::atomic<int> open = kHappenings;
  const auto settle = [&](const auto& outcome) {
    if (!outcome) ++refused;
    --open;
  };
  const auto write = [&](Store& store, int first) {
    for (int i = first; i < first + kJourneys; ++i) {
      const Request& made = requests[static_cast<std::size_t>(i)];
      store.record_exposure({made.second, 1, clock_.wall(), ExposureSource::kResults}, settle);
      NewFeedback pick{made.first, made.second, ItemId{100}, 1, kPickKind, 1, 1, clock_.wall()};
      store.record_feedback(pick, std::nullopt, settle);
      NewPersonEvent event{PersonKey{"ann"}, ItemId{i + 1}, "buy", 1, clock_.wall(), clock_.wall()};
      store.record_person_event(event, settle);
      if (i % 7 == 0) std::this_thread::sleep_for(3ms);
    }
  };
  std::thread here([&] { write(*store_, 0); });
  std::thread there([&] { write(*other, kJourneys); });
  std::vector<Happening> seen;
  for (bool last = false; !last;) {
    last = open == 0;
    for (const Happening& one : happenings_of(*reader, seen.empty() ? 0 : seen.back().position))
      seen.push_back(one);
  }
  here.join();
  there.join();
  EXPECT_EQ(refused, 0);
  EXPECT_THAT(seen, SizeIs(kHappenings));
  EXPECT_TRUE(ascend(seen));
  EXPECT_EQ(seen, happenings());
}

TEST_P(PostgresHistory, HearsWhatOthersWrote) {
  const std::unique_ptr<Store> other = another();
  ASSERT_TRUE(tell_elsewhere("ann"));
  const std::int64_t written = store_->history_position();
  EXPECT_GT(written, 0);
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (other->history_position() < written && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(other->history_position(), written);
}

// A batch that waits for the order holds nothing that whoever has it may want.
TEST_P(PostgresHistory, TakesTheLockOfPositionsBeforeThatOfNumbers) {
  const std::unique_ptr<Store> other = another();
  std::atomic<int> open = 0;
  std::atomic<int> refused = 0;
  const auto settle = [&](const auto& outcome) {
    if (!outcome) ++refused;
    --open;
  };
  const auto write = [&](Store& store, std::vector<NewInference> starts,
                         std::vector<ImportedRequest> imports) {
    for (std::size_t i = 0; i < starts.size(); ++i) {
      open += 3;
      store.start_inference(std::move(starts[i]), std::nullopt, settle);
      NewPersonEvent event{PersonKey{"ann"}, ItemId{1}, "buy", 1, clock_.wall(), clock_.wall()};
      store.record_person_event(event, settle);
      store.import_requests({std::move(imports[i])}, 1, settle);
    }
  };
  const auto starts = [&] {
    std::vector<NewInference> made;
    for (int i = 0; i < 100; ++i) made.push_back(request());
    return made;
  };
  const auto imports = [&] {
    std::vector<ImportedRequest> made;
    for (int i = 0; i < 100; ++i) made.push_back(imported("bob", {1, 2}, {}));
    return made;
  };
  std::thread here(write, std::ref(*store_), starts(), imports());
  std::thread there(write, std::ref(*other), starts(), imports());
  here.join();
  there.join();
  while (open > 0) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(refused, 0);
  EXPECT_THAT(happenings(), SizeIs(400));
  EXPECT_TRUE(ascend(happenings()));
  EXPECT_EQ(server().execute(database(),
                             "SELECT deadlocks FROM pg_stat_database WHERE datname = '" + database() + "'"),
            std::vector<std::string>{"0"});
}

// To another kind of store and back, and each goes on behind what came.
TEST_P(PostgresHistory, IsMovedWithItsPositions) {
  ASSERT_TRUE(pick(shown("ann")));
  ASSERT_TRUE(tell_elsewhere("bob"));
  std::vector<Happening> all = happenings();
  ASSERT_THAT(all, SizeIs(3));
  const auto file = store_factory("Sqlite").make();
  const auto back = store_factory("Postgres").make();
  std::string url = place_->url();
  for (StorePlace* next : {file.get(), back.get()}) {
    store_.reset();
    const auto from = open_tables_to_read(url);
    const auto to = open_tables_to_write(next->url());
    ASSERT_TRUE(from && to);
    const auto moved = move_store(**from, **to, {});
    ASSERT_TRUE(moved) << moved.error().message;
    url = next->url();
    auto opened = open_store(url, options_, clock_, listener_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
    EXPECT_EQ(happenings(), all);
    EXPECT_EQ(store_->history_position(), all.back().position);
    ASSERT_TRUE(tell_elsewhere("cem"));
    const std::vector<Happening> later = happenings(all.back().position);
    EXPECT_THAT(told(later), ElementsAre("cem buy 7 at 0"));
    all.push_back(later.at(0));
  }
  store_.reset();
}

// However long the history, and however small it was when the plan was made.
TEST_P(PostgresHistory, WalksAlongTheOrderAndNeverSorts) {
  const auto expect_walk = [&] {
    const std::string plan = plan_of("happenings", "(0, 1)");
    EXPECT_THAT(plan, HasSubstr("Merge Append")) << plan;
    for (const char* index : {"exposures_by_position", "feedback_by_position", "person_events_by_position"})
      EXPECT_THAT(plan, HasSubstr(std::string("Index Scan using ") + index)) << plan;
    // The keys of what is merged; below that, nothing is sorted.
    EXPECT_THAT(plan, Not(testing::ContainsRegex("->  (Incremental )?Sort"))) << plan;
    EXPECT_THAT(plan, Not(testing::ContainsRegex("Seq Scan|Hash Join"))) << plan;
    const std::string greatest = plan_of("last_position", "");
    EXPECT_THAT(greatest, HasSubstr("exposures_by_position")) << greatest;
    EXPECT_THAT(greatest, HasSubstr("Limit")) << greatest;
    const std::string of_person = plan_of("happenings_of", "('ann', 1)");
    EXPECT_THAT(of_person, HasSubstr("users_by_person")) << of_person;
    EXPECT_THAT(of_person, HasSubstr("exposures_pkey")) << of_person;
    EXPECT_THAT(of_person, HasSubstr("feedback_pkey")) << of_person;
    EXPECT_THAT(of_person, HasSubstr("person_events_by_person")) << of_person;
    EXPECT_THAT(of_person, Not(testing::ContainsRegex("Seq Scan|Hash Join|Merge Join"))) << of_person;
  };
  expect_walk();
  server().execute(database(), R"(
INSERT INTO users SELECT n, 0, 1, 'p' || n % 2000, '{}' FROM generate_series(1, 20000) AS n;
INSERT INTO inferences SELECT n, gen_random_uuid(), n, 0, 1, 1 FROM generate_series(1, 20000) AS n;
INSERT INTO rankings SELECT n, 1, 1, 0, 1, 1, 1, '' FROM generate_series(1, 20000) AS n;
INSERT INTO exposures SELECT n, 1, 1, 0, 1, 3 * n FROM generate_series(1, 20000) AS n;
INSERT INTO feedback (inference_id, n, item, rank, kind, value, weight, at, position)
SELECT n, 1, 1, 1, 'pick', 1, 1, 0, 3 * n + 1 FROM generate_series(1, 20000) AS n;
INSERT INTO person_events (user_key, item, kind, value, at, received, position)
SELECT 'p' || n % 2000, 1, 'buy', 1, 0, 0, 3 * n + 2 FROM generate_series(1, 20000) AS n;
ANALYZE;)");
  expect_walk();
}

}  // namespace
}  // namespace rankloop::storage
