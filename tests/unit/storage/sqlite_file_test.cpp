// What is particular to a SQLite file: its schema, files that are refused, a full disk, a copy at any moment.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/migrate.h"
#include "storage/sqlite/database.h"
#include "storage/store.h"
#include "support/checkout.h"
#include "support/fake_clock.h"
#include "unit/storage/failing_disk.h"

namespace rankloop::storage {
namespace {

using sqlite::Database;
using testing::HasSubstr;

class SilentListener final : public StoreListener {
 public:
  void task_ready(TaskKind, const TaskId&) noexcept override {}
  void task_changed(const TaskId&, TaskState) noexcept override {}
  void catalog_changed(std::int64_t) noexcept override {}
  void registry_changed(std::int64_t) noexcept override {}
};

class SqliteFile : public testing::Test {
 protected:
  SqliteFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rankloop-file-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SqliteFile() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::filesystem::path file() const { return folder_ / "rankloop.db"; }
  Result<std::unique_ptr<Store>> open(const std::filesystem::path& path) {
    return open_store("sqlite:" + path.string(), {}, clock_, listener_);
  }
  void open() {
    auto opened = open(file());
    ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
    store_ = *std::move(opened);
  }
  TaskId new_id() {
    const std::uint64_t id = ++ids_;  // read once: several threads ask
    return TaskId::make(clock_.wall().time_since_epoch().count(), id >> 6, id << 40);
  }
  NewInference request() {
    NewInference made;
    made.task = new_id();
    made.payload = "{}";
    made.at = clock_.wall();
    return made;
  }
  template <class T, class Submit>
  static Result<T> await(const Submit& submit) {
    const auto answer = std::make_shared<std::promise<Result<T>>>();
    submit(Done<T>([answer](Result<T> result) { answer->set_value(std::move(result)); }));
    return answer->get_future().get();
  }
  Result<StartedInference> start(const NewInference& made) {
    return await<StartedInference>([&](auto done) { store_->start_inference(made, std::nullopt, done); });
  }
  Lease claim(const TaskId& id) {
    const auto claimed = store_->claim(TaskKind::kInference, std::span(&id, 1), 1);
    return claimed && !claimed->empty() ? claimed->front().lease : Lease{};
  }
  Result<StartedInference> finish(const Lease& lease, ModelId model = {}) {
    Ranking ranking;
    ranking.model = model;
    ranking.items = {{ItemId{1}, 0.9F, 1}, {ItemId{2}, 0.8F, 1}};
    return await<StartedInference>(
        [&](auto done) { store_->finish_inference(lease, ranking, {}, clock_.wall(), done); });
  }

  FakeClock clock_;
  SilentListener listener_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
  const Queries queries_{"sqlite"};

