#include "app/catalog.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CatalogTest : public UseCases {
 protected:
  void SetUp() override {
    UseCases::SetUp();
    start_serving();
  }
  Result<Item> add(const std::string& body) { return catalog_->add(json(body), {}); }
  Result<ImportReport> import_csv(const std::string& text) {
    return catalog_->import(text, ImportFormat::kCsv);
  }
  std::string title(std::int64_t id) {
    const Result<Item> item = catalog_->get({id});
    if (!item) return "none";
    return std::string{json(item->payload).at("title").as_string()};
  }
  std::vector<std::int64_t> ids() {
    const Result<std::vector<Item>> items = catalog_->list(0, 10'000);
    EXPECT_TRUE(items);
    std::vector<std::int64_t> found;
    for (const Item& item : *items) found.push_back(item.id.value);
    return found;
  }
};

TEST_F(CatalogTest, AddsUnderTheNextFreeOrTheGivenId) {
  EXPECT_EQ(add(film("Alien"))->id, ItemId{1});
  EXPECT_EQ(add(R"({"film_id":40,"title":"Brazil","price":3})")->id, ItemId{40});
  EXPECT_EQ(add(film("Clue"))->id, ItemId{41});
  EXPECT_EQ(catalog_->size(), 3);
  EXPECT_EQ(store_->catalog_version(), 3);
  EXPECT_EQ(title(40), "Brazil");
}

TEST_F(CatalogTest, NeverGivesTheIdOfADeletedItemAgain) {
  ASSERT_TRUE(add(film("Alien")));
  ASSERT_TRUE(add(film("Brazil")));
  ASSERT_TRUE(catalog_->remove({2}));
  restart();
  ASSERT_EQ(add(film("Clue"))->id, ItemId{3});
  ASSERT_TRUE(catalog_->remove({3}));
  EXPECT_EQ(add(film("Dune"))->id, ItemId{4});
  ASSERT_TRUE(catalog_->remove({4}));
  restart();
  ASSERT_TRUE(import_csv("title,price\nElf,3\n"));
  EXPECT_EQ(title(5), "Elf");
}

TEST_F(CatalogTest, SuppliesTheTimeOfCreation) {
  const Result<Item> item = add(film("Alien"));
  ASSERT_TRUE(item);
  EXPECT_EQ(json(item->payload).at("creation_time").as_string(), to_iso8601(clock_.wall()));
}

TEST_F(CatalogTest, RefusesAnIdThatIsTaken) {
  ASSERT_TRUE(add(R"({"film_id":7,"title":"Alien","price":3})"));
  const Result<Item> again = add(R"({"film_id":7,"title":"Brazil","price":3})");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(again.error().message, "There is already a film 7");
  EXPECT_EQ(title(7), "Alien");
}

TEST_F(CatalogTest, NamesEveryFaultOfABody) {
  for (const char* id : {"0", "-1", "1.5", "\"1\"", "9007199254740992", "true"}) {
    const Result<Item> item = add(R"({"film_id":)" + std::string{id} + R"(,"price":-1})");
    ASSERT_FALSE(item) << id;
    EXPECT_EQ(item.error().code, ErrorCode::kInvalidArgument);
    std::vector<std::string> places;
    for (const FieldFault& fault : item.error().faults) places.push_back(fault.loc.back());
    EXPECT_THAT(places, ::testing::UnorderedElementsAre("film_id", "title", "price")) << id;
  }
  EXPECT_EQ(add("[]").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_->catalog_version(), 0);
}

TEST_F(CatalogTest, HasNoFreeIdBehindTheLargest) {
  ASSERT_TRUE(add(R"({"film_id":9007199254740991,"title":"Alien","price":3})"));
  const Result<Item> next = add(film("Brazil"));
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(next.error().message, HasSubstr("film_id"));
  EXPECT_FALSE(import_csv("title,price\nBrazil,3\n"));
  EXPECT_EQ(catalog_->size(), 1);
}

TEST_F(CatalogTest, ChangesWhatIsNamedAndKeepsTheRest) {
  ASSERT_TRUE(add(film("Alien", 10)));
  const Result<Item> changed = catalog_->change({1}, json(R"({"price":12.5,"film_id":99})"));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->id, ItemId{1});
  EXPECT_EQ(json(changed->payload).at("price").to_number<double>(), 12.5);
  EXPECT_EQ(title(1), "Alien");
  EXPECT_EQ(catalog_->change({1}, json(R"({"price":-1})")).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalog_->change({2}, json("{}")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->catalog_version(), 2);
}

