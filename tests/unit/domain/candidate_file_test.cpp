// [[candidate.field]] and [[candidate.derived]]: what they take, and what is said of faults.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/candidate_fields.h"
#include "domain/domain.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kFilms = R"(
domain.name = "films"
request.noun = "viewer"
item.noun = "film"
model.features = ["age", "price"]
[[request.field]]
name = "age"
type = "int"
[[item.field]]
name = "price"
type = "float"
minimum = 0
maximum = 1000
[[item.field]]
name = "tags"
type = "tags"
values = ["new", "sale", "old"]
[[item.field]]
name = "look"
type = "vector"
size = 2
required = false
[[item.derived]]
name = "log_price"
how = "log1p"
of = "price"
[[item.check]]
must = "price != 13"
message = "unlucky"
)";

constexpr std::string_view kBm25 = "[[candidate.field]]\nname = 'bm25'\ntype = 'float'\n";

DomainCheck read(const std::string& tables) {
  return read_domain(std::string{kFilms} + tables, "films.toml");
}
std::shared_ptr<const Domain> domain_of(const std::string& tables) {
  const DomainCheck check = read(tables);
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}
// The messages of all faults, in order.
std::vector<std::string> faults(const std::string& tables) {
  std::vector<std::string> messages;
  for (const DomainFault& fault : read(tables).faults) messages.push_back(fault.message);
  return messages;
}
std::string overriding(const std::string& name, const std::string& type, const std::string& more = "") {
  return "[[candidate.field]]\nname = '" + name + "'\ntype = '" + type + "'\n" + more + "\n";
}

TEST(CandidateFile, AddsWhatARequestSaysToTheItemsSide) {
  const auto domain =
      domain_of(std::string{kBm25} +
                "[[candidate.derived]]\nname = 'per_price'\nhow = 'ratio'\nof = ['bm25', 'price']\n"
                "[[cross]]\nname = 'fits'\nhow = '>='\nrequest = 'age'\nitem = 'bm25'\n"
                "[[rule]]\nmust = 'item.per_price >= 0'\nabsent = 'passes'\n");
  EXPECT_EQ(domain->items.field("bm25"), nullptr);
  EXPECT_FALSE(domain->items.column("per_price"));
  EXPECT_THAT(domain->candidates.columns(),
              ElementsAre("price", "look[0]", "look[1]", "bm25", "log_price", "per_price"));
  EXPECT_EQ(domain->crosses[0].item_column, domain->candidates.column("bm25"));
  EXPECT_EQ(domain->rules[0].must.left.column, domain->candidates.column("per_price"));
  ASSERT_EQ(domain->candidate_derived().size(), 1U);
  EXPECT_EQ(domain->candidate_derived()[0].name, "per_price");
  EXPECT_FALSE(domain->candidate_derived()[0].stored);
  EXPECT_TRUE(domain->candidates.checks().empty());
}

TEST(CandidateFile, LeavesADomainWithoutItAsItWas) {
  const auto domain = domain_of("");
  EXPECT_TRUE(domain->candidate_fields.fields().empty());
  EXPECT_TRUE(domain->candidate_derived().empty());
  EXPECT_TRUE(std::ranges::equal(domain->candidates.columns(), domain->items.columns()));
  EXPECT_TRUE(std::ranges::equal(domain->candidates.words(), domain->items.words()));
}

TEST(CandidateFile, ChangesTheFingerprintOfWhatIsStored) {
  const auto before = domain_of("");
  const auto after = domain_of(std::string{kBm25});
  EXPECT_NE(before->fingerprint, after->fingerprint);
  EXPECT_EQ(before->feature_fingerprint, after->feature_fingerprint);
}

// So that a model learned where the value was the item's own fits where a request gives it.
TEST(CandidateFile, KeepsTheFeaturesFingerprintOfAnItemsField) {
  const auto as_feature = [](std::string text, const std::string& tables) {
    text.replace(text.find("\"price\"]"), 8, "\"bm25\"]");
    return read_domain(text + tables, "films.toml").domain;
  };
  const auto given = as_feature(std::string{kFilms}, std::string{kBm25});
  const auto own =
      as_feature(std::string{kFilms}, "[[item.field]]\nname = 'bm25'\ntype = 'float'\nrequired = false\n");
  ASSERT_TRUE(given && own);
  EXPECT_EQ(given->feature_fingerprint, own->feature_fingerprint);
}

TEST(CandidateFile, TakesASubstituteWithTheBoundsOfTheItemsField) {
  const auto domain = domain_of(overriding("price", "float", "maximum = 500") +
                                overriding("tags", "tags", "values = ['sale']"));
  const Field* price = domain->candidate_fields.field("price");
  ASSERT_NE(price, nullptr);
  EXPECT_EQ(price->minimum, 0);
  EXPECT_EQ(price->maximum, 500);
  EXPECT_FALSE(price->required);
  EXPECT_EQ(domain->candidates.field("price")->maximum, 1000);
  EXPECT_THAT(domain->candidate_fields.field("tags")->values, ElementsAre("sale"));
  EXPECT_THAT(domain_of(overriding("tags", "tags"))->candidate_fields.field("tags")->values,
              ElementsAre("new", "sale", "old"));
}

