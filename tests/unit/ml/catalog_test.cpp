// Versions of the catalog in memory.
#include "ml/catalog.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

struct Known {
  std::int64_t version = 0;
  std::vector<float> columns;
  bool operator==(const Known&) const = default;
};

// What a catalog holds, read row by row.
std::map<std::int64_t, Known> contents(const Catalog& catalog) {
  std::map<std::int64_t, Known> items;
  for (std::uint32_t row = 0; row < catalog.rows(); ++row) {
    const CatalogChunk& chunk = *catalog.chunks()[row / kChunkRows];
    if (chunk.live[row % kChunkRows] == 0) continue;
    Known known{catalog.version_at(row), {}};
    for (std::size_t c = 0; c < catalog.item_columns().size(); ++c) {
      known.columns.push_back(chunk.column(c)[row % kChunkRows]);
    }
    items.emplace(catalog.id_at(row).value, std::move(known));
  }
  return items;
}

ItemValues columns_of(const Catalog& catalog, float value) {
  return {std::vector<float>(catalog.item_columns().size(), value), {}};
}

TEST(Catalog, IsEmptyAtFirst) {
  const auto catalog = Catalog::empty(share(sample_domain()));
  EXPECT_EQ(catalog->version(), 0);
  EXPECT_EQ(catalog->live_items(), 0U);
  EXPECT_EQ(catalog->rows(), 0U);
  EXPECT_FALSE(catalog->find(ItemId{1}));
  EXPECT_TRUE(catalog->ids_after(ItemId{0}, 10).empty());
}

TEST(Catalog, KeepsTheColumnsOfFeaturesCrossesAndRules) {
  Domain domain = sample_domain_with_crosses();
  domain.rules.push_back(sample_rule(9, Comparison::kEqual, std::nullopt, 1));
  const auto catalog = Catalog::empty(share(domain));
  const std::vector<std::size_t> expected = {1, 2, 3, 4, 5, 9};
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), catalog->item_columns().begin(),
                         catalog->item_columns().end()));
  EXPECT_EQ(catalog->position_of(9), 5U);
  const std::vector<double> schema_columns = {0, 1, 2, 3, 4, 1e300, 6, 7, 8, kSampleAbsent};
  const std::vector<float> picked = catalog->pick(schema_columns).numbers;
  EXPECT_EQ(picked[0], 1.0F);
  EXPECT_EQ(picked[4], std::numeric_limits<float>::max());
  EXPECT_TRUE(std::isnan(picked[5]));
}

TEST(Catalog, SharesEveryUntouchedChunk) {
  const auto before = sample_catalog(share(sample_domain()), 3 * kChunkRows, 1);
  const ItemChange change{before->id_at(kChunkRows + 7), 2, columns_of(*before, 9)};
  const auto after = before->with(2, {&change, 1});
  EXPECT_EQ(after->chunks()[0], before->chunks()[0]);
  EXPECT_NE(after->chunks()[1], before->chunks()[1]);
  EXPECT_EQ(after->chunks()[2], before->chunks()[2]);
  EXPECT_EQ(after->version(), 2);
  EXPECT_EQ(after->version_at(kChunkRows + 7), 2);
  EXPECT_EQ(before->version_at(kChunkRows + 7), 1);
  EXPECT_NE(before->chunks()[1]->column(0)[7], 9.0F);
}

TEST(Catalog, LeavesAHoleWhereAnItemIsDeletedAndRevivesItInPlace) {
  const auto before = sample_catalog(share(sample_domain()), 50, 2);
  const ItemId id = before->id_at(20);
  const ItemChange gone{id, 2, {}};
  const auto without = before->with(2, {&gone, 1});
  EXPECT_EQ(without->live_items(), 49U);
  EXPECT_EQ(without->rows(), 50U);
  EXPECT_FALSE(without->find(id));
  const ItemChange back{id, 3, columns_of(*before, 4)};
  const auto again = without->with(3, {&back, 1});
  EXPECT_EQ(again->live_items(), 50U);
  EXPECT_EQ(again->rows(), 50U);
  EXPECT_EQ(again->find(id), 20U);
}

TEST(Catalog, IgnoresTheDeletionOfAnUnknownItem) {
  const auto before = sample_catalog(share(sample_domain()), 5, 3);
  const ItemChange gone{ItemId{-77}, 2, {}};
  const auto after = before->with(2, {&gone, 1});
  EXPECT_EQ(after->live_items(), 5U);
  EXPECT_EQ(after->rows(), 5U);
}

TEST(Catalog, PagesThroughLiveIdsInOrder) {
  const auto catalog = sample_catalog(share(sample_domain()), 10'000, 4, 0, 0.3);
  std::vector<ItemId> paged;
  for (ItemId after{-1};;) {
    const std::vector<ItemId> page = catalog->ids_after(after, 999);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  std::vector<ItemId> expected;
  for (const auto& [id, known] : contents(*catalog)) expected.push_back(ItemId{id});
  EXPECT_EQ(paged, expected);
}

TEST(Catalog, WithChangesEqualsOneRebuiltFromScratch) {
  rc::check([](std::uint32_t seed) {
    SampleNumbers random(seed);
    const auto domain = share(sample_domain());
    auto catalog = Catalog::empty(domain);
    std::map<std::int64_t, Known> expected;
    const auto snapshots = static_cast<std::int64_t>(random.whole(1, 6));
    for (std::int64_t version = 1; version <= snapshots; ++version) {
      std::vector<ItemChange> changes;
      for (std::int64_t i = random.whole(0, 3000); i > 0; --i) {
        const ItemId id{random.whole(-500, 6000)};
        if (random.chance(0.2)) {
          changes.push_back({id, version, {}});
          expected.erase(id.value);
        } else {
          changes.push_back({id, version, columns_of(*catalog, static_cast<float>(random.uniform(0, 1)))});
          expected[id.value] = {version, changes.back().values->numbers};
        }
      }
      catalog = catalog->with(version, changes);
    }
    RC_ASSERT(contents(*catalog) == expected);
    RC_ASSERT(catalog->live_items() == expected.size());
    for (std::int64_t id = -510; id < 6010; ++id) {
      const auto row = catalog->find(ItemId{id});
      RC_ASSERT(row.has_value() == expected.contains(id));
      if (row) RC_ASSERT(catalog->id_at(*row) == ItemId{id});
    }
    std::vector<ItemId> ids;
    for (const auto& [id, known] : expected) ids.push_back(ItemId{id});
    RC_ASSERT(catalog->ids_after(ItemId{-1000}, ids.size() + 1) == ids);
  });
}

}  // namespace
}  // namespace rankloop::ml
