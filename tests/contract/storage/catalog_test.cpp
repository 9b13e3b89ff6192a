// Items with their history, models, domain versions.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CatalogContract : public StoreContract {
 protected:
  static ItemWrite put(std::int64_t id, std::string payload) { return {ItemId{id}, std::move(payload)}; }
  static ItemWrite put_new(std::int64_t id, std::string key) { return {ItemId{id}, "{}", std::move(key)}; }
  static ItemWrite drop(std::int64_t id) { return {ItemId{id}, std::nullopt}; }
  std::vector<std::string> current() {
    std::vector<std::string> payloads;
    EXPECT_TRUE(store_->each_item([&](const ItemRecord& item) { payloads.push_back(item.payload); }));
    return payloads;
  }
  // "1 a/b" of each key from the one after `after` on.
  std::vector<std::string> keys(std::int64_t after = 0) {
    std::vector<std::string> keys;
    EXPECT_TRUE(store_->each_item_key({after}, [&](ItemId id, std::string_view key) {
      keys.push_back(std::to_string(id.value) + " " + std::string{key});
    }));
    return keys;
  }
  Result<ModelId> add(const std::string& artefact, bool promote) {
    NewModel model;
    model.family = "mlp";
    model.feature_fingerprint = "f";
    model.artefact = artefact;
    model.metrics = R"({"auc":0.7})";
    model.lineage = "{}";
    model.domain_version = 1;
    model.at = clock_.wall();
    model.promote = promote;
    return await<ModelId>([&](auto done) { store_->add_model(std::move(model), done); });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, CatalogContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(CatalogContract, AnswersItemsAsTheyWereAtAVersion) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1"), put(2, "b1")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put(1, "a2")}}));
  ASSERT_TRUE(write_items({.version = 3, .items = {drop(2)}}));
  EXPECT_EQ(store_->catalog_version(), 3);
  EXPECT_EQ(listener_.catalog(), 3);
  EXPECT_EQ(store_->item(ItemId{1}, 1)->payload, "a1");
  EXPECT_EQ(store_->item(ItemId{1}, 3)->payload, "a2");
  EXPECT_EQ(store_->item(ItemId{1}, 3)->version, 2);
  EXPECT_EQ(store_->item(ItemId{2}, 2)->payload, "b1");
  EXPECT_TRUE(store_->item(ItemId{2}, 3)->deleted);
  EXPECT_EQ(code_of(store_->item(ItemId{1}, 0)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store_->item(ItemId{9}, 3)), ErrorCode::kNotFound);
  const std::vector<ItemId> asked = {ItemId{2}, ItemId{9}, ItemId{1}};
  const auto found = store_->items(asked, 2);
  ASSERT_TRUE(found);
  ASSERT_THAT(*found, SizeIs(2));
  EXPECT_EQ(found->at(0).payload, "b1");
  EXPECT_EQ(found->at(1).payload, "a2");
  EXPECT_THAT(current(), ElementsAre("a2"));
}

// A change leaves an item as old as it was; one that was deleted begins anew.
TEST_P(CatalogContract, KeepsSinceWhenAnItemIsThere) {
  using std::chrono::hours;
  const WallTime first = clock_.wall();
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1"), put(2, "b1")}}));
  clock_.advance(hours{1});
  ASSERT_TRUE(write_items({.version = 2, .items = {put(1, "a2"), drop(2), put(3, "c2")}}));
  clock_.advance(hours{1});
  ASSERT_TRUE(write_items({.version = 3, .items = {put(1, "a3"), put(2, "b3"), put(3, "c3")}}));
  const auto since = [&](std::int64_t id, std::int64_t version) {
    return store_->item(ItemId{id}, version)->since;
  };
  EXPECT_EQ(since(1, 1), first);
  EXPECT_EQ(since(1, 3), first);
  EXPECT_EQ(since(2, 1), first);
  EXPECT_EQ(since(2, 2), std::nullopt);
  EXPECT_EQ(since(2, 3), first + hours{2});
  EXPECT_EQ(since(3, 3), first + hours{1});
  const auto told_of = [](const ItemRecord& item) { return std::pair(item.id.value, item.since); };
  using Told = std::vector<std::pair<std::int64_t, std::optional<WallTime>>>;
  const Told expected = {{1, first}, {2, first + hours{2}}, {3, first + hours{1}}};
  Told all, changed, states;
  ASSERT_TRUE(store_->each_item([&](const ItemRecord& item) { all.push_back(told_of(item)); }));
  ASSERT_TRUE(store_->each_change(1, 3, [&](const ItemRecord& item) { changed.push_back(told_of(item)); }));
  ASSERT_TRUE(store_->each_item_version(std::vector{ItemId{2}}, [&](const ItemRecord& item) {
    states.push_back(told_of(item));
    return true;
  }));
  EXPECT_EQ(all, expected);
  EXPECT_EQ(changed, expected);
  EXPECT_EQ(states, (Told{{2, first}, {2, std::nullopt}, {2, first + hours{2}}}));
}

