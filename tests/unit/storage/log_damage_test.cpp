// Logs that are damaged before their end.
#include "storage/log_damage.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "storage/sqlite/database.h"
#include "support/temporary_folder.h"

namespace rankloop::storage {
namespace {

constexpr std::int64_t kHead = 32;
constexpr std::int64_t kFrame = 24 + 4096;
constexpr int kCommits = 20;
constexpr int kOlder = 50;  // of the log before

// A log as a killed process leaves it: copied while its writer still has it.
class LogDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Queries queries{"sqlite"};
    sqlite::Database writer(live_, sqlite::Database::Use::kWrite, 1 << 20, queries);
    writer.script("PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)");
    write(writer, kOlder);
    writer.checkpoint(false);  // the next write begins the log anew, over the older frames
    write(writer, kCommits);
    for (const char* ending : {"", "-wal"}) std::filesystem::copy_file(live_ + ending, file_ + ending);
  }
  static void write(sqlite::Database& database, int commits) {
    for (int i = 0; i < commits; ++i) database.script("INSERT INTO notes VALUES ('a note of some length')");
  }
  std::string log() const { return file_ + "-wal"; }
  void overwrite(std::int64_t at, const std::string& bytes) const {
    std::fstream(log(), std::ios::in | std::ios::out | std::ios::binary).seekp(at) << bytes;
  }
  std::optional<LogDamage> found() const {
    const auto damage = find_log_damage(file_);
    EXPECT_TRUE(damage);
    return damage ? *damage : std::nullopt;
  }

  rankloop::testing::TemporaryFolder folder_;
  const std::string live_ = (folder_.path() / "live.db").string();
  const std::string file_ = (folder_.path() / "copy.db").string();
};

TEST_F(LogDamageTest, IsNotFoundInALogThatWasLeftBehind) {
  EXPECT_GT(std::filesystem::file_size(log()), static_cast<std::uintmax_t>(kHead + kFrame * kCommits));
  EXPECT_FALSE(found());
}

TEST_F(LogDamageTest, CountsTheCommitsBehindTheGap) {
  overwrite(kHead + kFrame * 5 + 1000, "xyz");
  const auto damage = found();
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->frame, 6);
  EXPECT_EQ(damage->lost_frames, kCommits - 6);
  EXPECT_EQ(damage->lost_commits, kCommits - 6);
  EXPECT_NE(in_words(*damage, file_).find("frame 6: 14 commits"), std::string::npos);
}

TEST_F(LogDamageTest, IsFoundWhereTheHeadIsGone) {
  overwrite(0, std::string(3'000, '\xff'));
  const auto damage = found();
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->frame, 0);
  EXPECT_GE(damage->lost_commits, kCommits - 2);
}

TEST_F(LogDamageTest, IsNoneWhenTheEndIsTorn) {
  // What was being written when the power went: nobody was told of it.
  std::filesystem::resize_file(log(), kHead + kFrame * 7 + 100);
  EXPECT_FALSE(found());
  overwrite(kHead + kFrame * 6 + 1000, "xyz");
  EXPECT_FALSE(found());
}

TEST_F(LogDamageTest, IsNoneWithoutALog) {
  std::filesystem::remove(log());
  EXPECT_FALSE(found());
  std::ofstream(log()).flush();
  EXPECT_FALSE(found());
}

}  // namespace
}  // namespace rankloop::storage
