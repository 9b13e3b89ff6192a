// Items whose ids are texts: in the catalog, in searches, in history and in models that travel.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/learn/history.h"
#include "app/learn/keyed_model.h"
#include "app/learn/labelled_file.h"
#include "app/serve/item_query.h"
#include "ml/families/popularity/popularity_model.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const Domain> shop_domain() {
  const DomainCheck check = read_domain(
      "domain.name = 'shop'\nrequest.noun = 'user'\n"
      "item.noun = 'thing'\nitem.id = {field = 'sku', type = 'string'}\nmodel.features = ['price']\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\nrequired = false\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\n",
      "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

class NamedItems : public UseCaseFixture {
 protected:
  NamedItems() : UseCaseFixture(shop_domain()) {}
  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
  }
  Result<Item> add(const std::string& key, double price = 1) {
    return catalog_->add({{"sku", key}, {"price", price}}, {});
  }
  Result<ImportReport> import(const std::string& text, ImportFormat format = ImportFormat::kCsv) {
    return catalog_->import(text, {.format = format, .id_column = {}});
  }
  // "1 a/b" of all there are.
  std::vector<std::string> all() {
    const auto items = catalog_->list(0, 100);
    EXPECT_TRUE(items);
    std::vector<std::string> names;
    for (const Item& item : *items) names.push_back(std::to_string(item.id.value) + " " + item.key);
    return names;
  }
};

TEST_F(NamedItems, AreCountedInOrderOfTheirFirstAppearance) {
  EXPECT_EQ(add("a/b")->id, ItemId{1});
  const auto report = import("sku,price\n🍎,2\na/b,3\n🍎,4\nZoë 2,5\n");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->created, 2);
  EXPECT_EQ(report->updated, 2);
  EXPECT_THAT(all(), ElementsAre("1 a/b", "2 🍎", "3 Zoë 2"));
  EXPECT_THAT(catalog_->get(ItemName{"🍎"})->payload, HasSubstr("4"));
  EXPECT_EQ(add("..")->id, ItemId{4});
  restart();
  EXPECT_THAT(all(), ElementsAre("1 a/b", "2 🍎", "3 Zoë 2", "4 .."));
  EXPECT_EQ(add("new")->id, ItemId{5});
}

TEST_F(NamedItems, KeepTheirNumberWhenTheyComeAgain) {
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  ASSERT_TRUE(catalog_->remove(ItemName{"a"}));
  const auto gone = catalog_->get(ItemName{"a"});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, "There is no thing \"a\"");
  EXPECT_EQ(add("a", 7)->id, ItemId{1});
  EXPECT_EQ(catalog_->change(ItemName{"a"}, {{"price", 8}})->key, "a");
  EXPECT_EQ(add("b").error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(add("b").error().message, HasSubstr("There is already a thing \"b\""));
}

TEST_F(NamedItems, AreNeededAndChecked) {
  const auto fault = [&](const boost::json::value& body) {
    const auto added = catalog_->add(body, {});
    return added ? "none" : added.error().faults.front().loc.back() + ": " + added.error().faults.front().msg;
  };
  EXPECT_EQ(fault({{"price", 1}}), "sku: Field required");
  EXPECT_EQ(fault({{"price", 1}, {"sku", 7}}),
            "sku: Input should be a text of 1 to 256 bytes without control characters, not 7");
  EXPECT_THAT(fault({{"price", 1}, {"sku", std::string(257, 'x')}}), HasSubstr("1 to 256 bytes"));
  EXPECT_EQ(fault({{"price", 1}, {"sku", std::string(256, 'x')}}), "none");
  EXPECT_THAT(import("sku,price\na,1\n,2\n").error().faults.front().msg, HasSubstr("is required"));
  EXPECT_THAT(import("{\"sku\":5,\"price\":1}\n", ImportFormat::kJsonLines).error().faults.front().msg,
              HasSubstr("not 5"));
  const auto counted =
      catalog_->import("price\n1\n", {.format = ImportFormat::kCsv, .id_column = {}, .number_rows = true});
  EXPECT_THAT(counted.error().message, HasSubstr("ids of this domain are texts"));
}