// One that is deleted and put again in one change was never away.
TEST_P(CatalogContract, CountsWhatAChangeLeavesNotWhatItPassesThrough) {
  const WallTime first = clock_.wall();
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1")}}));
  clock_.advance(std::chrono::hours{1});
  ASSERT_TRUE(write_items({.version = 2, .items = {drop(1), put(2, "b1"), put(2, "b2"), put(1, "a2")}}));
  EXPECT_EQ(store_->item(ItemId{1}, 2)->since, first);
  EXPECT_EQ(store_->item(ItemId{2}, 2)->since, first + std::chrono::hours{1});
}

TEST_P(CatalogContract, StreamsWhatChangedAfterAVersion) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1"), put(2, "b1"), put(3, "c1")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put(1, "a2")}}));
  ASSERT_TRUE(write_items({.version = 3, .items = {put(1, "a3"), drop(2)}}));
  std::vector<std::string> changes;
  const auto version = store_->each_change(1, CatalogStore::kCurrentVersion, [&](const ItemRecord& item) {
    changes.push_back(item.deleted ? "-" + std::to_string(item.id.value) : item.payload);
  });
  ASSERT_TRUE(version);
  EXPECT_EQ(*version, 3);
  EXPECT_THAT(changes, ElementsAre("a3", "-2"));
}

TEST_P(CatalogContract, StreamsWhatChangedUpToAVersionAsItWasThen) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1"), put(2, "b1")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put(1, "a2"), put(3, "c2")}}));
  ASSERT_TRUE(write_items({.version = 3, .items = {put(1, "a3"), drop(2), drop(3)}}));
  const auto changes_of = [&](std::int64_t after, std::int64_t up_to) {
    std::vector<std::string> changes;
    const auto version = store_->each_change(after, up_to, [&](const ItemRecord& item) {
      changes.push_back(item.deleted ? "-" + std::to_string(item.id.value) : item.payload);
    });
    EXPECT_TRUE(version);
    changes.push_back(std::to_string(*version));
    return changes;
  };
  EXPECT_THAT(changes_of(0, 1), ElementsAre("a1", "b1", "1"));
  EXPECT_THAT(changes_of(0, 2), ElementsAre("a2", "b1", "c2", "2"));
  EXPECT_THAT(changes_of(1, 2), ElementsAre("a2", "c2", "2"));
  EXPECT_THAT(changes_of(2, 99), ElementsAre("a3", "-2", "-3", "3"));
  EXPECT_THAT(changes_of(2, 2), ElementsAre("2"));
}

