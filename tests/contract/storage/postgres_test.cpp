// What is particular to PostgreSQL: several processes on one store, connections that are lost, refused
// databases.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"
#include "storage/migrate.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/hints.h"
#include "storage/postgres/low_water_mark.h"
#include "support/checkout.h"
#include "support/postgres_server.h"
#include "support/rehearsal.h"
#include "sync/mutex.h"

namespace rankloop::storage {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Lets a test wait until it has heard something.
class WaitingListener final : public StoreListener {
 public:
  void task_ready(TaskKind, const TaskId& id) noexcept override {
    hear([&] { ready_.insert(id); });
  }
  void task_changed(const TaskId& id, TaskState state) noexcept override {
    hear([&] { changed_.insert({id, state}); });
  }
  void catalog_changed(std::int64_t version) noexcept override {
    hear([&] { catalog_ = version; });
  }
  void registry_changed(std::int64_t version) noexcept override {
    hear([&] { registry_ = version; });
  }

  bool wait_ready(const TaskId& id) {
    return wait([&] { return ready_.contains(id); });
  }
  bool wait_changed(const TaskId& id, TaskState state) {
    return wait([&] { return changed_.contains({id, state}); });
  }
  bool wait_versions(std::int64_t catalog, std::int64_t registry) {
    return wait([&] { return catalog_ == catalog && registry_ == registry; });
  }

 private:
  template <class Change>
  void hear(const Change& change) {
    const Lock lock(mutex_);
    change();
    heard_.notify_all();
  }
  template <class Condition>
  bool wait(const Condition& condition) {
    Lock lock(mutex_);
    return heard_.wait_for(lock, 30s, condition);
  }

