// The writer's line.
#include "storage/group_commit.h"

#include <functional>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <semaphore>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::storage {
namespace {

using testing::ElementsAre;

class LambdaWrite final : public Write {
 public:
  LambdaWrite(std::function<Status()> run, std::function<void(const Status&)> settled)
      : run_(std::move(run)), settled_(std::move(settled)) {}
  Status run() { return run_(); }
  void settle(const Status& committed) noexcept override { settled_(committed); }

 private:
  std::function<Status()> run_;
  std::function<void(const Status&)> settled_;
};

// Remembers what it was told and fails at a word.
class RecordedTransaction final : public Transaction {
 public:
  Status begin() override { return note("begin"); }
  Status run(std::span<const std::unique_ptr<Write>> writes) override {
    for (const std::unique_ptr<Write>& write : writes) {
      if (Status ran = static_cast<LambdaWrite&>(*write).run(); !ran) return ran;
    }
    return {};
  }
  Status commit() override { return note("commit"); }
  void roll_back() noexcept override { calls.emplace_back("roll back"); }
  void tidy(bool idle) noexcept override {
    if (idle) rested.set_value();
  }

  std::vector<std::string> calls;  // the writer's thread writes, a test reads after close()
  std::string failing;
  std::promise<void> rested;

 private:
  Status note(const std::string& call) {
    calls.push_back(call);
    if (call == failing) return Error{ErrorCode::kUnavailable, "failed to " + call};
    return {};
  }
};

class GroupCommitTest : public testing::Test {
 protected:
  void open(GroupCommit::Limits limits = {}) { line_.emplace(transaction_, limits, nullptr); }
  void submit(const std::string& name, std::function<Status()> during = [] { return Status{}; }) {
    line_->submit(std::make_unique<LambdaWrite>(
        [this, name, during = std::move(during)] {
          transaction_.calls.push_back(name);
          return during();
        },
        [this, name](const Status& committed) {
          settled_.push_back(committed ? name : name + " failed");
          settlements_.release();
        }));
  }
  // Until that many writes are settled; only then may nothing more be submitted.
  void close_after(int settlements) {
    for (int i = 0; i < settlements; ++i) settlements_.acquire();
    line_->close();
  }
  RecordedTransaction transaction_;
  std::vector<std::string> settled_;
  std::counting_semaphore<> settlements_{0};
  std::optional<GroupCommit> line_;
};

TEST_F(GroupCommitTest, CommitsWhatArrivesWhileABatchRunsWithIt) {
  open();
  submit("first", [this] {
    submit("second");
    return Status{};
  });
  close_after(2);
  EXPECT_THAT(transaction_.calls, ElementsAre("begin", "first", "second", "commit"));
  EXPECT_THAT(settled_, ElementsAre("first", "second"));
}

TEST_F(GroupCommitTest, SplitsALongLineIntoBatches) {
  open({.max_batch = 2});
  submit("1", [this] {
    submit("2");
    submit("3");
    return Status{};
  });
  close_after(3);
  EXPECT_THAT(transaction_.calls, ElementsAre("begin", "1", "2", "commit", "begin", "3", "commit"));
}

TEST_F(GroupCommitTest, RollsTheBatchBackWhenTheTransactionIsLost) {
  open();
  submit("good", [this] {
    submit("bad", [] { return Error{ErrorCode::kUnavailable, "no disk"}; });
    return Status{};
  });
  close_after(2);
  EXPECT_THAT(transaction_.calls, ElementsAre("begin", "good", "bad", "roll back"));
  EXPECT_THAT(settled_, ElementsAre("good failed", "bad failed"));
  EXPECT_FALSE(line_->healthy());
}

TEST_F(GroupCommitTest, GoesOnAfterABatchThatMemoryWasOutFor) {
  open();
  submit("good", [this] {
    submit("greedy", []() -> Status { throw std::bad_alloc(); });
    return Status{};
  });
  for (int i = 0; i < 2; ++i) settlements_.acquire();
  submit("later");
  close_after(1);
  EXPECT_THAT(transaction_.calls,
              ElementsAre("begin", "good", "greedy", "roll back", "begin", "later", "commit"));
  EXPECT_THAT(settled_, ElementsAre("good failed", "greedy failed", "later"));
}

TEST_F(GroupCommitTest, TellsEveryWriteWhenItCannotCommit) {
  transaction_.failing = "commit";
  open();
  submit("only");
  close_after(1);
  EXPECT_THAT(transaction_.calls, ElementsAre("begin", "only", "commit", "roll back"));
  EXPECT_THAT(settled_, ElementsAre("only failed"));
}

TEST_F(GroupCommitTest, TellsEveryWriteWhenItCannotBegin) {
  transaction_.failing = "begin";
  open();
  submit("only");
  close_after(1);
  EXPECT_THAT(transaction_.calls, ElementsAre("begin"));
  EXPECT_THAT(settled_, ElementsAre("only failed"));
}

TEST_F(GroupCommitTest, RefusesWritesOnceClosed) {
  open();
  line_->close();
  submit("late");
  EXPECT_THAT(settled_, ElementsAre("late failed"));
  EXPECT_TRUE(transaction_.calls.empty());
}

TEST_F(GroupCommitTest, WaitsForCompanyAfterABusyBatch) {
  open({.gather = std::chrono::hours{1}});
  submit("first", [this] {
    submit("second");
    return Status{};
  });
  for (int i = 0; i < 2; ++i) settlements_.acquire();
  submit("third");
  submit("fourth");
  line_->close();
  EXPECT_THAT(transaction_.calls,
              ElementsAre("begin", "first", "second", "commit", "begin", "third", "fourth", "commit"));
}

TEST_F(GroupCommitTest, RestsOnceNothingCame) {
  open({.idle_after = std::chrono::milliseconds{1}});
  submit("only");
  transaction_.rested.get_future().wait();
  line_->close();
  EXPECT_TRUE(line_->healthy());
}

}  // namespace
}  // namespace rankloop::storage