 private:
  std::atomic<std::uint64_t> ids_{0};
};

TEST_F(SqliteFile, PreparesEveryQuery) {
  open();
  Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
  EXPECT_GT(queries_.all().size(), 40U);
  for (const auto& [name, text] : queries_.all()) {
    if (name.starts_with("set_up") || name == "use_log") continue;  // scripts
    EXPECT_NO_THROW(database.query(name)) << name;
  }
}

TEST_F(SqliteFile, HoldsNoByteOfAnErasedKey) {
  const PersonKey person = "a-key-of-nobody-else";
  open();
  for (int i = 0; i < 500; ++i) {
    NewInference made = request();
    made.person = person;
    made.payload = R"({"name":"known by name"})";
    ASSERT_TRUE(start(made));
    store_->record_person_event({person, ItemId{1}, "buy", 1, clock_.wall(), clock_.wall()},
                                [](const Status&) {});
  }
  PersonChange change{.person = person,
                      .make = [](std::string_view) { return Result<std::string>("stored of it"); }};
  ASSERT_TRUE(await<std::string>([&](auto done) { store_->change_person(change, std::nullopt, done); }));
  const TaskId task = new_id();
  ASSERT_TRUE(await<TaskRecord>([&](auto done) {
    store_->start_job({.task = task,
                       .kind = traits_of(TaskKind::kErasure),
                       .arguments = "{}",
                       .at = clock_.wall(),
                       .erasure = NewErasure{person, "operator"}},
                      std::nullopt, done);
  }));
  const auto portion = [&] {
    return *await<Erasure>([&](auto done) {
      store_->erase_portion(
          {.task = task, .most = 100, .kept = [](std::string_view) { return std::string("{}"); }}, done);
    });
  };
  while (!portion().done) {
  }
  store_.reset();
  std::ifstream in(file(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  for (const char* gone : {"a-key-of-nobody-else", "known by name", "stored of it"})
    EXPECT_EQ(bytes.find(gone), std::string::npos) << gone;
}

TEST_F(SqliteFile, DerivesEventsFromTheirRows) {
  open();
  const NewInference made = request();
  ASSERT_TRUE(start(made));
  const auto done = finish(claim(made.task));
  ASSERT_TRUE(done);
  ASSERT_TRUE(await<std::vector<Exposure>>([&](auto answer) {
    store_->record_exposure({done->inference, 2, clock_.wall(), ExposureSource::kResults}, answer);
  }));
  for (const std::optional<ItemId> pick : {std::optional(ItemId{1}), std::optional<ItemId>()}) {
    NewFeedback feedback{made.task, done->inference, pick, pick ? 1 : 0, pick ? kPickKind : kNoneKind, 1,
                         1,         clock_.wall()};
    ASSERT_TRUE(
        await<Exposure>([&](auto answer) { store_->record_feedback(feedback, std::nullopt, answer); }));
  }
  ASSERT_TRUE(await<TaskRecord>([&](auto answer) {
    store_->start_job({new_id(), traits_of(TaskKind::kTraining), "{}", clock_.wall()}, std::nullopt, answer);
  }));
  std::map<std::string, int> events;
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &reader), SQLITE_OK);
  const auto count_kind = [](void* counts, int, char** values, char**) {
    ++(*static_cast<std::map<std::string, int>*>(counts))[values[0]];
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(reader, "SELECT kind FROM events", count_kind, &events, nullptr), SQLITE_OK);
  sqlite3_close(reader);
  const std::map<std::string, int> expected = {
      {"inference_start", 1}, {"selection", 2}, {"good_inference", 1}, {"bad_inference", 1}, {"training", 1}};
  EXPECT_EQ(events, expected);
}

TEST_F(SqliteFile, NeverChangesTheHistoryOfModels) {
  open();
  NewModel model;
  model.promote = true;
  ASSERT_TRUE(await<ModelId>([&](auto done) { store_->add_model(model, done); }));
  Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
  EXPECT_THROW(database.script("UPDATE model_history SET reason = 'another'"), sqlite::DatabaseError);
  EXPECT_THROW(database.script("DELETE FROM model_history"), sqlite::DatabaseError);
}

TEST_F(SqliteFile, TellsOfAStoredWordThatItDoesNotKnow) {
  open();
  NewModel model;
  model.artefact = "weights";
  model.verdict = Verdict::kReject;
  ASSERT_TRUE(await<ModelId>([&](auto done) { store_->add_model(model, done); }));
  ASSERT_TRUE(store_->models());
  Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
  database.script("UPDATE models SET verdict = 'splendid'");
  const auto models = store_->models();
  ASSERT_FALSE(models);
  EXPECT_EQ(models.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(models.error().message, HasSubstr("the verdict 'splendid', which this version does not know"));
  database.script(
      "INSERT INTO model_history (at, what, model_id, actor, reason, detail, remark) "
      "VALUES (0, 'crowned', 1, '', '', '', '')");
  const auto history = store_->model_history(std::nullopt, 10);
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(history.error().message, HasSubstr("'crowned'"));
}

TEST_F(SqliteFile, ForgetsArtefactsThatNoModelNames) {
  open();
  NewModel model;
  model.artefact = "weights";
  ASSERT_TRUE(await<ModelId>([&](auto done) { store_->add_model(model, done); }));
  {
    Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
    database.execute("add_artefact", std::string_view("orphan"), Blob{"bytes"});
  }
  ASSERT_TRUE(store_->artefact("orphan"));
  const auto forgotten = await<std::int64_t>([&](auto done) { store_->forget_orphans(done); });
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(*forgotten, 1);
  EXPECT_FALSE(store_->artefact("orphan"));
  const auto models = store_->models();
  ASSERT_TRUE(models);
  EXPECT_TRUE(store_->artefact(models->front().artefact_hash));
}

// What was stored before there was learning counts from the start.
TEST_F(SqliteFile, TakesOverAStoreFromBeforeLearning) {
  {
    Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
    std::ifstream first(in_checkout("db/migrations/sqlite/001_create_ledger.sql"));
    database.script(std::string(std::istreambuf_iterator(first), {}));
    database.execute("add_migration", 1, std::string_view("001_create_ledger.sql"), clock_.wall());
    // Requests: 1 picked (two items, one twice), 2 none, 3 none before it was shown, 4 shown only, 5 of no
    // model, 6 imported.
    database.script(R"(
        INSERT INTO sources VALUES (1, 'results'), (2, 'import');
        INSERT INTO policies VALUES (1, 'greedy', '', 1);
        INSERT INTO models VALUES (1, 'mlp', 'f', 'h', '{}', '{}', 1, 5, 1, 1);
        INSERT INTO model_history VALUES (1, 5, 'promoted', 1, 'first start', 'baseline');
        INSERT INTO rankings VALUES (1, 1, 1, 0, 1, 1, 3, x'00'), (2, 1, 1, 0, 1, 1, 3, x'00'),
            (3, 1, 1, 0, 1, 1, 3, x'00'), (4, 2, 1, 0, 1, 1, 3, x'00'), (5, 0, 1, 0, 1, 1, 3, x'00'), (6, 0, 1, 0, 1, 1, 3, x'00');
        INSERT INTO exposures VALUES (1, 1, 2, 10, 1), (1, 3, 1, 11, 1), (2, 1, 3, 10, 1), (3, 1, 3, 10, 1),
            (4, 1, 3, 10, 1), (5, 1, 3, 10, 1), (6, 1, 3, 10, 2);
        INSERT INTO feedback VALUES (1, 1, 7, 1, 'pick', 1, 1, 20), (1, 2, 7, 1, 'pick', 1, 1, 21),
            (1, 3, 8, 2, 'pick', 2.5, 1, 22), (1, 4, NULL, 0, 'none', 0, 1, 23), (2, 1, NULL, 0, 'none', 0, 1, 20),
            (3, 1, NULL, 0, 'none', 0, 1, 9), (5, 1, 7, 1, 'pick', 1, 1, 20);)");
  }
  open();
  const auto counts = store_->model_counts();
  ASSERT_TRUE(counts);
  EXPECT_EQ(*counts, (std::vector<ModelCounts>{
                         {ModelId{}, 1, 1, 0, 1}, {ModelId{1}, 3, 1, 1, 3.5}, {ModelId{2}, 1, 0, 0, 0}}));
  const auto outcomes = store_->outcome_counts(InferenceId{}, 100);
  ASSERT_TRUE(outcomes);
  EXPECT_EQ(outcomes->shown, 6);
  EXPECT_EQ(outcomes->with_outcome, 3);
  const auto models = store_->models();
  ASSERT_TRUE(models);
  EXPECT_TRUE(models->front().champion);
  EXPECT_FALSE(models->front().shadow);
  EXPECT_EQ(models->front().verdict, std::nullopt);
  const auto history = store_->model_history(std::nullopt, 10);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 1U);
  EXPECT_EQ(history->front().reason, "baseline");
  EXPECT_EQ(history->front().detail, "");
}

TEST_F(SqliteFile, CountsNothingOfABatchThatWasRolledBack) {
  FailingDisk disk;
  open();
  const NewInference made = request();
  ASSERT_TRUE(start(made));
  const auto done = finish(claim(made.task), ModelId{4});
  ASSERT_TRUE(done);
  const auto expose = [&] {
    return await<std::vector<Exposure>>([&](auto answer) {
      store_->record_exposure({done->inference, 2, clock_.wall(), ExposureSource::kResults}, answer);
    });
  };
  disk.set(FailingDisk::Fault::kFull);
  EXPECT_FALSE(expose());
  disk.set(FailingDisk::Fault::kNone);
  ASSERT_TRUE(expose());
  const auto counts = store_->model_counts();
  ASSERT_TRUE(counts);
  EXPECT_EQ(*counts, (std::vector<ModelCounts>{{ModelId{4}, 1, 0, 0, 0}}));
}

TEST_F(SqliteFile, RefusesADatabaseOfANewerProgram) {
  open();
  store_.reset();
  const int newer = newest_migration("sqlite") + 1;
  {
    Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
    database.execute("add_migration", newer, std::string_view("999_know_more.sql"), clock_.wall());
  }
  const auto refused = open(file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("newer"));
  EXPECT_THAT(refused.error().message, HasSubstr(file().string()));
}

TEST_F(SqliteFile, RefusesADatabaseOfAnotherProgram) {
  {
    Database database(file().string(), Database::Use::kWrite, 1 << 20, queries_);
    database.script("CREATE TABLE notes (text TEXT)");
  }
  const auto refused = open(file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(SqliteFile, RefusesADamagedFile) {
  std::ofstream(file()) << std::string(8'192, 'x');
  auto refused = open(file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(refused.error().message, HasSubstr("damaged"));
  std::filesystem::remove(file());
  open();
  store_.reset();
  std::filesystem::resize_file(file(), 4'096 + 100);
  refused = open(file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss);
}

TEST_F(SqliteFile, RefusesAPathThatCannotBeOpened) {
  const auto refused = open(folder_ / "missing" / "rankloop.db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  const auto unknown = open_store("oracle:x", {}, clock_, listener_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SqliteFile, WorksAgainAfterTheDiskWasFull) {
  FailingDisk disk;
  open();
  const NewInference before = request();
  ASSERT_TRUE(start(before));
  const Lease lease = claim(before.task);
  for (const FailingDisk::Fault fault : {FailingDisk::Fault::kFull, FailingDisk::Fault::kSync}) {
    disk.set(fault);
    const NewInference during = request();
    const auto refused = start(during);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_FALSE(store_->live_state(during.task));
    const auto unfinished = finish(lease);
    ASSERT_FALSE(unfinished);
    EXPECT_EQ(unfinished.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(store_->live_state(before.task)->first, TaskState::kRunning);
    EXPECT_FALSE(store_->ping());
    EXPECT_EQ(store_->inference(before.task)->state, TaskState::kRunning);
    disk.set(FailingDisk::Fault::kNone);
    EXPECT_TRUE(store_->ping());
  }
  EXPECT_EQ(store_->counts().inferences, 1);
  ASSERT_TRUE(finish(lease));
  const auto after = start(request());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->inference.value, 2);
  EXPECT_EQ(store_->inference(before.task)->ranking.items.size(), 2U);
}

// SQLite would go on writing to files that nobody finds again.
TEST_F(SqliteFile, RefusesWritesOnceItsFilesAreTakenAway) {
  open();
  ASSERT_TRUE(start(request()));
  ASSERT_TRUE(store_->ping());
  const std::filesystem::path aside = folder_ / "aside";
  for (const char* ending : {"", "-wal", "-shm"}) {
    const std::string name = file().string() + ending;
    std::filesystem::rename(name, aside);
    const auto removed = start(request());
    ASSERT_FALSE(removed) << name;
    EXPECT_EQ(removed.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(removed.error().message, HasSubstr("removed"));
    EXPECT_FALSE(store_->ping()) << name;
    std::ofstream(name) << "another file";
    const auto replaced = start(request());
    ASSERT_FALSE(replaced) << name;
    EXPECT_THAT(replaced.error().message, HasSubstr("replaced"));
    EXPECT_FALSE(store_->ping()) << name;
    std::filesystem::rename(aside, name);
    EXPECT_TRUE(store_->ping()) << name;
    EXPECT_TRUE(start(request())) << name;
  }
}

TEST_F(SqliteFile, LeavesAnotherStoreAloneThatTookItsName) {
  open();
  ASSERT_TRUE(start(request()));
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::filesystem::remove(file().string() + ending);
    std::ofstream(file().string() + ending) << "somebody else's" << ending;
  }
  store_.reset();
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::ifstream in(file().string() + ending);
    EXPECT_EQ(std::string(std::istreambuf_iterator(in), {}), std::string("somebody else's") + ending);
  }
}

TEST_F(SqliteFile, NoticesThatItWasCutOff) {
  open();
  ASSERT_TRUE(start(request()));
  ASSERT_TRUE(store_->ping());
  std::filesystem::resize_file(file(), 0);
  EXPECT_FALSE(store_->ping());
  EXPECT_FALSE(start(request()));
}

TEST_F(SqliteFile, HasRoomForStartsOnceItSaysThatItIsReady) {
  open();
  ASSERT_TRUE(store_->ping());
  EXPECT_GE(std::filesystem::file_size(file().string() + "-wal"), 1U << 20);
}

TEST_F(SqliteFile, CanBeLookedAtWithoutBeingChanged) {
  open();
  const NewInference made = request();
  ASSERT_TRUE(start(made));
  store_.reset();
  const auto files = [this] {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream in(entry.path());
      contents[entry.path().filename()] = std::string(std::istreambuf_iterator(in), {});
    }
    return contents;
  };
  const auto before = files();
  auto opened = open_store("sqlite:" + file().string(), {.look = true}, clock_, listener_);
  ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
  store_ = *std::move(opened);
  EXPECT_TRUE(store_->inference(made.task));
  EXPECT_EQ(store_->counts().inferences, 1);
  EXPECT_FALSE(start(request()));
  store_.reset();
  EXPECT_EQ(files(), before);
}

TEST_F(SqliteFile, KeepsADamagedLogAsideAndGoesOnOnce) {
  const std::filesystem::path copy = folder_ / "copy.db";
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(start(request()));
  {
    Database reader(file().string(), Database::Use::kRead, 1 << 20, queries_);
    reader.script("BEGIN; SELECT count(*) FROM tasks");
    for (const char* ending : {"", "-wal"}) {
      std::filesystem::copy_file(file().string() + ending, copy.string() + ending);
    }
  }
  store_.reset();
  const std::string log = copy.string() + "-wal";
  // In the middle of what is in use.
  std::fstream(log, std::ios::in | std::ios::out | std::ios::binary).seekp(32 + 24 + 4'120 * 60 + 99)
      << "xyz";
  std::size_t kept = 0;
  for (int i = 0; i < 2; ++i) {
    auto reopened = open(copy);
    ASSERT_TRUE(reopened) << reopened.error().message;
    store_ = *std::move(reopened);
    EXPECT_LT(store_->counts().inferences, 20);
    ASSERT_TRUE(start(request()));
    store_.reset();
    kept = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().string().find("-wal.damaged-") != std::string::npos) ++kept;
    }
  }
  EXPECT_EQ(kept, 1U);
}

TEST_F(SqliteFile, IsConsistentWhenCopiedAtAnyMoment) {
  open();
  std::atomic<std::int64_t> answered{0};
  std::vector<std::thread> threads;
  std::promise<void> some_done;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 60; ++n) {
        const NewInference made = request();
        ASSERT_TRUE(start(made));
        const auto done = finish(claim(made.task));
        ASSERT_TRUE(done);
        if (++answered == 40) some_done.set_value();
      }
    });
  }
  some_done.get_future().wait();
  const std::int64_t promised = answered;
  const std::filesystem::path copy = folder_ / "copy.db";
  // A crash freezes both files at one instant, two copies do not: this reader keeps the log from starting
  // over between.
  Database reader(file().string(), Database::Use::kRead, 1 << 20, queries_);
  reader.script("BEGIN; SELECT count(*) FROM tasks");
  std::filesystem::copy_file(file(), copy);
  std::filesystem::copy_file(file().string() + "-wal", copy.string() + "-wal");
  reader.script("COMMIT");
  for (std::thread& thread : threads) thread.join();
  store_.reset();

  auto reopened = open(copy);
  ASSERT_TRUE(reopened) << reopened.error().message;
  Store& store = **reopened;
  std::int64_t succeeded = 0;
  for (std::int64_t n = 1; n <= store.counts().inferences; ++n) {
    const auto record = store.inference(InferenceId{n});
    ASSERT_TRUE(record);
    const bool finished_it = record->state == TaskState::kSucceeded;
    EXPECT_EQ(record->ranking.items.size(), finished_it ? 2U : 0U);
    EXPECT_EQ(store.live_state(record->task).has_value(), !finished_it);
    EXPECT_TRUE(store.user(record->user));
    succeeded += finished_it ? 1 : 0;
  }
  EXPECT_GE(succeeded, promised);
  EXPECT_EQ(store.counts().users, store.counts().inferences);
}

}  // namespace
}  // namespace rankloop::storage
