// Changes and imports of the catalog, against an embedded store.
#include "app/serve/catalog.h"

#include <algorithm>
#include <stop_token>
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

class CatalogTest : public UseCaseFixture {
 protected:
  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
  }
  Result<Item> add(const std::string& body) { return catalog_->add(json(body), {}); }
  Result<ImportReport> import_csv(const std::string& text) {
    return catalog_->import(text, {.format = ImportFormat::kCsv, .id_column = {}, .number_rows = true});
  }
  Result<ImportReport> import_csv(const std::string& text, const ImportOptions& options) {
    return catalog_->import(text, options);
  }
  std::string message_of(const std::string& text, const ImportOptions& options = {}) {
    const auto report = catalog_->import(text, options);
    if (report) return "imported " + std::to_string(report->rows);
    EXPECT_LE(report.error().faults.size(), 1U);
    return report.error().faults.empty() ? report.error().message : report.error().faults.front().msg;
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

// Numbers that nobody brought go on below the largest there can be, however long it stays taken.
TEST_F(CatalogTest, GoesOnCountingWhenTheLargestIdIsTaken) {
  ASSERT_TRUE(add(film("Alien")));
  ASSERT_TRUE(add(R"({"film_id":9007199254740991,"title":"Brazil","price":3})"));
  EXPECT_EQ(add(film("Clue"))->id, ItemId{2});
  ASSERT_TRUE(catalog_->remove({9007199254740991}));
  restart();
  EXPECT_EQ(add(film("Dune"))->id, ItemId{3});
  const auto report = import_csv("film_id,title,price\n,Elf,3\n9,Fargo,3\n,Gigi,3\n");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->created, 3);
  EXPECT_EQ(title(9), "Fargo");
  EXPECT_EQ(title(10), "Elf");
  EXPECT_EQ(title(11), "Gigi");
}

TEST_F(CatalogTest, RefusesATableWithoutAColumnOfIds) {
  EXPECT_THAT(message_of("id,title,price\n501,Alien,3\n"),
              AllOf(HasSubstr("no column 'film_id'"), HasSubstr("'id', 'title', 'price'"),
                    HasSubstr("id_column"), HasSubstr("number_rows")));
  EXPECT_THAT(message_of("Film_ID,TITLE,price\n501,Alien,3\n"),
              AllOf(HasSubstr("'film_id', 'title'"), HasSubstr("'title' for 'TITLE'")));
  EXPECT_THAT(message_of("film_id,title,price\n501,Alien,3\n,Brazil,3\n"), HasSubstr("is required"));
  EXPECT_EQ(store_->catalog_version(), 0);
}

TEST_F(CatalogTest, RefusesLinesWithoutAnIdOnce) {
  const ImportOptions lines{.format = ImportFormat::kJsonLines};
  EXPECT_THAT(
      message_of(
          "{\"id\":501,\"title\":\"Alien\",\"price\":3}\n{\"id\":502,\"title\":\"Brazil\",\"price\":3}\n",
          lines),
      AllOf(HasSubstr("is required"), HasSubstr("id_column")));
  EXPECT_EQ(store_->catalog_version(), 0);
}

TEST_F(CatalogTest, TakesIdsFromTheColumnThatIsNamed) {
  ASSERT_TRUE(import_csv("id,title,price\n501,Alien,3\n", {.id_column = "id"}));
  ASSERT_TRUE(import_csv("{\"key\":502,\"title\":\"Brazil\",\"price\":3}\n",
                         {.format = ImportFormat::kJsonLines, .id_column = "key"}));
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{501, 502}));
}

TEST_F(CatalogTest, ShowsTheValueThatIsNoId) {
  EXPECT_THAT(message_of("film_id,title,price\nSKU-1,Alien,3\n"), HasSubstr("not \"SKU-1\""));
  EXPECT_THAT(message_of("film_id,title,price\n0,Alien,3\n"), HasSubstr("not 0"));
}

TEST_F(CatalogTest, NamesWhatItLeavesOutOrRefusesIt) {
  const std::string table = "film_id,title,price,prcie,colour\n1,Alien,3,9.99,red\n2,Brazil,4,,\n";
  const auto report = import_csv(table);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->unknown_fields, 4);
  ASSERT_EQ(report->unknown.size(), 2U);
  EXPECT_EQ(report->unknown[0].name, "colour");
  EXPECT_EQ(report->unknown[1].name, "prcie");
  EXPECT_EQ(report->unknown[1].count, 2);
  EXPECT_EQ(report->unknown[1].nearest, "price");
  EXPECT_THAT(message_of(table, {.strict = true}),
              AllOf(HasSubstr("'prcie'"), HasSubstr("did you mean 'price'")));
  EXPECT_EQ(store_->catalog_version(), 1);
}