  Mutex mutex_;
  Condition heard_;
  // Guarded by mutex_.
  std::set<TaskId> ready_;
  std::set<std::pair<TaskId, TaskState>> changed_;
  std::int64_t catalog_ = 0;
  std::int64_t registry_ = 0;
};

class PostgresContract : public StoreContract {
 protected:
  // Another process on the same store.
  std::unique_ptr<Store> another(StoreListener& listener) {
    auto opened = open_store(place_->url(), options_, clock_, listener);
    EXPECT_TRUE(opened) << opened.error().message << " " << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  PostgresServer& server() { return PostgresServer::instance(); }
  std::string database() const { return PostgresServer::database_of(place_->url()); }
  const Queries queries_{"postgres"};

  void end_all_connections() {
    server().execute("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                     database() + "'");
  }
  // Until a condition holds that another thread or process brings about.
  template <class Condition>
  static bool becomes(const Condition& condition) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }
  // As soon as the store has connected again.
  Result<StartedInference> start_again() {
    Result<StartedInference> outcome = Error{};
    becomes([&] {
      outcome = start(request());
      return outcome.ok() || outcome.error().code != ErrorCode::kUnavailable;
    });
    return outcome;
  }
  // Whether a session of the store comes to wait for something of this kind ("Lock", "SyncRep").
  bool comes_to_wait_for(const std::string& event) {
    return becomes([&] {
      return !server()
                  .execute("postgres", "SELECT pid FROM pg_stat_activity WHERE datname = '" + database() +
                                           "' AND '" + event + "' IN (wait_event_type, wait_event)")
                  .empty();
    });
  }
  static std::string rollback_of(int version) {
    const std::filesystem::path folder = in_checkout("db/rollbacks/postgres");
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (std::stoi(entry.path().filename().string()) != version) continue;
      std::ifstream file(entry.path());
      return {std::istreambuf_iterator<char>(file), {}};
    }
    ADD_FAILURE() << "no rollback of migration " << version;
    return "";
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, PostgresContract, testing::Values(store_factory("Postgres")),
                         [](const auto& made) { return made.param.name; });

TEST_P(PostgresContract, HandsATaskToOneOfManyProcesses) {
  RecordingListener deaf;
  const std::unique_ptr<Store> other = another(deaf);
  std::vector<TaskId> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(started());
  std::vector<TaskId> here;
  std::vector<TaskId> there;
  const auto take_all = [](Store& store, std::vector<TaskId>& taken) {
    for (;;) {
      const auto claimed = store.claim(TaskKind::kInference, {}, 3);
      ASSERT_TRUE(claimed);
      if (claimed->empty()) return;
      for (const ClaimedTask& task : *claimed) taken.push_back(task.lease.task);
    }
  };
  std::thread thread([&] { take_all(*other, there); });
  take_all(*store_, here);
  thread.join();
  std::vector<TaskId> all = here;
  all.insert(all.end(), there.begin(), there.end());
  EXPECT_THAT(all, testing::UnorderedElementsAreArray(ids));
}

TEST_P(PostgresContract, NumbersRequestsOfManyProcessesWithoutGaps) {
  RecordingListener deaf;
  const std::unique_ptr<Store> other = another(deaf);
  Mutex mutex;
  std::set<std::int64_t> numbers;
  std::vector<std::vector<NewInference>> requests(4);
  for (auto& part : requests) {
    for (int i = 0; i < 25; ++i) part.push_back(request());
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    threads.emplace_back([&, i] {
      Store& store = i % 2 == 0 ? *store_ : *other;
      for (const NewInference& made : requests[i]) {
        const auto outcome =
            await<StartedInference>([&](auto done) { store.start_inference(made, std::nullopt, done); });
        ASSERT_TRUE(outcome);
        const Lock lock(mutex);
        numbers.insert(outcome->inference.value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_THAT(numbers, SizeIs(100));
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), 100);
}

TEST_P(PostgresContract, TellsOtherProcessesWhatItDid) {
  WaitingListener listener;
  const std::unique_ptr<Store> other = another(listener);
  const TaskId id = started();
  EXPECT_TRUE(listener.wait_ready(id));
  ASSERT_TRUE(finish(claim(id)));
  EXPECT_TRUE(listener.wait_changed(id, TaskState::kSucceeded));
  EXPECT_TRUE(listener.wait_changed(id, TaskState::kRunning));
  ASSERT_TRUE(write_items({.version = 1, .items = {{ItemId{1}, "a"}}}));
  NewModel model;
  model.family = "mlp";
  ASSERT_TRUE(await<ModelId>([&](auto done) { store_->add_model(model, done); }));
  EXPECT_TRUE(listener.wait_versions(1, 1));
  EXPECT_EQ(other->catalog_version(), 1);
  EXPECT_EQ(other->registry_version(), 1);
}

TEST_P(PostgresContract, LetsOneOfTwoProcessesEndATask) {
  RecordingListener deaf;
  const std::unique_ptr<Store> other = another(deaf);
  const TaskId id = started();
  const Lease zombie = claim(id);
  clock_.advance(options_.lease + 1s);
  ASSERT_TRUE(other->sweep());
  const auto claimed = other->claim(TaskKind::kInference, {}, 1);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(code_of(finish(zombie)), ErrorCode::kAborted);
  const auto outcome = await<StartedInference>([&](auto done) {
    other->finish_inference(claimed->front().lease, ranking(), {}, clock_.wall(), done);
  });
  EXPECT_TRUE(outcome);
}

TEST_P(PostgresContract, KeepsOneAnswerOfTwoProcesses) {
  RecordingListener deaf;
  const std::unique_ptr<Store> other = another(deaf);
  const RecordedAnswer<StartedInference> keep{
      "k", "print", [](const auto&) { return std::optional(KeptAnswer{"print", 200, "", {}}); }};
  std::atomic<int> won{0};
  std::vector<NewInference> requests = {request(), request()};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      Store& store = i == 0 ? *store_ : *other;
      const auto outcome =
          await<StartedInference>([&](auto done) { store.start_inference(requests[i], keep, done); });
      if (outcome) {
        ++won;
      } else {
        EXPECT_EQ(outcome.error().code, ErrorCode::kAlreadyExists);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_P(PostgresContract, DoesNotMixThePartsOfTwoCatalogs) {
  RecordingListener deaf;
  const std::unique_ptr<Store> other = another(deaf);
  ASSERT_TRUE(write_items({.version = 1, .items = {{ItemId{1}, "mine"}}, .last = false}));
  const auto write_there = [&](CatalogWrite part) {
    return await<std::int64_t>([&](auto done) { other->write_items(std::move(part), std::nullopt, done); });
  };
  ASSERT_TRUE(write_there({.version = 1, .items = {{ItemId{2}, "theirs"}}, .last = false}));
  EXPECT_EQ(code_of(write_items({.version = 1, .items = {{ItemId{3}, "mine"}}, .first = false})),
            ErrorCode::kAborted);
  ASSERT_TRUE(write_there({.version = 1, .items = {{ItemId{4}, "theirs"}}, .first = false}));
  std::vector<std::int64_t> ids;
  ASSERT_TRUE(store_->each_item([&](const ItemRecord& item) { ids.push_back(item.id.value); }));
  EXPECT_THAT(ids, ElementsAre(2, 4));
}

TEST_P(PostgresContract, GoesOnAfterAllConnectionsWereLost) {
  const TaskId before = started();
  WaitingListener listener;
  const std::unique_ptr<Store> other = another(listener);
  end_all_connections();
  const auto again = start_again();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(store_->counts().inferences, again->inference.value);
  EXPECT_TRUE(becomes([&] { return store_->task(before).ok(); }));
  EXPECT_TRUE(store_->ping());
  // The other one listens again, or hears of it when it looks.
  ASSERT_TRUE(write_items({.version = 1, .items = {{ItemId{1}, "a"}}}));
  EXPECT_TRUE(listener.wait_versions(1, 0));
}

TEST_P(PostgresContract, AnswersWritesWhileTheDatabaseIsAway) {
  const TaskId before = started();
  server().execute("postgres", "ALTER DATABASE " + database() + " ALLOW_CONNECTIONS false");
  end_all_connections();
  const NewInference lost = request();
  EXPECT_EQ(code_of(start(lost)), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(start(request())), ErrorCode::kUnavailable);
  EXPECT_FALSE(store_->ping());
  server().execute("postgres", "ALTER DATABASE " + database() + " ALLOW_CONNECTIONS true");
  const auto again = start_again();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->inference.value, 2);
  EXPECT_EQ(code_of(store_->task(lost.task)), ErrorCode::kNotFound);
  EXPECT_TRUE(store_->task(before));
}

TEST_P(PostgresContract, GoesOnAfterTheServerWasRestarted) {
  const TaskId before = started();
  const Lease lease = claim(before);
  WaitingListener listener;
  const std::unique_ptr<Store> other = another(listener);
  server().restart();
  const auto again = start_again();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(becomes([&] { return store_->heartbeat(lease, "").ok(); }));
  ASSERT_TRUE(finish(lease));
  EXPECT_TRUE(becomes([&] { return other->counts().inferences == again->inference.value; }));
  EXPECT_TRUE(becomes([&] { return store_->task(before).ok(); }));
  EXPECT_EQ(store_->task(before)->state, TaskState::kSucceeded);
}

// Whoever comes first after the database was away while nobody asked is answered like everyone else.
TEST_P(PostgresContract, ReplacesConnectionsThatWereClosedWhileTheyLayIdle) {
  const TaskId id = started();
  ASSERT_TRUE(store_->task(id));
  // One that is being made would end as one that could not be made, and the store would rest before the next.
  const std::string all = "SELECT pid FROM pg_stat_activity WHERE datname = '" + database() + "' ";
  std::vector<std::string> pids;
  int looks_without_change = 0;
  ASSERT_TRUE(becomes([&] {
    auto settled = server().execute("postgres", all + "AND state = 'idle' AND query <> '' ORDER BY pid");
    const bool same = settled == pids && settled == server().execute("postgres", all + "ORDER BY pid");
    looks_without_change = same ? looks_without_change + 1 : 0;
    pids = std::move(settled);
    return looks_without_change == 20;
  }));
  ASSERT_FALSE(pids.empty());
  end_all_connections();
  for (const std::string& pid : pids) {
    ASSERT_TRUE(becomes([&] { return !std::filesystem::exists("/proc/" + pid); }));
  }
  const auto found = store_->task(id);
  EXPECT_TRUE(found) << found.error().detail;
  const NewInference made = request();
  EXPECT_TRUE(await<StartedInference>(
      [&](auto done) { store_->start_inference(made, std::nullopt, std::move(done)); }));
}

// Nothing of a write is there whose connection was killed before its commit.
TEST_P(PostgresContract, AnswersAWriteInFlightWhoseConnectionIsKilled) {
  const Queries queries("postgres");
  postgres::Connection holder(place_->url(), 5s, queries);
  holder.script("BEGIN; SELECT pg_advisory_xact_lock(hashtext('rankloop requests'))");
  const NewInference lost = request();
  std::promise<Result<StartedInference>> outcome;
  store_->start_inference(lost, std::nullopt,
                          [&](Result<StartedInference> done) { outcome.set_value(std::move(done)); });
  ASSERT_TRUE(comes_to_wait_for("Lock"));
  server().execute("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                   database() + "' AND wait_event_type = 'Lock'");
  EXPECT_EQ(code_of(outcome.get_future().get()), ErrorCode::kUnavailable);
  holder.script("ROLLBACK");
  const auto again = start_again();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->inference.value, 1);
  EXPECT_EQ(code_of(store_->task(lost.task)), ErrorCode::kNotFound);
}

// A commit that waits for a standby is done already: killed then, it is asked for.
TEST_P(PostgresContract, FindsOutThatACommitWasDoneWhoseAnswerWasLost) {
  const NewInference made = request();
  const auto wait_for_standby = [&](const std::string& name) {
    server().execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = '" + name + "'");
    server().execute("postgres", "SELECT pg_reload_conf()");
  };
  wait_for_standby("nobody");
  std::promise<Result<StartedInference>> outcome;
  store_->start_inference(made, std::nullopt,
                          [&](Result<StartedInference> done) { outcome.set_value(std::move(done)); });
  const bool waits = comes_to_wait_for("SyncRep");
  server().execute("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                   database() + "' AND wait_event = 'SyncRep'");
  const Result<StartedInference> started = outcome.get_future().get();
  wait_for_standby("");
  EXPECT_TRUE(waits);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(started->inference.value, 1);
  EXPECT_TRUE(store_->task(made.task));
}

// A process that is halted, or cut off, in the midst of its batch.
class HaltedWriter {
 public:
  HaltedWriter(const std::string& url, const Queries& queries) : connection_(url, 5s, queries) {
    connection_.run("set_up_writes");
    connection_.run("mark_writer", std::int64_t{500});
  }
  void halt_between_statements() {
    connection_.run("begin_write");
    connection_.run("lock_numbers");
  }
  // More than the client keeps back goes at once, and the end of it never.
  void halt_within_a_statement() {
    connection_.send("begin_write");
    connection_.send("lock_numbers");
    connection_.send("add_source", std::string(20'000, 'x'));
  }
  bool is_ended() { return connection_.was_closed(); }

 private:
  postgres::Connection connection_;
};

TEST_P(PostgresContract, GoesOnWithoutAProcessThatIsHaltedBetweenTwoStatements) {
  HaltedWriter halted(place_->url(), queries_);
  halted.halt_between_statements();
  EXPECT_TRUE(start(request()));
  EXPECT_TRUE(becomes([&] { return halted.is_ended(); }));  // its lock goes before its connection
}

// No timeout of the server's sees that one.
TEST_P(PostgresContract, GoesOnWithoutAProcessThatIsHaltedWithinAStatement) {
  HaltedWriter halted(place_->url(), queries_);
  halted.halt_within_a_statement();
  ASSERT_TRUE(becomes([&] {
    return !server()
                .execute(database(),
                         "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' "
                         "AND granted AND objid = (hashtext('rankloop requests')::bigint & "
                         "4294967295)::oid")
                .empty();
  }));
  EXPECT_TRUE(start(request()));
  EXPECT_TRUE(becomes([&] { return halted.is_ended(); }));  // its lock goes before its connection
}

TEST_P(PostgresContract, LeavesASessionOfAnotherProgramAlone) {
  postgres::Connection holder(place_->url(), 5s, queries_);
  holder.script("BEGIN; SELECT pg_advisory_xact_lock(hashtext('rankloop requests'))");
  std::promise<Result<StartedInference>> outcome;
  store_->start_inference(request(), std::nullopt,
                          [&](Result<StartedInference> done) { outcome.set_value(std::move(done)); });
  ASSERT_TRUE(comes_to_wait_for("Lock"));
  postgres::Connection looker(place_->url(), 5s, queries_);
  EXPECT_EQ(looker.run("end_halted_writers", std::int64_t{0}).size(), 0);
  holder.script("COMMIT");
  EXPECT_TRUE(outcome.get_future().get());
}

TEST_P(PostgresContract, GivesAHoldOnWhenItsHolderFallsSilent) {
  RecordingListener deaf;
  const std::unique_ptr<Store> other = another(deaf);
  const auto silent = store_->try_lock("maintenance", LockEnds::kInSilence);
  ASSERT_TRUE(silent && *silent);
  const auto for_good = store_->try_lock("first start", LockEnds::kWithProcess);
  ASSERT_TRUE(for_good && *for_good);
  EXPECT_EQ(*other->try_lock("maintenance", LockEnds::kInSilence), nullptr);
  std::unique_ptr<ExclusiveLock> moved;
  EXPECT_TRUE(becomes([&] {
    moved = *other->try_lock("maintenance", LockEnds::kInSilence);
    return moved != nullptr;
  }));
  EXPECT_FALSE((*silent)->holds());
  EXPECT_TRUE((*for_good)->holds());
}

// While others use up what the server has, its own connections serve everyone.
TEST_P(PostgresContract, ServesWithItsOwnConnectionsWhenThereIsNoRoomForMore) {
  const TaskId task = started();
  const auto own = [&] {
    return server()
        .execute("postgres", "SELECT pid FROM pg_stat_activity WHERE datname = '" + database() + "'")
        .size();
  };
  // One writes and one listens; two take tasks.
  ASSERT_TRUE(becomes([&] { return own() >= 4U + static_cast<std::size_t>(options_.readers); }));
  server().execute("postgres", "ALTER DATABASE " + database() + " ALLOW_CONNECTIONS false");
  std::vector<std::thread> readers;
  std::atomic<int> failed{0};
  for (int reader = 0; reader < 8; ++reader) {
    readers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) failed += store_->task(task).ok() ? 0 : 1;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(start(request()));
  server().execute("postgres", "ALTER DATABASE " + database() + " ALLOW_CONNECTIONS true");
}

// Whether a batch was committed is asked within minutes or never.
TEST_P(PostgresContract, ForgetsItsBatchesAfterMinutesInPortions) {
  started();
  const auto batches = [&] { return server().execute(database(), "SELECT number FROM batches"); };
  const std::size_t young = batches().size();
  ASSERT_GT(young, 0U);
  server().execute(
      database(),
      "INSERT INTO batches SELECT 'old', n, store_now() - 3600000 FROM generate_series(1, 12000) n");
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(batches().size(), young);
}

TEST_P(PostgresContract, ForgetsAnswersInPortions) {
  server().execute(
      database(), "INSERT INTO answers SELECT n::text, '', 200, '', NULL, 0 FROM generate_series(1, 5000) n");
  std::int64_t most = 0;
  std::int64_t all = 0;
  for (std::int64_t some = 1; some > 0;) {
    const auto removed = await<std::int64_t>([&](auto done) { store_->forget_answers(clock_.wall(), done); });
    ASSERT_TRUE(removed);
    some = *removed;
    most = std::max(most, some);
    all += some;
  }
  EXPECT_EQ(all, 5'000);
  EXPECT_LE(most, 2'000);
}

// Those who live prolong their leases first.
TEST_P(PostgresContract, TakesNoLeaseBackRightAfterAnOutage) {
  WaitingListener listener;
  const std::unique_ptr<Store> other = another(listener);
  const TaskId id = started();
  const Lease lease = claim(id);
  server().execute("postgres", "ALTER DATABASE " + database() + " ALLOW_CONNECTIONS false");
  end_all_connections();
  server().execute("postgres", "ALTER DATABASE " + database() + " ALLOW_CONNECTIONS true");
  // It listens again once it hears.
  ASSERT_TRUE(start_again());
  ASSERT_TRUE(write_items({.version = 1, .items = {{ItemId{1}, "a"}}}));
  ASSERT_TRUE(listener.wait_versions(1, 0));
  server().execute(database(), "UPDATE tasks SET lease_until = 0 WHERE state = 2");
  ASSERT_TRUE(becomes([&] { return other->sweep().ok(); }));
  EXPECT_TRUE(becomes([&] { return store_->heartbeat(lease, "").ok(); }));
}

TEST_P(PostgresContract, LooksForItselfWhereNothingWasSaid) {
  WaitingListener listener;
  const std::unique_ptr<Store> other = another(listener);
  server().execute(database(), "UPDATE counters SET value = 7 WHERE name LIKE '%_version'");
  server().execute(database(), "INSERT INTO inferences SELECT 41, gen_random_uuid(), 41, 0, 1, 1");
  EXPECT_TRUE(listener.wait_versions(7, 7));
  EXPECT_EQ(other->catalog_version(), 7);
  EXPECT_EQ(other->registry_version(), 7);
  EXPECT_TRUE(becomes([&] { return other->counts().inferences == 41; }));
}

// One write does not fit: it alone is refused, and the numbers of the others stay without a gap.
TEST_P(PostgresContract, ReplaysABatchWithoutTheWriteThatDoesNotFit) {
  const NewInference taken = request();
  ASSERT_TRUE(start(taken));
  std::promise<void> inside;
  std::promise<void> go_on;
  store_->count_events({}, [&](const Status&) {
    inside.set_value();
    go_on.get_future().wait();
  });
  inside.get_future().wait();
  std::vector<std::future<Result<StartedInference>>> outcomes;
  NewInference with_nul = request();
  with_nul.person = std::string("a\0b", 3);
  for (const NewInference& made : {request(), taken, with_nul, request()}) {
    const auto answer = std::make_shared<std::promise<Result<StartedInference>>>();
    outcomes.push_back(answer->get_future());
    store_->start_inference(made, std::nullopt,
                            [answer](Result<StartedInference> done) { answer->set_value(std::move(done)); });
  }
  go_on.set_value();
  EXPECT_EQ(outcomes[0].get()->inference.value, 2);
  EXPECT_EQ(code_of(outcomes[1].get()), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(outcomes[2].get()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(outcomes[3].get()->inference.value, 3);
}

TEST_P(PostgresContract, MigratesUpAndDown) {
  const std::string name = server().create_database();
  const auto version = [&] {
    return server().execute(name, "SELECT max(version) FROM schema_migrations").front();
  };
  const auto open_here = [&] { return open_store(server().url(name), {}, clock_, listener_).ok(); };
  ASSERT_TRUE(open_here());
  const int newest = newest_migration("postgres");
  EXPECT_EQ(version(), std::to_string(newest));
  EXPECT_EQ(newest, newest_migration("sqlite"));
  for (int step = newest; step > 1; --step) {
    server().execute(name, rollback_of(step));
    EXPECT_EQ(version(), std::to_string(step - 1));
  }
  ASSERT_TRUE(open_here());
  for (int step = newest; step > 0; --step) server().execute(name, rollback_of(step));
  EXPECT_THAT(server().execute(name,
                               "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                               "UNION ALL "
                               "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"),
              IsEmpty());
  EXPECT_TRUE(open_here());
  server().drop_database(name);
}

// What has ended lies below the mark, what is open does not, and neither does what begins next.
TEST_P(PostgresContract, LooksForOpenTasksFromTheOldestOneOn) {
  postgres::Connection connection(place_->url(), 5s, queries_);
  const TaskId ended = started();
  ASSERT_TRUE(finish(claim(ended)));
  clock_.advance(60s);
  const TaskId open = started();
  EXPECT_GT(postgres::LowWaterMark(clock_).get(connection), ended);
  EXPECT_LT(postgres::LowWaterMark(clock_).get(connection), open);  // clocks differ a little
  clock_.advance(60s);
  EXPECT_EQ(postgres::LowWaterMark(clock_).get(connection), open);
  ASSERT_TRUE(finish(claim(open)));
  postgres::LowWaterMark mark(clock_);
  EXPECT_GT(mark.get(connection), open);
  EXPECT_LT(mark.get(connection), started());
}

TEST_P(PostgresContract, RefusesADatabaseOfAnotherProgram) {
  const std::string name = server().create_database();
  server().execute(name, "CREATE TABLE invoices (id int)");
  const auto opened = open_store(server().url(name), {}, clock_, listener_);
  EXPECT_EQ(code_of(opened), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(opened.error().message, HasSubstr("another program"));
  server().drop_database(name);
}

TEST_P(PostgresContract, RefusesADatabaseOfANewerProgram) {
  store_.reset();
  server().execute(database(), "INSERT INTO schema_migrations VALUES (1000, 'later', 0)");
  const auto opened = open_store(place_->url(), {}, clock_, listener_);
  EXPECT_EQ(code_of(opened), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(opened.error().message, HasSubstr("1000"));
}

TEST_P(PostgresContract, MigratesOnceWhenManyProcessesStart) {
  const std::string name = server().create_database();
  std::vector<std::thread> threads;
  std::atomic<int> opened{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto store = open_store(server().url(name), {}, clock_, listener_);
      EXPECT_TRUE(store) << store.error().message << " " << store.error().detail;
      if (store) ++opened;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 4);
  server().drop_database(name);
}

TEST_P(PostgresContract, NeverTellsThePassword) {
  for (const std::string url :
       {"postgresql://ann:secret@/nowhere?host=/nonexistent", "postgresql://ann:secret@[/nowhere",
        "postgresql://ann:secret@/db?secret=1", "postgresql://ann:secret%zz@/db"}) {
    const auto opened = open_store(url, {}, clock_, listener_);
    ASSERT_FALSE(opened) << url;
    EXPECT_THAT(opened.error().message, Not(HasSubstr("secret"))) << url;
    EXPECT_THAT(opened.error().detail, Not(HasSubstr("secret"))) << url;
  }
}

TEST_P(PostgresContract, NeverChangesTheHistoryOfModels) {
  NewModel model;
  model.family = "mlp";
  ASSERT_TRUE(await<ModelId>([&](auto done) { store_->add_model(model, done); }));
  const Queries queries("postgres");
  postgres::Connection connection(place_->url(), 5s, queries);
  EXPECT_THROW(connection.script("UPDATE model_history SET actor = 'x'"), postgres::DatabaseError);
  EXPECT_THROW(connection.script("DELETE FROM model_history"), postgres::DatabaseError);
}

TEST(PostgresHints, SayTheSameOnTheOtherSide) {
  const TaskId id = TaskId::make(1'772'366'400'000, 7, 8);
  std::vector<std::string> hints;
  for (int i = 0; i < 600; ++i) hints.push_back(postgres::ready_hint(TaskKind::kTraining, id));
  hints.push_back(postgres::changed_hint(id, TaskState::kFailed));
  hints.push_back(postgres::catalog_hint(12));
  hints.push_back(postgres::registry_hint(3));
  const std::vector<std::string> payloads =
      postgres::pack_hints("0123456789abcdef", hints, RecordingListener{});
  ASSERT_THAT(payloads, SizeIs(3));
  RecordingListener listener;
  for (const std::string& payload : payloads) {
    EXPECT_LT(payload.size(), 8'000U);
    postgres::unpack_hints(payload, "0123456789abcdef", listener);
  }
  EXPECT_EQ(listener.times_ready(id), 0);
  for (const std::string& payload : payloads) postgres::unpack_hints(payload, "another", listener);
  EXPECT_EQ(listener.times_ready(id), 600);
  EXPECT_THAT(listener.changes_of(id), ElementsAre(TaskState::kFailed));
  EXPECT_EQ(listener.catalog(), 12);
  EXPECT_EQ(listener.registry(), 3);
}

// Tells others all of tasks but what is ready of other kinds than training.
class BrokerListener final : public RecordingListener {
 public:
  bool reaches_others() const noexcept override { return true; }
  bool tells_ready(TaskKind kind) const noexcept override { return kind == TaskKind::kTraining; }
};

TEST(PostgresHints, LeaveTasksToABroker) {
  const TaskId id = TaskId::make(1'772'366'400'000, 7, 8);
  const std::vector<std::string> hints = {postgres::ready_hint(TaskKind::kTraining, id),
                                          postgres::changed_hint(id, TaskState::kFailed)};
  const BrokerListener broker;
  EXPECT_THAT(postgres::pack_hints("a", hints, broker), IsEmpty());
  EXPECT_THAT(postgres::pack_hints("a", {hints[0], postgres::catalog_hint(12), hints[1]}, broker),
              ElementsAre("a k12"));
}

TEST(PostgresHints, TellOfKindsThatNoBrokerKnows) {
  const TaskId id = TaskId::make(1'772'366'400'000, 7, 8);
  const std::string hint = postgres::ready_hint(kRehearsal.kind, id);
  const std::vector<std::string> payloads = postgres::pack_hints("a", {hint}, BrokerListener{});
  ASSERT_THAT(payloads, SizeIs(1));
  RecordingListener other;
  postgres::unpack_hints(payloads.front(), "b", other);
  EXPECT_EQ(other.times_ready(id), 1);
}

TEST(PostgresHints, IgnoreWhatTheyDoNotKnow) {
  RecordingListener listener;
  for (const char* payload : {"", "x", "a ", "a r", "a rx", "a r0123", "a c9", "a k", "a kx", "a m1x",
                              "a ,,,", "a z1", "a r900000000000000000000000000000000"}) {
    postgres::unpack_hints(payload, "b", listener);
  }
  EXPECT_EQ(listener.catalog(), 0);
  EXPECT_EQ(listener.registry(), 0);
  EXPECT_THAT(listener.changes_of(TaskId{}), IsEmpty());
}

}  // namespace
}  // namespace rankloop::storage