TEST_P(CatalogContract, StreamsEveryCompletedStateOfTheItemsThatAreAskedFor) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1"), put(2, "b1"), put(3, "c1")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put(1, "a2"), drop(2)}}));
  ASSERT_TRUE(write_items({.version = 3, .items = {put(1, "unfinished")}, .last = false}));
  std::vector<std::string> states;
  std::size_t most = 100;
  const auto visit = [&](const ItemRecord& item) {
    states.push_back(std::to_string(item.id.value) + "." + std::to_string(item.version) + " " +
                     (item.deleted ? "deleted" : item.payload));
    return states.size() < most;
  };
  const auto states_of = [&](const std::vector<ItemId>& ids, std::size_t first) {
    most = first;
    states.clear();
    EXPECT_TRUE(store_->each_item_version(ids, visit));
    return states;
  };
  EXPECT_THAT(states_of({{1}, {2}, {9}}, 100), ElementsAre("1.1 a1", "1.2 a2", "2.1 b1", "2.2 deleted"));
  EXPECT_THAT(states_of({{1}, {2}}, 3), ElementsAre("1.1 a1", "1.2 a2", "2.1 b1"));
  EXPECT_THAT(states_of({}, 100), IsEmpty());
  states.clear();
  EXPECT_TRUE(store_->every_item_version(visit));
  EXPECT_THAT(states, ElementsAre("1.1 a1", "1.2 a2", "2.1 b1", "2.2 deleted", "3.1 c1"));
}

TEST_P(CatalogContract, RefusesAChangeOfAnotherVersion) {
  EXPECT_EQ(code_of(write_items({.version = 2, .items = {put(1, "a")}})), ErrorCode::kAborted);
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a")}}));
  EXPECT_EQ(code_of(write_items({.version = 1, .items = {put(1, "b")}})), ErrorCode::kAborted);
  EXPECT_THAT(current(), ElementsAre("a"));
}

TEST_P(CatalogContract, ShowsAChangeInPartsOnlyWhenComplete) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put(1, "a2"), put(2, "b2")}, .last = false}));
  EXPECT_EQ(store_->catalog_version(), 1);
  EXPECT_THAT(current(), ElementsAre("a1"));
  EXPECT_EQ(store_->item(ItemId{1}, 2)->payload, "a1");
  EXPECT_EQ(code_of(store_->item(ItemId{2}, 99)), ErrorCode::kNotFound);
  ASSERT_TRUE(write_items({.version = 2, .items = {put(3, "c2")}, .first = false}));
  EXPECT_THAT(current(), ElementsAre("a2", "b2", "c2"));
}

TEST_P(CatalogContract, ForgetsAChangeThatWasNeverCompleted) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put(2, "abandoned")}, .last = false}));
  ASSERT_TRUE(write_items({.version = 1, .items = {put(1, "a1")}}));
  EXPECT_THAT(current(), ElementsAre("a1"));
  ASSERT_TRUE(write_items({.version = 2, .items = {put(2, "abandoned")}, .last = false}));
  reopen();
  EXPECT_EQ(store_->catalog_version(), 1);
  ASSERT_TRUE(write_items({.version = 2, .items = {put(3, "c2")}, .first = false}));
  EXPECT_THAT(current(), ElementsAre("a1", "c2"));
}

TEST_P(CatalogContract, KeepsTheTextsThatIdsStandFor) {
  EXPECT_THAT(keys(), IsEmpty());
  const std::string longest(256, 'x');
  ASSERT_TRUE(
      write_items({.version = 1, .items = {put_new(1, "a/b"), put_new(2, "Zoë 2"), put_new(3, "🍎")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {drop(1), put_new(4, longest)}}));
  EXPECT_THAT(keys(), ElementsAre("1 a/b", "2 Zoë 2", "3 🍎", "4 " + longest));
  EXPECT_THAT(keys(3), ElementsAre("4 " + longest));
  EXPECT_THAT(keys(4), IsEmpty());
  reopen();
  ASSERT_TRUE(write_items({.version = 3, .items = {put(1, "again")}}));
  EXPECT_THAT(keys(2), ElementsAre("3 🍎", "4 " + longest));
}

// Case and accents tell texts apart, and blanks at their ends do.
TEST_P(CatalogContract, ComparesTextsOfIdsByTheirBytes) {
  ASSERT_TRUE(write_items({.version = 1,
                           .items = {put_new(1, "a"), put_new(2, "A"), put_new(3, "a "), put_new(4, "ä"),
                                     put_new(5, "a\xCC\x88")}}));
  EXPECT_THAT(keys(), SizeIs(5));
}

TEST_P(CatalogContract, ShowsTextsOfIdsOnlyOfACompleteChange) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put_new(1, "a")}}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put_new(2, "b")}, .last = false}));
  EXPECT_THAT(keys(), ElementsAre("1 a"));
  ASSERT_TRUE(write_items({.version = 2, .items = {put_new(3, "c")}, .first = false}));
  EXPECT_THAT(keys(), ElementsAre("1 a", "2 b", "3 c"));
}