TEST(CandidateFile, RefusesASubstituteThatTakesMoreThanTheItem) {
  EXPECT_THAT(faults(overriding("price", "int")),
              ElementsAre(HasSubstr("the item's \"price\" is of type float")));
  EXPECT_THAT(faults(overriding("price", "float", "minimum = -1\nmaximum = 2000")),
              ElementsAre(HasSubstr("minimum lets in what the item's \"price\" does not take: its own is 0"),
                          HasSubstr("its own is 1000")));
  EXPECT_THAT(faults(overriding("price", "float", "default = 5")),
              ElementsAre(HasSubstr("without a value in the request the item's own counts")));
  EXPECT_THAT(faults(overriding("tags", "tags", "values = ['sale', 'rare']")),
              ElementsAre(HasSubstr("has no word \"rare\"")));
  EXPECT_THAT(faults(overriding("tags", "tags", "max_length = 2000")),
              ElementsAre(HasSubstr("its own is 1024")));
  EXPECT_THAT(faults(overriding("look", "vector", "size = 3")),
              ElementsAre(HasSubstr("has 2 numbers, not 3")));
}

TEST(CandidateFile, RefusesWhatARequestCannotPromise) {
  EXPECT_THAT(faults(overriding("bm25", "float", "required = true")),
              ElementsAre(HasSubstr("a candidate's field cannot be required")));
  EXPECT_THAT(faults(overriding("seen", "time", "default = 'now'")),
              ElementsAre(HasSubstr("only a request's field has the default now")));
  EXPECT_THAT(
      faults("[[candidate.derived]]\nname = 'twice'\nhow = 'sum'\nof = ['price', 'price']\nstored = true\n"),
      ElementsAre(HasSubstr("never stored")));
}

TEST(CandidateFile, RefusesNamesThatAreTaken) {
  EXPECT_THAT(faults(overriding("bm25", "float") + overriding("bm25", "float")),
              ElementsAre(HasSubstr("declared twice")));
  EXPECT_THAT(faults(overriding("price", "float") + overriding("price", "float")),
              ElementsAre(HasSubstr("declared twice")));
  EXPECT_THAT(faults(overriding("log_price", "float")), ElementsAre(HasSubstr("declared twice")));
  EXPECT_THAT(faults(overriding("film_id", "int")), ElementsAre(HasSubstr("used by the API itself")));
  EXPECT_THAT(faults("[[candidate.check]]\nmust = 'price > 1'\nmessage = 'm'\n"),
              ElementsAre(HasSubstr("unknown key \"check\"")));
}

TEST(CandidateFields, PutTheirValuesInThePlaceOfTheItemsAndDeriveAnew) {
  const auto domain =
      domain_of(std::string{kBm25} + overriding("price", "float") +
                "[[candidate.derived]]\nname = 'per_price'\nhow = 'ratio'\nof = ['bm25', 'price']\n");
  const std::string item = R"({"price":99,"tags":["old"],"log_price":4.605170185988092})";
  const auto said = CandidateFields::read("7 {\"price\":9,\"bm25\":18}\n");
  ASSERT_TRUE(said);
  const auto record = candidate_record(*domain, item, said->of({7}));
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->payload, R"({"price":9,"tags":["old"],"bm25":18,"log_price":2.302585092994046})");
  EXPECT_EQ(record->values.numbers[*domain->candidates.column("per_price")], 2);

  const auto untold = candidate_record(*domain, item, said->of({8}));
  ASSERT_TRUE(untold);
  EXPECT_TRUE(std::isnan(untold->values.numbers[*domain->candidates.column("bm25")]));
  EXPECT_TRUE(std::isnan(untold->values.numbers[*domain->candidates.column("per_price")]));
}

// A check is of what is stored; a request may say what it likes within the bounds of its fields.
TEST(CandidateFields, AreNotHeldToTheItemsChecks) {
  const auto domain = domain_of(overriding("price", "float"));
  const auto said = CandidateFields::read("7 {\"price\":13}\n");
  ASSERT_TRUE(said);
  EXPECT_TRUE(candidate_record(*domain, R"({"price":1,"tags":[]})", said->of({7})));
}

TEST(CandidateFields, HaveTheirDefaultWhereNothingIsSaid) {
  const auto domain = domain_of(overriding("stock", "int", "default = 5"));
  const auto record = candidate_record(*domain, R"({"price":1,"tags":[]})", "");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->values.numbers[*domain->candidates.column("stock")], 5);
}

TEST(CandidateFields, AreKeptAsOneText) {
  std::string text;
  append_candidate(text, {17}, R"({"bm25":2.1})");
  append_candidate(text, {23}, R"({"price":19.9})");
  EXPECT_EQ(text, "17 {\"bm25\":2.1}\n23 {\"price\":19.9}\n");
  const auto said = CandidateFields::read(text);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->of({23}), R"({"price":19.9})");
  EXPECT_EQ(said->of({18}), "");
  EXPECT_TRUE(CandidateFields::read("")->all().empty());
}

TEST(CandidateFields, AreRefusedWhenTheStoredTextIsDamaged) {
  for (const std::string_view text : {"\n", "17", "17 {}", "x {}\n", "17 2\n", "17{}\n", "1 {}\n17 {\"a\""}) {
    const auto said = CandidateFields::read(text);
    ASSERT_FALSE(said) << text;
    EXPECT_EQ(said.error().code, ErrorCode::kDataLoss);
  }
  const auto domain = domain_of(std::string{kBm25});
  EXPECT_EQ(candidate_record(*domain, R"({"price":1,"tags":[]})", "{]").error().code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace rankloop
