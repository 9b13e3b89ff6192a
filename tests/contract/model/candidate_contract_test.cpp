// What every model family owes a candidate of which a request says something: the score of an item that
// really has these values.
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/candidate_fields.h"
#include "ml/families/families.h"
#include "ml/feature_space.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::int64_t kItems = 60;

constexpr std::string_view kShop = R"(
domain.name = "shop"
request.noun = "visit"
item.noun = "product"
model.features = ["budget", "price", "log_price", "brand", "tags", "look", "bm25"]
[[request.field]]
name = "budget"
type = "float"
[[request.field]]
name = "wanted"
type = "tags"
required = false
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"
required = false
[[item.field]]
name = "tags"
type = "tags"
required = false
[[item.field]]
name = "look"
type = "vector"
size = 2
required = false
[[item.derived]]
name = "log_price"
how = "log1p"
of = "price"
[[cross]]
name = "within_budget"
how = "ratio"
request = "budget"
item = "price"
[[cross]]
name = "liked"
how = "coverage"
request = "wanted"
item = "tags"
[[rule]]
must = "item.bm25 >= 0"
absent = "passes"
)";
// The same value: said by a request, or the item's own.
constexpr std::string_view kSaid = R"(
[[candidate.field]]
name = "bm25"
type = "float"
[[candidate.field]]
name = "price"
type = "float"
[[candidate.field]]
name = "brand"
type = "category"
[[candidate.field]]
name = "tags"
type = "tags"
)";
constexpr std::string_view kOwn = R"(
[[item.field]]
name = "bm25"
type = "float"
required = false
)";

std::shared_ptr<const Domain> shop(std::string_view tables) {
  const DomainCheck check = read_domain(std::string{kShop} + std::string{tables}, "shop.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

std::string item(std::int64_t id) {
  return R"({"price":)" + std::to_string(id * 3 % 41) + R"(,"brand":"brand )" + std::to_string(id % 5) +
         R"(","tags":["tag )" + std::to_string(id % 3) + R"("],"look":[0.5,)" + std::to_string(id % 7) + "]}";
}
// What a request says of it; of every third nothing. A brand that no item has is among it.
std::string said_of(std::int64_t id) {
  if (id % 3 == 0) return {};
  const std::string brand = id % 4 == 0 ? "never seen" : "brand " + std::to_string((id + 1) % 5);
  return R"({"price":)" + std::to_string(id % 17) + R"(,"brand":")" + brand +
         R"(","tags":["tag 1","tag 2"],"bm25":)" + std::to_string(id % 11 - 2) + "}";
}

std::shared_ptr<const Catalog> catalog_of(const std::shared_ptr<const Domain>& domain, std::int64_t step) {
  auto catalog = Catalog::empty(domain);
  std::vector<ItemChange> changes;
  for (std::int64_t id = 1; id <= kItems; id += step) {
    const auto record = candidate_record(*domain, item(id), said_of(id));
    EXPECT_TRUE(record);
    changes.push_back({{id}, 1, catalog->pick(record->values)});
  }
  return catalog->with(1, changes);
}

Values request_of(const Domain& domain, int number) {
  const auto record = domain.requests.read(R"({"budget":)" + std::to_string(10 + number % 30) +
                                           R"(,"wanted":["tag )" + std::to_string(number % 3) + "\"]}");
  EXPECT_TRUE(record);
  return record->values;
}

// Whoever asks likes what is cheap and well found.
LabelledRows rows_of(const Domain& domain, const Catalog& catalog) {
  const FeatureMaker maker(domain, catalog);
  LabelledRows rows = maker.no_rows();
  SampleNumbers random(3);
  for (int request = 0; request < 120; ++request) {
    const Values asked = request_of(domain, request);
    std::vector<double> odds;
    for (int shown = 0; shown < 6; ++shown) {
      const std::int64_t id = random.whole(1, kItems);
      const auto record = candidate_record(domain, item(id), said_of(id));
      maker.append(asked, catalog.pick(record->values), rows);
      rows.items.push_back({id});
      odds.push_back(std::exp(-0.1 * record->values.numbers[*domain.candidates.column("price")]));
    }
    pick_one(odds, request, random, rows);
  }
  return rows;
}

class CandidateContract : public testing::TestWithParam<std::string_view> {
 protected:
  const std::shared_ptr<const Domain> said_ = shop(kSaid);
  const std::shared_ptr<const Domain> own_ = shop(kOwn);
};

TEST_P(CandidateContract, ScoresWhatIsSaidAsIfItWereTheItemsOwn) {
  const auto whole = catalog_of(own_, 1);
  const auto trained =
      train_model(*own_, rows_of(*own_, *whole), {}, {.family = std::string{GetParam()}}, {}, {});
  ASSERT_TRUE(trained) << trained.error().message;
  const auto same = load_model((*trained)->save(), *said_);
  ASSERT_TRUE(same) << same.error().message;

  const auto few = catalog_of(said_, 4);  // with a dictionary of its own
  const auto real = (*trained)->bind(whole, nullptr, SIZE_MAX);
  const auto asked = (*same)->bind(few, nullptr, 0);
  std::vector<std::uint32_t> rows(few->rows());
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<std::uint32_t> places;
  for (const std::uint32_t row : rows) places.push_back(*whole->find(few->id_at(row)));
  std::vector<float> of_candidates(rows.size());
  std::vector<float> of_items(rows.size());
  for (int number = 0; number < 5; ++number) {
    asked->score_rows(request_of(*said_, number), 9, rows, of_candidates);
    real->score_rows(request_of(*own_, number), 9, places, of_items);
    EXPECT_EQ(of_candidates, of_items);
  }
}

TEST_P(CandidateContract, RanksByWhatIsSaidUnderTheSameRules) {
  const auto whole = catalog_of(own_, 1);
  const auto trained =
      train_model(*own_, rows_of(*own_, *whole), {}, {.family = std::string{GetParam()}}, {}, {});
  ASSERT_TRUE(trained) << trained.error().message;
  const auto same = load_model((*trained)->save(), *said_);
  ASSERT_TRUE(same);
  const auto few = catalog_of(said_, 4);
  const std::vector<ItemId> candidates = few->ids_after({0}, SIZE_MAX);
  const auto ranked = [&](const Domain& domain, const Model& model,
                          const std::shared_ptr<const Catalog>& catalog) {
    const Values values = request_of(domain, 1);
    return rank(*model.bind(catalog, nullptr, SIZE_MAX), model, {},
                {.values = values, .candidates = candidates, .candidates_given = true, .seed = 5});
  };
  const Ranking by_request = ranked(*said_, **same, few);
  EXPECT_EQ(by_request.items, ranked(*own_, **trained, whole).items);
  EXPECT_LT(by_request.items.size(), candidates.size()) << "the rule on what is said holds for all";
}

std::vector<std::string_view> every_family() {
  std::vector<std::string_view> names;
  for (const Family& family : families()) names.push_back(family.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Families, CandidateContract, testing::ValuesIn(every_family()),
                         [](const auto& family) { return std::string{family.param}; });

}  // namespace
}  // namespace rankloop::ml