TEST_P(CatalogContract, GivesTheNumbersOfAChangeThatWasNeverCompletedAgain) {
  ASSERT_TRUE(write_items({.version = 1, .items = {put_new(1, "a")}}));
  ASSERT_TRUE(
      write_items({.version = 2, .items = {put_new(2, "abandoned"), put_new(3, "too")}, .last = false}));
  ASSERT_TRUE(write_items({.version = 2, .items = {put_new(2, "b")}}));
  EXPECT_THAT(keys(), ElementsAre("1 a", "2 b"));
  ASSERT_TRUE(write_items({.version = 3, .items = {put_new(3, "abandoned")}, .last = false}));
  reopen();
  ASSERT_TRUE(write_items({.version = 3, .items = {put_new(3, "c")}}));
  EXPECT_THAT(keys(), ElementsAre("1 a", "2 b", "3 c"));
}

TEST_P(CatalogContract, HasOneChampionWithAllTheTraffic) {
  ASSERT_TRUE(add("one", true));
  ASSERT_TRUE(add("two", false));
  ASSERT_TRUE(add("three", true));
  EXPECT_EQ(store_->registry_version(), 3);
  EXPECT_EQ(listener_.registry(), 3);
  const auto models = store_->models();
  ASSERT_TRUE(models);
  ASSERT_THAT(*models, SizeIs(3));
  EXPECT_FALSE(models->at(0).champion);
  EXPECT_FALSE(models->at(1).champion);
  EXPECT_TRUE(models->at(2).champion);
  EXPECT_EQ(models->at(0).share + models->at(1).share, 0);
  EXPECT_EQ(models->at(2).share, 1);
  EXPECT_EQ(models->at(2).metrics, R"({"auc":0.7})");
  reopen();
  EXPECT_EQ(store_->registry_version(), 3);
}

TEST_P(CatalogContract, KeepsArtefactsByTheirHash) {
  const std::string bytes("weights\0and more", 16);
  ASSERT_TRUE(add(bytes, false));
  ASSERT_TRUE(add(bytes, false));
  const auto models = store_->models();
  ASSERT_TRUE(models);
  EXPECT_EQ(models->at(0).artefact_hash, models->at(1).artefact_hash);
  EXPECT_EQ(models->at(0).artefact_hash.size(), 64U);
  EXPECT_EQ(*store_->artefact(models->at(0).artefact_hash), bytes);
  EXPECT_EQ(code_of(store_->artefact("none")), ErrorCode::kNotFound);
}

TEST_P(CatalogContract, AdoptsDomainVersions) {
  EXPECT_EQ(code_of(store_->domain()), ErrorCode::kNotFound);
  const auto adopt = [&](std::string fingerprint) {
    return await<int>([&](auto done) {
      store_->adopt_domain("locations", std::move(fingerprint), "name = \"locations\"", clock_.wall(), done);
    });
  };
  EXPECT_EQ(*adopt("one"), 1);
  EXPECT_EQ(*adopt("two"), 2);
  reopen();
  const auto domain = store_->domain();
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->version, 2);
  EXPECT_EQ(domain->name, "locations");
  EXPECT_EQ(domain->fingerprint, "two");
  EXPECT_EQ(domain->source, "name = \"locations\"");
}

TEST_P(CatalogContract, StartsEmpty) {
  EXPECT_EQ(store_->catalog_version(), 0);
  EXPECT_EQ(store_->registry_version(), 0);
  EXPECT_EQ(store_->counts().users, 0);
  EXPECT_THAT(current(), IsEmpty());
  EXPECT_THAT(*store_->models(), IsEmpty());
  EXPECT_TRUE(store_->ping());
  EXPECT_GT(store_->bytes(), 4'096);
  EXPECT_FALSE(store_->kind().empty());
}

}  // namespace
}  // namespace rankloop::storage
