// The [[history]] tables of a domain file.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/fingerprint.h"

namespace rankloop {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string shop(const std::string& histories, const std::string& features = R"("budget", "price")") {
  return R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "offer"
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"
[[item.field]]
name = "labels"
type = "tags"
[[feedback]]
name = "buy"
reward = 1
value = [0, 100]
[model]
features = [)" +
         features + "]\n" + histories;
}

std::shared_ptr<const Domain> read(const std::string& histories,
                                   const std::string& features = R"("budget", "price")") {
  const DomainCheck check = read_domain(shop(histories, features), "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

std::string fault(const std::string& history) {
  const DomainCheck check = read_domain(shop("[[history]]\n" + history), "shop.toml");
  return check.faults.empty() ? "" : check.faults.front().message;
}

constexpr const char* kRate = R"(
[[history]]
name = "buy_rate"
what = "rate"
of = "item.brand"
kind = "buy"
per = "shown"
weight = 5
within = "7d"
)";

TEST(HistoryOfADomain, OfItemsIsAnInputByItself) {
  const auto domain = read(kRate);
  ASSERT_EQ(domain->histories.size(), 1U);
  const HistoryFeature& rate = domain->histories[0];
  EXPECT_EQ(rate.of, HistoryOf::kWord);
  EXPECT_EQ(domain->candidates.words()[rate.word.value()], "brand");
  EXPECT_EQ(rate.span, std::chrono::hours{7 * 24});
  ASSERT_EQ(domain->crosses.size(), 1U);
  EXPECT_EQ(domain->crosses[0].op, CrossOp::kHistory);
  EXPECT_EQ(canonical_text(*domain, rate), "rate of buy per shown (weight 5) of item.brand within 7d");
}

TEST(HistoryOfADomain, OfPeopleIsAValueOfTheRequest) {
  const auto domain = read(R"(
[[history]]
name = "bought"
what = "sum"
of = "person"
kind = "buy"
half_life = "30d"
[[history]]
name = "brands"
what = "last"
of = "person"
kind = "pick"
by = "item.brand"
most = 3
[[cross]]
name = "known_brand"
how = "contains"
request = "brands"
item = "brand"
[[rule]]
must = "request.bought <= item.price"
absent = "passes"
)",
                           R"("budget", "price", "bought", "request.brands")");
  EXPECT_TRUE(domain->crosses.size() == 1 && domain->crosses[0].op == CrossOp::kContains);
  EXPECT_EQ(domain->requests.columns().back(), "bought");
  EXPECT_EQ(domain->requests.words().back(), "brands");
  EXPECT_EQ(domain->histories[0].column, domain->requests.columns().size() - 1);
  // Nothing that is sent or stored has it.
  const auto record = domain->requests.read(R"({"budget":3})");
  ASSERT_TRUE(record);
  EXPECT_TRUE(std::isnan(record->values.numbers.back()) && !record->values.words.back());
  EXPECT_EQ(record->payload.find("bought"), std::string::npos);
}

TEST(HistoryOfADomain, MayBeOfTheWordsOfAList) {
  const std::string more =
      "kind = \"pick\"\n[[history]]\nname = \"last\"\nwhat = \"last\"\nof = \"person\"\n"
      "kind = \"pick\"\nby = \"item.labels\"\n";
  const auto domain = read("[[history]]\nname = \"h\"\nwhat = \"count\"\nof = \"item.labels\"\n" + more);
  for (const HistoryFeature& history : domain->histories) {
    EXPECT_TRUE(history.many);
    EXPECT_EQ(domain->candidates.words()[history.word.value()], "labels");
  }
  EXPECT_EQ(canonical_text(*domain, domain->histories[0]), "count of pick of item.labels");
  EXPECT_FALSE(read(kRate)->histories[0].many);
}

TEST(HistoryOfADomain, MayBeAnAge) {
  const auto domain = read("[[history]]\nname = \"age\"\nwhat = \"age\"\nof = \"item\"\n");
  ASSERT_EQ(domain->histories.size(), 1U);
  EXPECT_EQ(canonical_text(*domain, domain->histories[0]), "age of item");
  EXPECT_EQ(domain->crosses[0].op, CrossOp::kHistory);
  const std::string age = "name = \"h\"\nwhat = \"age\"\n";
  EXPECT_THAT(fault(age + "of = \"item.brand\""), HasSubstr("an age is an item's own"));
  EXPECT_THAT(fault(age + "of = \"person\""), HasSubstr("an age is an item's own"));
  EXPECT_THAT(fault(age + "of = \"item\"\nkind = \"shown\""), HasSubstr("leave kind out"));
  EXPECT_THAT(fault(age + "of = \"item\"\nwithin = \"7d\""), HasSubstr("leave within out"));
  EXPECT_THAT(fault("name = \"h\"\nwhat = \"count\"\nof = \"item\""), HasSubstr("kind"));
}

TEST(HistoryOfADomain, ChangesWhatModelsAreMadeFor) {
  const auto plain = read("");
  const auto rated = read(kRate);
  EXPECT_EQ(plain->fingerprint, rated->fingerprint);
  EXPECT_NE(plain->feature_fingerprint, rated->feature_fingerprint);
  EXPECT_TRUE(check_domain_change(*plain, *rated));
  EXPECT_TRUE(check_domain_change(*rated, *plain));
  EXPECT_THAT(domain_changes(*plain, *rated).front().what, HasSubstr("the history buy_rate is new"));
}

TEST(HistoryOfADomain, RefusesWhatSaysNothingOfAnybody) {
  const std::string named = "name = \"h\"\n";
  const std::string count = named + "what = \"count\"\nkind = \"pick\"\n";
  EXPECT_THAT(fault(named + "what = \"mode\"\nof = \"item\"\nkind = \"pick\""), HasSubstr("not \"mode\""));
  EXPECT_THAT(fault(count + "of = \"place\""), HasSubstr("or \"person\", not \"place\""));
  EXPECT_THAT(fault(count + "of = \"item.brnd\""), HasSubstr("did you mean \"brand\""));
  EXPECT_THAT(fault(count + "of = \"item.price\""),
              HasSubstr("is a number; histories are of strings, categories and tags"));
  EXPECT_THAT(fault(count + "of = \"item\"\nwithin = \"10ms\""), HasSubstr("a second or more"));
  EXPECT_THAT(fault(count + "of = \"item\"\nwithin = \"1d\"\nhalf_life = \"1d\""), HasSubstr("not both"));
  EXPECT_THAT(fault(count + "of = \"item\"\nwithin = \"session\""), HasSubstr("own = true"));
  EXPECT_THAT(fault(count + "of = \"item\"\nweight = 3"), HasSubstr("weight belongs to what = \"rate\""));
  EXPECT_THAT(fault(named + "what = \"count\"\nof = \"item\"\nkind = \"bye\""),
              HasSubstr("should be one of shown, pick, buy, not \"bye\""));
  EXPECT_THAT(fault(named + "what = \"sum\"\nof = \"item\"\nkind = \"shown\""), HasSubstr("without a value"));
  EXPECT_THAT(fault(named + "what = \"share\"\nof = \"item\"\nkind = \"buy\""), HasSubstr("own = true"));
  EXPECT_THAT(fault(named + "what = \"last\"\nof = \"item\"\nkind = \"buy\""), HasSubstr("of = \"person\""));
  EXPECT_THAT(fault(named + "what = \"rate\"\nof = \"item\"\nkind = \"buy\""), HasSubstr("per = \"shown\""));
}

}  // namespace
}  // namespace rankloop
