// Backups of an embedded store.
#include "storage/backup.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/nobody_listens.h"
#include "storage/sqlite/database.h"
#include "support/fake_clock.h"
#include "support/temporary_folder.h"

namespace rankloop::storage {
namespace {

using ::testing::HasSubstr;

class BackupTest : public ::testing::Test {
 protected:
  std::string in_folder(const std::string& name) const { return (folder_.path() / name).string(); }
  void open(const std::string& file) {
    auto opened = open_store("sqlite:" + file, {}, clock_, nobody_);
    ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
    store_ = *std::move(opened);
  }
  bool start() {
    NewInference made;
    ++ids_;
    made.task = TaskId::make(1'700'000'000'000, ids_, ids_ << 40);
    made.payload = "{}";
    made.at = clock_.wall();
    std::promise<bool> started;
    store_->start_inference(made, std::nullopt,
                            [&](const auto& outcome) { started.set_value(outcome.ok()); });
    return started.get_future().get();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  FakeClock clock_;
  NobodyListens nobody_;
  rankloop::testing::TemporaryFolder folder_;
  const std::string file_ = in_folder("rankloop.db");
  const std::string copy_ = in_folder("backup #1?.db");  // signs that an address would take for its own
  std::unique_ptr<Store> store_;
  std::uint64_t ids_ = 0;
};

TEST_F(BackupTest, HasWhatWasAnsweredBeforeItBegan) {
  open(file_);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(start());
  std::jthread writer{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_TRUE(start());
  }};
  std::int64_t total = 0;
  CopyOptions options;
  options.progress = [&](std::string_view, std::int64_t done, std::int64_t of) {
    EXPECT_LE(done, of);
    total = of;
  };
  const auto copied = back_up(file_, copy_, options);
  writer.request_stop();
  writer.join();
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_GE(copied->rows("inferences"), 50);
  EXPECT_EQ(copied->rows("inferences"), copied->rows("users"));
  EXPECT_GT(total, 0);
  EXPECT_EQ(copied->bytes, static_cast<std::int64_t>(std::filesystem::file_size(copy_)));
  struct stat is{};
  ASSERT_EQ(::stat(copy_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777U, 0600U);

  store_.reset();
  const std::string elsewhere = in_folder("restored.db");
  const auto restored = restore(copy_, elsewhere, {});
  ASSERT_TRUE(restored) << restored.error().message;
  open(elsewhere);
  EXPECT_EQ(store_->counts().inferences, copied->rows("inferences"));
  EXPECT_TRUE(start());
}

TEST_F(BackupTest, NeverTakesTheNameOfAnotherFile) {
  open(file_);
  std::ofstream(copy_) << "precious";
  const auto refused = back_up(file_, copy_, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(std::filesystem::file_size(copy_), 8U);
  EXPECT_EQ(back_up(in_folder("nothing.db"), in_folder("b.db"), {}).error().code, ErrorCode::kNotFound);
}

TEST_F(BackupTest, LeavesNothingBehindWhenItIsStopped) {
  open(file_);
  ASSERT_TRUE(start());
  const std::size_t before = files();
  std::stop_source stopped;
  stopped.request_stop();
  const auto refused = back_up(file_, copy_, {.progress = {}, .stop = stopped.get_token()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kAborted);
  EXPECT_EQ(files(), before);
}

TEST_F(BackupTest, IsRefusedOfADamagedStore) {
  open(file_);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(start());
  store_.reset();
  std::fstream(file_, std::ios::in | std::ios::out | std::ios::binary).seekp(4096L * 20)
      << std::string(3000, 'x');
  const auto refused = back_up(file_, copy_, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss);
  EXPECT_FALSE(std::filesystem::exists(copy_));
  EXPECT_FALSE(std::filesystem::exists(copy_ + ".partial"));
}

TEST_F(BackupTest, IsRestoredOnlyWhereNothingIsLostUnasked) {
  open(file_);
  ASSERT_TRUE(start());
  ASSERT_TRUE(back_up(file_, copy_, {}));
  ASSERT_TRUE(start());
  store_.reset();
  const auto refused = restore(copy_, file_, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(refused.error().message, HasSubstr("--replace"));
  open(file_);
  EXPECT_EQ(store_->counts().inferences, 2);
  store_.reset();
  std::ofstream(file_ + "-wal") << "what a log of the old store might be";
  ASSERT_TRUE(restore(copy_, file_, {.progress = {}, .stop = {}, .replace = true}));
  EXPECT_FALSE(std::filesystem::exists(file_ + "-wal"));
  open(file_);
  EXPECT_EQ(store_->counts().inferences, 1);
}

TEST_F(BackupTest, IsCheckedBeforeItTakesAStoresPlace) {
  open(file_);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(start());
  ASSERT_TRUE(back_up(file_, copy_, {}));
  store_.reset();
  const CopyOptions replacing{.progress = {}, .stop = {}, .replace = true};
  const auto refused = [&](ErrorCode code) {
    const auto outcome = restore(copy_, file_, replacing);
    EXPECT_FALSE(outcome);
    if (!outcome) EXPECT_EQ(outcome.error().code, code) << outcome.error().message;
    EXPECT_FALSE(std::filesystem::exists(file_ + ".restoring"));
  };
  std::fstream(copy_, std::ios::in | std::ios::out | std::ios::binary).seekp(4096L * 20)
      << std::string(3000, 'x');
  refused(ErrorCode::kDataLoss);
  std::filesystem::resize_file(copy_, 3000);
  refused(ErrorCode::kDataLoss);
  std::ofstream(copy_, std::ios::trunc) << "no database at all, but some text that somebody has written down";
  refused(ErrorCode::kDataLoss);
  std::filesystem::remove(copy_);
  {
    const Queries queries{"sqlite"};
    sqlite::Database other(copy_, sqlite::Database::Use::kWrite, 1 << 20, queries);
    other.script("CREATE TABLE recipes (name TEXT)");
  }
  refused(ErrorCode::kFailedPrecondition);
  std::filesystem::remove(copy_);
  refused(ErrorCode::kNotFound);
  open(file_);
  EXPECT_EQ(store_->counts().inferences, 300);
}

}  // namespace
}  // namespace rankloop::storage
