// What an import hands to the store, where the store does not take all of it.
#include "app/serve/item_import.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

// Takes portions up to the one that it cannot write, and those after it again, as a disk that was full for a
// moment.
class StoreWithAGap : public storage::CatalogStore {
 public:
  StoreWithAGap(std::size_t gap, ErrorCode fault) : gap_(gap), fault_(fault) {}

  void write_items(storage::CatalogWrite write, std::optional<storage::RecordedAnswer<std::int64_t>>,
                   storage::Done<std::int64_t> done) override {
    const std::int64_t version = write.version;
    parts.push_back(std::move(write));
    if (parts.size() == gap_) return done(Error{fault_, "no room"});
    done(version);
  }
  Result<storage::ItemRecord> item(ItemId, std::int64_t) override { return nothing(); }
  Result<std::vector<storage::ItemRecord>> items(std::span<const ItemId>, std::int64_t) override {
    return nothing();
  }
  Result<std::int64_t> each_item(const std::function<void(const storage::ItemRecord&)>&) override {
    return nothing();
  }
  Result<std::int64_t> each_change(std::int64_t, std::int64_t,
                                   const std::function<void(const storage::ItemRecord&)>&) override {
    return nothing();
  }
  Status each_item_key(ItemId, const std::function<void(ItemId, std::string_view)>&) override {
    return nothing();
  }
  std::int64_t catalog_version() const noexcept override { return 0; }
  Result<storage::DomainRecord> domain() override { return nothing(); }
  void adopt_domain(std::string, std::string, std::string, WallTime, storage::Done<int> done) override {
    done(nothing());
  }

  std::vector<storage::CatalogWrite> parts;

 private:
  static Error nothing() { return {ErrorCode::kUnimplemented, "not here"}; }

  const std::size_t gap_;
  const ErrorCode fault_;
};

// 2,000 rows are a portion.
std::string films(int count) {
  std::string text = "film_id,title,price\n";
  for (int i = 1; i <= count; ++i) text += std::to_string(i) + ",Film,3\n";
  return text;
}

Result<ImportReport> import(StoreWithAGap& store, const std::string& text) {
  const auto domain = film_domain();
  const ImportOptions options;
  const ImportWatch watch;
  ItemRows rows{*domain, text, options, "2026-03-01T12:00:00.000Z"};
  EXPECT_TRUE(rows.open());
  const auto catalog = ml::Catalog::empty(domain);
  const ItemKeys keys{domain->item_id_type};
  return ItemImport{store, *catalog, keys, rows, options, watch, text.size()}.run({});
}

TEST(ItemImport, HandsRowsOnInPortions) {
  StoreWithAGap store{0, ErrorCode::kUnavailable};
  const auto report = import(store, films(4'001));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(store.parts.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(store.parts[i].version, 1);
    EXPECT_EQ(store.parts[i].first, i == 0);
    EXPECT_EQ(store.parts[i].last, i == 2);
  }
  EXPECT_EQ(store.parts[0].items.size(), 2'000U);
  EXPECT_EQ(store.parts[2].items.size(), 1U);
}

// Were the last one written, the others would count without the one that is missing.
TEST(ItemImport, DoesNotEndWhatIsNotAllThere) {
  for (const std::size_t gap : {1U, 2U}) {
    StoreWithAGap store{gap, ErrorCode::kUnavailable};
    const auto report = import(store, films(4'001));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().message, "no room");
    for (const storage::CatalogWrite& part : store.parts) EXPECT_FALSE(part.last);
    // What is there is taken out again.
    EXPECT_TRUE(store.parts.back().first);
    EXPECT_TRUE(store.parts.back().items.empty());
  }
}

TEST(ItemImport, LeavesTheVersionToWhoeverBeganItMeanwhile) {
  StoreWithAGap store{1, ErrorCode::kAborted};
  ASSERT_FALSE(import(store, films(2'001)));
  ASSERT_EQ(store.parts.size(), 1U);
  EXPECT_FALSE(store.parts.back().items.empty());
}

}  // namespace
}  // namespace rankloop::app