TEST_F(CatalogTest, FindsTheSeparatorItself) {
  for (const char* table : {"film_id;title;price\n1;Alien;3\n", "film_id\ttitle\tprice\n1\tAlien\t3\n",
                            "film_id|title|price\n1|Alien|3\n", "film_id,title,price\r1,Alien,3\r"}) {
    const auto report = import_csv(table, {});
    ASSERT_TRUE(report) << table << report.error().message;
    EXPECT_EQ(report->rows, 1);
    EXPECT_EQ(report->unknown_fields, 0);
  }
}

TEST_F(CatalogTest, RefusesAHeaderThatSwallowsTheFile) {
  EXPECT_THAT(message_of("film_id,title,\"price\n1,Alien,3\n2,Brazil,4\n"), HasSubstr("never closed"));
  EXPECT_THAT(message_of("film_id,title,\"price\n1,\"Alien\",3\n"), HasSubstr("over several lines"));
}

TEST_F(CatalogTest, BoundsALine) {
  const std::string much(1 << 20, 'x');
  EXPECT_THAT(message_of("{\"film_id\":1,\"title\":\"" + much + "\",\"price\":3}\n",
                         {.format = ImportFormat::kJsonLines}),
              HasSubstr("longer than 1 MB"));
  EXPECT_THAT(message_of("film_id,title,price\n1," + much + ",3\n"), HasSubstr("longer than 1 MB"));
  EXPECT_THAT(message_of("film_id,title,price\n1,\"" + much + much + "\",3\n"),
              HasSubstr("longer than 1 MB"));
}

TEST_F(CatalogTest, GivesUpWhenItIsToStop) {
  std::stop_source stop;
  stop.request_stop();
  const auto report = catalog_->import("film_id,title,price\n1,Alien,3\n", {}, {.stop = stop.get_token()});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store_->catalog_version(), 0);
}