TEST_F(CatalogTest, HidesWhatIsRemovedAndKeepsWhatItWas) {
  ASSERT_TRUE(add(film("Alien")));
  ASSERT_TRUE(add(film("Brazil")));
  ASSERT_TRUE(catalog_->remove({2}));
  EXPECT_EQ(catalog_->get({2}).error().message, "There is no film 2");
  EXPECT_EQ(catalog_->remove({2}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(catalog_->size(), 1);
  const auto before = store_->item({2}, 2);
  ASSERT_TRUE(before);
  EXPECT_THAT(before->payload, HasSubstr("Brazil"));
  EXPECT_EQ(add(film("Clue"))->id, ItemId{3});
  ASSERT_TRUE(add(R"({"film_id":2,"title":"Brazil again","price":3})"));
  EXPECT_EQ(title(2), "Brazil again");
}

TEST_F(CatalogTest, ListsInPagesByItsIds) {
  for (const int id : {5, 3, 9, 1}) {
    ASSERT_TRUE(add(R"({"film_id":)" + std::to_string(id) + R"(,"title":"x","price":3})"));
  }
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 3, 5, 9}));
  const auto page = catalog_->list(1, 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].id, ItemId{3});
  EXPECT_TRUE(catalog_->list(4, 2)->empty());
  EXPECT_TRUE(catalog_->list(0, 0)->empty());
}

TEST_F(CatalogTest, ImportsNewAndKnownItems) {
  ASSERT_TRUE(add(film("Alien")));
  const auto report =
      import_csv("film_id,title,price,colour\n1,\"Alien, again\",3,red\n,Brazil,4,\n9,Clue,5,blue\n");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rows, 3);
  EXPECT_EQ(report->updated, 1);
  EXPECT_EQ(report->created, 2);
  EXPECT_EQ(report->catalog_version, 2);
  EXPECT_EQ(title(1), "Alien, again");
  EXPECT_EQ(title(9), "Clue");
  EXPECT_EQ(ids().size(), 3U);
  EXPECT_EQ(catalog_->size(), 3);
}

TEST_F(CatalogTest, ImportsEveryFormat) {
  ASSERT_TRUE(catalog_->import("title\tprice\nAlien, 1979\t3\n", ImportFormat::kTsv));
  const auto report = catalog_->import(
      "{\"title\":\"Brazil\",\"price\":4,\"colour\":\"red\"}\n\n{\"film_id\":7,\"title\":\"Clue\",\"price\":"
      "5}",
      ImportFormat::kJsonLines);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rows, 2);
  EXPECT_EQ(report->unknown_fields, 1);
  EXPECT_EQ(title(1), "Alien, 1979");
  EXPECT_EQ(title(7), "Clue");
}

// An id that a later row brings is not given to an earlier one without.
TEST_F(CatalogTest, KeepsIdsOfLaterRowsFree) {
  const auto report = import_csv("film_id,title,price\n,Alien,3\n1,Brazil,4\n2,Clue,5\n");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->created, 3);
  EXPECT_EQ(catalog_->size(), 3);
  EXPECT_EQ(title(1), "Brazil");
  EXPECT_EQ(title(2), "Clue");
  EXPECT_EQ(title(3), "Alien");
}

TEST_F(CatalogTest, TakesTheLastOfRowsWithOneId) {
  const auto report = import_csv("film_id,title,price\n7,Alien,3\n8,Brazil,4\n7,Clue,5\n");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->rows, 3);
  EXPECT_EQ(report->created, 2);
  EXPECT_EQ(report->updated, 1);
  EXPECT_EQ(catalog_->size(), 2);
  EXPECT_EQ(title(7), "Clue");
}

TEST_F(CatalogTest, ImportsAllRowsOrNone) {
  ASSERT_TRUE(add(film("Alien")));
  const auto report = import_csv("film_id,title,price\n1,Changed,3\n2,Brazil,-4\n3,Clue\nx,Diva,3\n");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
  std::vector<std::string> lines;
  for (const FieldFault& fault : report.error().faults) lines.push_back(fault.loc.at(1));
  EXPECT_EQ(lines, (std::vector<std::string>{"line 3", "line 4", "line 5"}));
  EXPECT_THAT(report.error().faults[1].msg, AllOf(HasSubstr("2 cells"), HasSubstr("has 3")));
  EXPECT_EQ(title(1), "Alien");
  EXPECT_EQ(catalog_->size(), 1);
  EXPECT_EQ(store_->catalog_version(), 1);
}

