// The state of the fold that is kept in a file.
#include "app/serve/history_snapshot.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/domain.h"
#include "support/temporary_folder.h"

namespace rankloop::app {
namespace {

std::shared_ptr<const Domain> shop(const std::string& histories) {
  const DomainCheck check = read_domain(R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "offer"
[[item.field]]
name = "brand"
type = "category"
[model]
features = ["budget"]
)" + histories,
                                        "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

constexpr std::string_view kCounts = R"(
[[history]]
name = "picks"
what = "count"
of = "item"
kind = "pick"
within = "1d"
[[history]]
name = "brand_rate"
what = "rate"
of = "item.brand"
kind = "pick"
per = "shown"
)";

storage::Happening picked(std::int64_t position, std::int64_t item) {
  return {.position = position,
          .at = WallTime(std::chrono::seconds(position)),
          .person = "ann",
          .catalog_version = 1,
          .kind = "pick",
          .items = {ItemId{item}}};
}

class Ledger final : public storage::HistoryReads {
 public:
  Status each_happening(std::int64_t after, Requests /*requests*/,
                        const std::function<bool(const storage::Happening&)>& visit) override {
    for (const storage::Happening& one : happenings) {
      if (one.position > after && !visit(one)) break;
    }
    return {};
  }
  Status each_happening_of(const PersonKey& /*person*/, Requests /*requests*/,
                           const std::function<bool(const storage::Happening&)>& /*visit*/) override {
    return {};
  }
  std::int64_t history_position() const noexcept override { return happenings.back().position; }

  std::vector<storage::Happening> happenings;
};

class HistorySnapshotTest : public ::testing::Test {
 protected:
  HistorySnapshotTest() {
    for (std::int64_t n = 1; n <= 500; ++n) ledger_.happenings.push_back(picked(2 * n, n % 37));
    for (const storage::Happening& one : ledger_.happenings) fold(one, fold_);
  }

  void fold(const storage::Happening& happening, ml::HistoryFold& into) const {
    const ml::ItemWords words = {{0, "brand " + std::to_string(happening.items.front().value % 5)}};
    into.add({plan_.kind_of(happening.kind), happening.position, happening.items.front(), &words});
  }
  void keep() {
    ASSERT_TRUE(keep_snapshot(file_, plan_, fold_, {1'000, hash_of(ledger_.happenings.back())}));
  }
  std::optional<HistorySnapshot> read(const ml::HistoryPlan& plan, ml::HistoryFold& into) {
    const auto snapshot = read_snapshot(file_, plan, ledger_, into);
    EXPECT_TRUE(snapshot);
    return snapshot ? *snapshot : std::nullopt;
  }
  bool is_read() {
    ml::HistoryFold again(plan_);
    return read(plan_, again).has_value();
  }
  std::string bytes() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }

  testing::TemporaryFolder folder_;
  const std::string file_ = (folder_.path() / "histories.fold").string();
  const std::shared_ptr<const Domain> domain_ = shop(std::string(kCounts));
  const ml::HistoryPlan plan_{*domain_};
  ml::HistoryFold fold_{plan_};
  Ledger ledger_;
};

std::vector<ml::Cell> cells_of(const ml::HistoryPlan& plan, const ml::HistoryFold& fold) {
  std::vector<ml::Cell> all;
  for (std::size_t s = 0; s < plan.subjects().size(); ++s) {
    const auto cells = fold.table(s).all_cells();
    all.insert(all.end(), cells.begin(), cells.end());
  }
  return all;
}

TEST_F(HistorySnapshotTest, GoesOnAsIfItHadBeenFolded) {
  keep();
  ml::HistoryFold again(plan_);
  const auto snapshot = read(plan_, again);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->position, 1'000);
  for (std::int64_t n = 501; n <= 600; ++n) {
    fold(picked(2 * n, n % 41), fold_);
    fold(picked(2 * n, n % 41), again);
  }
  EXPECT_EQ(cells_of(plan_, again), cells_of(plan_, fold_));
  EXPECT_FALSE(cells_of(plan_, again).empty());
}

TEST_F(HistorySnapshotTest, IsReplacedByAnother) {
  keep();
  fold(picked(1'002, 3), fold_);
  ledger_.happenings.push_back(picked(1'002, 3));
  ASSERT_TRUE(keep_snapshot(file_, plan_, fold_, {1'002, hash_of(ledger_.happenings.back())}));
  ml::HistoryFold again(plan_);
  EXPECT_EQ(read(plan_, again)->position, 1'002);
  EXPECT_FALSE(std::filesystem::exists(file_ + ".new"));
}

TEST_F(HistorySnapshotTest, IsNoneWhereThereIsNone) {
  EXPECT_FALSE(is_read());
  put("");
  EXPECT_FALSE(is_read());
}

TEST_F(HistorySnapshotTest, IsNoneOfAnotherPlan) {
  keep();
  const auto other = shop(std::string(kCounts) + R"(
[[history]]
name = "shown"
what = "count"
of = "item"
kind = "shown"
)");
  const ml::HistoryPlan plan(*other);
  ml::HistoryFold again(plan);
  EXPECT_FALSE(read(plan, again));
}

// A store that was restored from a backup, or another one.
TEST_F(HistorySnapshotTest, IsNoneOfAnotherLedger) {
  keep();
  ledger_.happenings.back() = picked(1'000, 999);
  EXPECT_FALSE(is_read());
  ledger_.happenings.pop_back();
  EXPECT_FALSE(is_read());
  ledger_.happenings.push_back(picked(1'004, 499 % 37));
  EXPECT_FALSE(is_read());
}

TEST_F(HistorySnapshotTest, OutlivesAnErasure) {
  keep();
  ledger_.happenings.back().person.clear();
  EXPECT_TRUE(is_read());
}

TEST_F(HistorySnapshotTest, IsNoneWhereAByteIsAnother) {
  keep();
  const std::string whole = bytes();
  for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 200) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    put(damaged);
    EXPECT_FALSE(is_read()) << "byte " << at;
    put(whole.substr(0, at));
    EXPECT_FALSE(is_read()) << "the first " << at;
  }
  put(whole + "x");
  EXPECT_FALSE(is_read());
  put(whole);
  EXPECT_TRUE(is_read());
}

}  // namespace
}  // namespace rankloop::app