TEST_F(CatalogTest, TakesTheWordsOfOtherPrograms) {
  const auto report = import_csv(
      "film_id,title,price,creation_time\n1,NaN,+3.5,2026-03-01T13:00:00+01:00\n"
      "2,b,3,NA\n3,c,3,1772366400\n");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(title(1), "NaN");  // a text like any other
  const auto created = [&](std::int64_t id) { return json(catalog_->get({id})->payload).as_object(); };
  EXPECT_EQ(created(1).at("creation_time").as_string(), "2026-03-01T12:00:00.000Z");
  EXPECT_FALSE(created(2).contains("creation_time"));
  EXPECT_EQ(created(3).at("creation_time").as_string(), "2026-03-01T12:00:00.000Z");
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
  ASSERT_TRUE(catalog_->import("title\tprice\nAlien, 1979\t3\n",
                               {.format = ImportFormat::kTsv, .id_column = {}, .number_rows = true}));
  const auto report = catalog_->import(
      "{\"title\":\"Brazil\",\"price\":4,\"colour\":\"red\"}\n\n{\"film_id\":7,\"title\":\"Clue\",\"price\":"
      "5}",
      {.format = ImportFormat::kJsonLines, .id_column = {}, .number_rows = true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rows, 2);
  EXPECT_EQ(report->unknown_fields, 1);
  EXPECT_EQ(report->unknown.front().name, "colour");
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
      catalog_->import("{\"title\":\"Brazil\",\"price\":4}\n{\"title\":\n[]\n",
                       {.format = ImportFormat::kJsonLines, .id_column = {}, .number_rows = true});
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
  for (const char* text : {"", "\n\n", "film_id,title,price\n"}) {
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
      catalog_->import(text, {.format = ImportFormat::kCsv, .id_column = {}, .number_rows = true},
                       {.progress = [&](double share, std::int64_t) { shares.push_back(share); }});
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

TEST_F(CatalogTest, TellsHowItReadTheTable) {
  const auto report = import_csv("film_id;title;price\n1;Alien;3\nfilm_id;title;price\n2;Brazil;4\n", {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rows, 2);
  EXPECT_EQ(report->repeated_headers, 1);
  EXPECT_EQ(report->separator, ';');
  const auto told = to_json(*report);
  EXPECT_EQ(told.at("separator").as_string(), "semicolon");
  EXPECT_EQ(told.at("encoding").as_string(), "utf-8");
  EXPECT_EQ(told.at("compression").as_string(), "none");
  EXPECT_GT(told.at("rows_per_second").to_number<double>(), 0);
  EXPECT_TRUE(to_json(*import_csv("{\"film_id\":1,\"title\":\"a\",\"price\":3}",
                                  {.format = ImportFormat::kJsonLines}))
                  .at("separator")
                  .is_null());
}

TEST_F(CatalogTest, TakesTheSeparatorThatIsAskedFor) {
  // By the header alone it would be the comma.
  const std::string table = "film_id;title;price;a,b\n1;Alien;3;\n";
  ASSERT_TRUE(import_csv(table, {.separator = ';'}));
  EXPECT_THAT(message_of(table, {.separator = ','}), HasSubstr("'film_id;title;price;a'"));
}

TEST_F(CatalogTest, NamesLatin1OnceAndTakesItWhenAsked) {
  const std::string table = "film_id,title,price\n1,Alien,3\n2,Am\xe9lie,3\n3,L\xe9on,3\n";
  const auto refused = import_csv(table, {});
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().faults.size(), 1U);
  EXPECT_EQ(refused.error().faults[0].loc.at(1), "line 3");
  EXPECT_THAT(refused.error().faults[0].msg, AllOf(HasSubstr("Latin-1"), HasSubstr("--encoding latin1")));
  EXPECT_EQ(store_->catalog_version(), 0);
  const auto report = import_csv(table, {.text = {.encoding = tables::Encoding::kLatin1}});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(title(2), "Amélie");
  EXPECT_EQ(report->encoding, tables::Encoding::kLatin1);
}

TEST_F(CatalogTest, PassesOverBadRowsWhenAsked) {
  ASSERT_TRUE(add(film("Alien")));
  const auto report = import_csv(
      "film_id,title,price\n1,Changed,3\n2,Brazil,-4\n3,Clue\n,Diva,3\n5,\"Elf,3\n6,Fargo,5\n"
      "7,Am\xe9lie,3\n",
      {.skip_bad = true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rows, 2);
  EXPECT_EQ(report->created, 1);
  EXPECT_EQ(report->updated, 1);
  std::vector<std::size_t> lines;
  for (const BadRow& bad : report->bad) lines.push_back(bad.line);
  EXPECT_EQ(lines, (std::vector<std::size_t>{3, 4, 5, 6, 8}));
  EXPECT_THAT(report->bad[0].reason, AllOf(HasSubstr("price: should be at least"), HasSubstr("-4")));
  EXPECT_THAT(report->bad[1].reason, HasSubstr("2 cells"));
  EXPECT_THAT(report->bad[2].reason, HasSubstr("film_id: is required"));
  EXPECT_EQ(report->bad[3].reason, "a quoted cell is never closed");
  EXPECT_THAT(report->bad[4].reason, HasSubstr("latin1"));
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 6}));
  EXPECT_EQ(title(1), "Changed");
}

TEST_F(CatalogTest, BoundsWhatItPassesOver) {
  std::string text = "film_id,title,price\n";
  for (std::size_t i = 0; i <= kMostBadRows; ++i) text += "x\n";
  EXPECT_THAT(message_of(text, {.skip_bad = true}), HasSubstr("more than 100000 rows are bad"));
  const std::string much(tables::kMaxRowBytes + 1, 'x');
  std::string lines = "film_id,title,price\n";
  for (std::size_t i = 0; i <= kMostUnreadableRows; ++i) lines += much + "\n";
  EXPECT_THAT(message_of(lines, {.skip_bad = true}), HasSubstr("more than 100 rows cannot be told apart"));
  EXPECT_EQ(catalog_->size(), 0);
}

TEST_F(CatalogTest, TakesMendedRowsAsTheyAre) {
  const ImportOptions strict{.strict = true};
  ASSERT_TRUE(import_csv("line,reason,film_id,title,price\n3,\"x, y\",1,Alien,3\n", strict));
  ASSERT_TRUE(import_csv("{\"line\":3,\"reason\":\"x\",\"film_id\":2,\"title\":\"Brazil\",\"price\":3}",
                         {.format = ImportFormat::kJsonLines, .strict = true}));
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_THAT(message_of("film_id,title,price,line,reason\n1,Alien,3,,\n", strict), HasSubstr("'line'"));
}

// A strict import refuses a header before it has looked at the rows.
TEST_F(CatalogTest, RefusesUnknownColumnsByTheHeaderAlone) {
  EXPECT_THAT(message_of("film_id,title,price,prcie\nx\n", {.strict = true}),
              HasSubstr("'prcie' (once; did you mean 'price'?)"));
}

// The rows before a bad one are in the store by then, and are taken out again.
TEST_F(CatalogTest, LeavesNothingOfAnImportThatIsRefusedLate) {
  std::string text = "film_id,title,price\n";
  for (int i = 1; i <= 9'000; ++i) text += std::to_string(i) + ",Film,3\n";
  EXPECT_THAT(message_of(text + "9001,Film,-3\n"), HasSubstr("at least"));
  EXPECT_THAT(message_of("{\"film_id\":1,\"title\":\"a\",\"price\":3,\"prcie\":4}",
                         {.format = ImportFormat::kJsonLines, .strict = true}),
              HasSubstr("'prcie'"));
  EXPECT_EQ(store_->catalog_version(), 0);
  EXPECT_EQ(catalog_->size(), 0);
  EXPECT_EQ(store_->item({1}, 1).error().code, ErrorCode::kNotFound);
  const auto report = import_csv(text, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->created, 9'000);
  EXPECT_EQ(catalog_->size(), 9'000);
}

TEST_F(CatalogTest, TellsWhatCannotBeUnpacked) {
  const auto refused = import_csv("\x1f\x8b\x08 no gzip at all", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("gzip"));
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
    return storage::RecordedAnswer<std::int64_t>{
        "key", "fingerprint", [item](const Result<std::int64_t>& outcome) {
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