TEST_F(CatalogTest, NamesTheLineOfJsonThatIsNone) {
  const auto report =
      catalog_->import("{\"title\":\"Brazil\",\"price\":4}\n{\"title\":\n[]\n", ImportFormat::kJsonLines);
  ASSERT_FALSE(report);
  ASSERT_EQ(report.error().faults.size(), 2U);
  EXPECT_EQ(report.error().faults[0].loc.at(1), "line 2");
  EXPECT_EQ(report.error().faults[1].loc.at(1), "line 3");
}

TEST_F(CatalogTest, RefusesAQuoteThatIsNeverClosed) {
  const auto report = import_csv("title,price\nAlien,3\n\"Brazil,4\nClue,5\n");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message, "body.line 3: a quoted cell is never closed");
  EXPECT_EQ(catalog_->size(), 0);
}

TEST_F(CatalogTest, NamesAHundredFaultsAtMost) {
  std::string text = "title,price,creation_time\n";
  for (int i = 0; i < 99; ++i) text += "Alien,-1,2026-03-01T12:00:00Z\n";
  text += ",-1,never\nAlien,-1,2026-03-01T12:00:00Z\n";
  const auto report = import_csv(text);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().faults.size(), 100U);
}

TEST_F(CatalogTest, ImportsNothingFromATextWithoutRows) {
  for (const char* text : {"", "\n\n", "title,price\n"}) {
    const auto report = import_csv(text);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->rows, 0);
    EXPECT_EQ(report->catalog_version, 0);
  }
  EXPECT_EQ(store_->catalog_version(), 0);
}

TEST_F(CatalogTest, ImportsManyRowsAsOneChange) {
  std::string text = "title,price\n";
  for (int i = 0; i < 4'500; ++i) text += "Film " + std::to_string(i) + ",3\n";
  std::vector<double> shares;
  const auto report =
      catalog_->import(text, ImportFormat::kCsv, [&](double share) { shares.push_back(share); });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->created, 4'500);
  EXPECT_EQ(store_->catalog_version(), 1);
  EXPECT_EQ(catalog_->size(), 4'500);
  EXPECT_EQ(title(4'500), "Film 4499");
  EXPECT_GT(shares.size(), 3U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_GE(shares.front(), 0);
  EXPECT_DOUBLE_EQ(shares.back(), 1);
}

// Parts of an import that never came to its end are no part of the next change.
TEST_F(CatalogTest, DropsWhatAnUnfinishedImportLeft) {
  ASSERT_TRUE(add(film("Alien")));
  ASSERT_TRUE(write_items({2, {{{1}, film("Half")}, {{50}, film("Half")}}, true, false}));
  EXPECT_EQ(title(1), "Alien");
  const auto report = import_csv("title,price\nBrazil,4\n");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->catalog_version, 2);
  EXPECT_EQ(title(1), "Alien");
  EXPECT_EQ(title(50), "none");
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(CatalogTest, KeepsEverythingOverARestart) {
  ASSERT_TRUE(import_csv("film_id,title,price\n3,Alien,3\n5,Brazil,4\n"));
  ASSERT_TRUE(catalog_->remove({3}));
  ASSERT_TRUE(write_items({3, {{{50}, film("Half")}}, true, false}));
  restart();
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(store_->catalog_version(), 2);
  EXPECT_EQ(add(film("Clue"))->id, ItemId{6});
}

TEST_F(CatalogTest, KeepsTheAnswerOfAnAddedItem) {
  const KeepItem keep = [](const Item& item) {
    return storage::Keep<std::int64_t>{"key", "fingerprint", [item](const Result<std::int64_t>& outcome) {
                                         EXPECT_TRUE(outcome);
                                         return storage::KeptAnswer{"fingerprint", 200, item.payload, {}};
                                       }};
  };
  const Result<Item> item = catalog_->add(json(film("Alien")), keep);
  ASSERT_TRUE(item);
  const auto kept = store_->kept_answer("key");
  ASSERT_TRUE(kept && kept->has_value());
  EXPECT_EQ((*kept)->body, item->payload);
  EXPECT_EQ(catalog_->add(json(film("Brazil")), keep).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(catalog_->size(), 1);
}

}  // namespace
}  // namespace rankloop::app
