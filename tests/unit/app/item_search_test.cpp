// Searches of the catalog.
#include "app/serve/item_search.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Every look at it takes more than half of the second that a search may take.
class SlowClock : public Clock {
 public:
  WallTime wall() const override { return {}; }
  Monotonic monotonic() const override { return now_ += std::chrono::milliseconds{600}; }

 private:
  mutable Monotonic now_{};
};

class ItemSearchTest : public ShownRequests {
 protected:
  void begin(const std::vector<std::pair<std::string, double>>& films) {
    storage::CatalogWrite write{1, {}};
    for (std::size_t i = 0; i < films.size(); ++i) {
      write.items.push_back({{static_cast<std::int64_t>(i) + 1}, film(films[i].first, films[i].second)});
    }
    ASSERT_TRUE(write_items(std::move(write)));
    start_serving();
    performance_ = std::make_unique<Performance>(*domain_, LearningTarget{}, *positions_, clock_);
    search_ = std::make_unique<ItemSearch>(*store_, *serving_, *performance_, clock_);
  }
  Result<ItemSearchPage> find(ItemSearchRequest request) { return search_->find(request); }
  std::vector<std::int64_t> found(ItemSearchRequest request) {
    const auto page = find(std::move(request));
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::int64_t> numbers;
    for (const FoundItem& item : page ? page->items : std::vector<FoundItem>{})
      numbers.push_back(item.item.id.value);
    return numbers;
  }
  std::string refusal(ItemSearchRequest request) {
    const auto page = find(std::move(request));
    EXPECT_FALSE(page);
    return page ? "" : page.error().faults.front().msg;
  }

  std::unique_ptr<Performance> performance_;
  std::unique_ptr<ItemSearch> search_;
};

TEST_F(ItemSearchTest, FindsItemsByTextBoundAndId) {
  begin({{"Alien", 7}, {"Brazil", 2.5}, {"Metropolis 3", 2.5}, {"alien nation", 9}});
  EXPECT_THAT(found({}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(found({.q = "ALIEN"}), ElementsAre(1, 4));
  EXPECT_THAT(found({.q = "alien price>8"}), ElementsAre(4));
  EXPECT_THAT(found({.q = "price<7"}), ElementsAre(2, 3));
  EXPECT_THAT(found({.q = "price=2.5"}), ElementsAre(2, 3));
  EXPECT_THAT(found({.q = "price=2.4999"}), IsEmpty());
  EXPECT_THAT(found({.q = "film_id>3"}), ElementsAre(4));
  EXPECT_THAT(found({.q = "2"}), ElementsAre(2));
  EXPECT_THAT(found({.q = "3", .descending = true}), ElementsAre(3));
  EXPECT_THAT(found({.q = "nothing of the kind"}), IsEmpty());
}

TEST_F(ItemSearchTest, PutsTheNamedItemFirst) {
  begin({{"Room 3", 1}, {"B", 2}, {"C", 3}});
  EXPECT_THAT(found({.q = "3"}), ElementsAre(3, 1));
}

TEST_F(ItemSearchTest, OrdersAndPages) {
  begin({{"A", 3}, {"B", 1}, {"C", 2}, {"D", 1}});
  EXPECT_THAT(found({.sort = "price"}), ElementsAre(2, 4, 3, 1));
  EXPECT_THAT(found({.sort = "price", .descending = true}), ElementsAre(1, 3, 2, 4));
  EXPECT_THAT(found({.sort = "price", .offset = 1, .limit = 2}), ElementsAre(4, 3));
  const auto behind = find({.offset = 9});
  ASSERT_TRUE(behind);
  EXPECT_THAT(behind->items, IsEmpty());
  EXPECT_EQ(behind->total, 4);
}

TEST_F(ItemSearchTest, KnowsWhatTheNewestListsShowed) {
  begin({{"A", 1}, {"B", 2}, {"C", 3}});
  const Asked asked = shown(30, {3, 1});
  pick(asked, 3);
  shown(30, {3});
  const auto most = find({.sort = "shown", .descending = true});
  ASSERT_TRUE(most);
  EXPECT_THAT(found({.sort = "shown", .descending = true}), ElementsAre(3, 1, 2));
  EXPECT_EQ(most->items.front().counts.shown, 2);
  EXPECT_EQ(most->items.front().counts.picked, 1);
  EXPECT_EQ(most->lists, 2);
  EXPECT_EQ(most->unseen, 1);
  EXPECT_THAT(found({.unseen = true}), ElementsAre(2));
}

TEST_F(ItemSearchTest, SeesAChangedCatalogAtOnce) {
  begin({{"A", 1}, {"B", 2}});
  EXPECT_THAT(found({.q = "price<5"}), ElementsAre(1, 2));
  ASSERT_TRUE(write_items({2, {{{1}, std::nullopt}, {{2}, film("B", 9)}, {{7}, film("C", 3)}}}));
  EXPECT_THAT(found({.q = "price<5"}), ElementsAre(7));
}

TEST_F(ItemSearchTest, LooksAtStoredTextsForASecondAndGoesOn) {
  std::vector<std::pair<std::string, double>> films(1'200, {"Dull", 1});
  films.front().first = films.back().first = "Gem";
  begin(films);
  const SlowClock slow;
  ItemSearch search(*store_, *serving_, *performance_, slow);
  const ItemSearchRequest request{.q = "gem"};
  const auto first = search.find(request);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->complete);
  EXPECT_EQ(first->looked_at, 500);
  EXPECT_EQ(first->total, 1);
  ASSERT_TRUE(search.find(request));
  const auto last = search.find(request);
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->complete);
  EXPECT_EQ(last->looked_at, 1'200);
  ASSERT_THAT(last->items, SizeIs(2));
  EXPECT_EQ(last->items[1].item.id, ItemId{1'200});
  // What memory knows takes no second.
  EXPECT_TRUE(search.find({.q = "price>0"})->complete);
}

TEST_F(ItemSearchTest, NamesWhatItDoesNotUnderstand) {
  begin({{"A", 1}});
  EXPECT_THAT(refusal({.q = "prize<3"}), HasSubstr("'prize'"));
  EXPECT_THAT(refusal({.q = std::string(201, 'x')}), HasSubstr("201"));
  EXPECT_THAT(refusal({.sort = "title"}), HasSubstr("there are id, shown, picked, price"));
}

}  // namespace
}  // namespace rankloop::app