TEST_F(NamedItems, LeaveNoNumberToAnImportThatIsRefused) {
  std::string rows = "sku,price\n";
  for (int i = 0; i < 2'500; ++i) rows += "thing " + std::to_string(i) + ",1\n";  // more than a portion
  ASSERT_FALSE(import(rows + "last,dear\n"));
  EXPECT_EQ(add("first")->id, ItemId{1});
  ASSERT_TRUE(import(rows));
  EXPECT_EQ(catalog_->get(ItemName{"thing 2499"})->id, ItemId{2'501});
}

TEST_F(NamedItems, AreFoundByTheirTextOrAPartOfIt) {
  for (const char* key : {"a/b", "Zoë 2", "Zoë 21"}) ASSERT_TRUE(add(key));
  const auto& catalog = *serving_->current()->catalog;
  const auto found = [&](std::string_view text) {
    const auto query = ItemQuery::read(text, catalog, serving_->item_names().keys());
    EXPECT_TRUE(query) << text;
    std::vector<std::int64_t> ids;
    const ml::CatalogChunk& chunk = *catalog.chunks().front();
    for (std::size_t row = 0; row < chunk.rows; ++row) {
      if (query->in_memory(chunk.ids[row], chunk, row) == ItemQuery::Answer::kYes)
        ids.push_back(chunk.ids[row].value);
    }
    return ids;
  };
  EXPECT_THAT(found("A/"), ElementsAre(1));
  EXPECT_THAT(found("zoë"), ElementsAre(2, 3));
  EXPECT_THAT(found("Zoë 2"), ElementsAre(2, 3));
  EXPECT_EQ(ItemQuery::read("Zoë 2", catalog, serving_->item_names().keys())->named(), ItemId{2});
  EXPECT_FALSE(ItemQuery::read("2", catalog, serving_->item_names().keys())->named());
  EXPECT_THAT(ItemQuery::read("sku<2", catalog, serving_->item_names().keys()).error().faults.front().msg,
              HasSubstr("is no number of a thing"));
}

TEST_F(NamedItems, AreNamedInHistory) {
  for (const char* key : {"a/b", "🍎"}) ASSERT_TRUE(add(key));
  History history{domain_, 1, *store_, *serving_, clock_};
  const auto fault = [&](const std::string& items) {
    const auto report = history.import(R"({"request":{},)" + items + "}\n");
    if (report) return std::string{"none"};
    std::string all;
    for (const FieldFault& one : report.error().faults) all += one.msg + ";";
    return all;
  };
  EXPECT_EQ(fault(R"("shown":["🍎","a/b"],"picked":["a/b"])"), "none");
  EXPECT_EQ(fault(R"("shown":["a/b","x","y"],"picked":["x"],"propensities":[1,1,1])"),
            "there is no item \"x\" in the catalog;there is no item \"y\" in the catalog;");
  EXPECT_EQ(fault(R"("shown":["a/b","a/b"])"), "item \"a/b\" is shown twice;");
  EXPECT_EQ(fault(R"("shown":["a/b"],"picked":["🍎"])"), "item \"🍎\" was picked, but not shown;");
  EXPECT_THAT(fault(R"("shown":[1])"), HasSubstr("not of 1"));
}

TEST(LabelledFileOfNamedItems, CountsTheirTexts) {
  ItemKeys keys{ItemIdType::kText};
  const auto rows =
      read_labelled("sku,price,label\na/b,1,0\n🍎,2,1\na/b,1,1\n", "rows.csv", *shop_domain(), false, keys);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->items, ElementsAre(ItemId{1}, ItemId{2}, ItemId{1}));
  EXPECT_EQ(keys.key_of({2}), "🍎");
  const auto empty = read_labelled("sku,price,label\n,1,0\n", "rows.csv", *shop_domain(), false, keys);
  EXPECT_THAT(empty.error().message, HasSubstr("a text of 1 to 256 bytes"));
}

// What each of these items scores.
std::vector<float> scores(const ml::Model& model, const std::vector<ItemId>& items) {
  ml::LabelledRows rows;
  rows.width = 1;
  rows.values.assign(items.size(), 0);
  rows.items = items;
  std::vector<float> scores(items.size());
  model.score_features(rows.view(), 0, scores);
  return scores;
}

std::shared_ptr<const ml::Model> popularity() {
  return ml::make_popularity_model({.items = {{1}, {2}, {3}}, .shares = {0.1F, 0.2F, 0.3F}, .prior = 0.5F});
}

TEST(KeyedModel, GetsTheNumbersOfTheStoreThatItComesTo) {
  const auto domain = shop_domain();
  const std::vector<std::string> here = {"", "a/b", "b", "🍎"};
  const std::string sent = travelling_artefact(*popularity(), *domain, [&](ItemId item) -> std::string_view {
    return here[static_cast<std::size_t>(item.value)];
  });
  ItemKeys there{ItemIdType::kText};
  for (const char* key : {"🍎", "other", "a/b"}) ASSERT_TRUE(there.add(key));
  const auto model = arrived_model(sent, *domain, [&](std::string_view key) { return there.find(key); });
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_THAT((*model)->items(), ElementsAre(ItemId{1}, ItemId{3}));
  EXPECT_THAT(scores(**model, {{1}, {3}}), ElementsAre(0.3F, 0.1F));
}

TEST(KeyedModel, IsRefusedWithoutItsKeysOrDamaged) {
  const auto domain = shop_domain();
  const auto none = [](std::string_view) { return std::optional<ItemId>{}; };
  const auto bare = arrived_model(popularity()->save(), *domain, none);
  EXPECT_EQ(bare.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(bare.error().message, HasSubstr("without the keys"));
  EXPECT_TRUE(arrived_model(ml::random_model()->save(), *domain, none));
  std::string sent =
      travelling_artefact(*popularity(), *domain, [](ItemId) -> std::string_view { return "x"; });
  sent[sent.size() / 2] ^= 1;
  EXPECT_EQ(arrived_model(sent, *domain, none).error().code, ErrorCode::kDataLoss);
  const std::string twice =
      travelling_artefact(*popularity(), *domain, [](ItemId) -> std::string_view { return "x"; });
  const auto one = [](std::string_view) { return std::optional{ItemId{1}}; };
  EXPECT_THAT(arrived_model(twice, *domain, one).error().message, HasSubstr("has a key twice"));
  const std::string nameless =
      travelling_artefact(*popularity(), *domain, [](ItemId) -> std::string_view { return ""; });
  EXPECT_EQ(arrived_model(nameless, *domain, none).error().code, ErrorCode::kDataLoss);
}

TEST(KeyedModel, TravelsAsItIsStoredWhereIdsAreNumbers) {
  const auto key = [](ItemId) -> std::string_view { return ""; };
  EXPECT_EQ(travelling_artefact(*popularity(), *film_domain(), key), popularity()->save());
}

}  // namespace
}  // namespace rankloop::app
