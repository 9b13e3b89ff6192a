// Items as they were when they were ranked.
#include "app/serve/item_payloads.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

class ItemPayloadsTest : public UseCaseFixture {
 protected:
  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
    change({1, {{{1}, film("Alien")}, {{2}, film("Brazil")}}});
  }
  void change(storage::CatalogWrite write) {
    const std::int64_t version = write.version;
    ASSERT_TRUE(write_items(std::move(write)));
    ASSERT_TRUE(serving_->wait_for_catalog(version));
  }
  auto known(std::span<const ItemId> ids, std::int64_t at_version) {
    return payloads_->known(*serving_->current()->catalog, ids, at_version);
  }

  std::unique_ptr<ItemPayloads> payloads_;
  const std::vector<ItemId> both_ = {{2}, {1}};
};

TEST_F(ItemPayloadsTest, AreKnownOnceTheyWereRead) {
  payloads_ = std::make_unique<ItemPayloads>(*store_, 100'000);
  EXPECT_FALSE(known(both_, 1));
  const auto loaded = payloads_->load(both_, 1);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded->at(0), film("Brazil"));
  EXPECT_EQ(*loaded->at(1), film("Alien"));
  const auto found = known(both_, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, *loaded);
}

TEST_F(ItemPayloadsTest, AreThoseOfTheVersionThatWasRanked) {
  payloads_ = std::make_unique<ItemPayloads>(*store_, 100'000);
  ASSERT_TRUE(payloads_->load(both_, 1));
  change({2, {{{2}, film("Brazil, again")}}});
  EXPECT_FALSE(known(both_, 1));  // what is in memory is newer than what was ranked
  EXPECT_EQ(*payloads_->load(both_, 1)->at(0), film("Brazil"));
  EXPECT_EQ(*payloads_->load(both_, 2)->at(0), film("Brazil, again"));
  EXPECT_EQ(*known(both_, 2)->at(0), film("Brazil, again"));
  EXPECT_EQ(*known(both_, 2)->at(1), film("Alien"));  // unchanged, so its entry still serves
}

TEST_F(ItemPayloadsTest, OutliveTheItem) {
  payloads_ = std::make_unique<ItemPayloads>(*store_, 100'000);
  change({2, {{{1}, std::nullopt}}});
  EXPECT_FALSE(known(both_, 1));
  EXPECT_EQ(*payloads_->load(both_, 1)->at(1), film("Alien"));
}

TEST_F(ItemPayloadsTest, TellWhenARankedItemIsMissing) {
  payloads_ = std::make_unique<ItemPayloads>(*store_, 100'000);
  const std::vector<ItemId> unknown = {{1}, {999}};
  EXPECT_FALSE(known(unknown, 1));
  const auto loaded = payloads_->load(unknown, 1);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss);
}

TEST_F(ItemPayloadsTest, AreReadAgainWhenThereIsNoMemory) {
  payloads_ = std::make_unique<ItemPayloads>(*store_, 0);
  ASSERT_TRUE(payloads_->load(both_, 1));
  EXPECT_FALSE(known(both_, 1));
  EXPECT_EQ(payloads_->load(both_, 1)->size(), 2U);
}

}  // namespace
}  // namespace rankloop::app
