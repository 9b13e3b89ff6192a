// The [[wish]] tables of a domain file, and the wishes of requests and of rankings.
#include "domain/wish_file.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/calendar.h"
#include "domain/domain.h"
#include "domain/wish_json.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string shop(const std::string& wishes) {
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
[model]
features = ["budget", "price"]
)" + wishes;
}

std::shared_ptr<const Domain> read(const std::string& wishes) {
  const DomainCheck check = read_domain(shop(wishes), "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

std::string fault(const std::string& wish) {
  const DomainCheck check = read_domain(shop("[[wish]]\n" + wish), "shop.toml");
  return check.faults.empty() ? "" : check.faults.front().message;
}

constexpr const char* kAll = R"(
[[wish]]
name = "not_bought_again"
how = "not_again"
kind = "buy"
within = "30d"
[[wish]]
name = "tired"
how = "not_again"
kind = "shown"
times = 2.5
half_life = "1d"
[[wish]]
name = "two_of_a_brand"
how = "at_most"
field = "brand"
most = 2
first = 10
[[wish]]
name = "own_label"
how = "boost"
where = ["item.brand == 'own'", "item.price<request.budget"]
by = -0.5
until = "2026-12-24T18:00:00+01:00"
[[wish]]
name = "offer_of_the_day"
how = "pin"
where = "item.brand == 'day'"
at = 2
from = "2026-12-01T00:00:00Z"
[[wish]]
name = "recalled"
how = "block"
where = ["item.labels contains 'recalled'"]
)";

WallTime moment(const char* text) {
  return *parse_moment(text);
}

Result<RequestWishes> asked(const std::string& json, const Domain& domain) {
  return read_request_wishes(boost::json::parse(json), "wishes", domain);
}

std::string refusal(const std::string& json, const Domain& domain) {
  const auto wishes = asked(json, domain);
  if (wishes) return "";
  const FieldFault& first = wishes.error().faults.front();
  std::string place;
  for (const std::string& part : first.loc) place += part + ".";
  return place + " " + first.msg;
}

TEST(WishFile, ReadsEveryKindWithItsDates) {
  const auto domain = read(kAll);
  ASSERT_EQ(domain->wishes.size(), 6U);
  EXPECT_EQ(described(domain->wishes[0]), "not again after 1 buy within 30d");
  EXPECT_EQ(described(domain->wishes[1]), "not again after 2.5 shown, half-life 1d");
  EXPECT_EQ(described(domain->wishes[2]), "at most 2 of a brand among the first 10");
  EXPECT_EQ(described(domain->wishes[3]),
            "boost by -0.5 where item.brand == \"own\" and item.price < request.budget, until "
            "2026-12-24T17:00:00.000Z");
  EXPECT_EQ(described(domain->wishes[4]),
            "pin at 2 where item.brand == \"day\", from 2026-12-01T00:00:00.000Z");
  EXPECT_EQ(described(domain->wishes[5]), "block where item.labels contains \"recalled\"");
  EXPECT_EQ(domain->wishes[2].word, domain->candidates.word("brand"));
  EXPECT_EQ(domain->wishes[3].where[1].holds.left.column, domain->candidates.column("price"));
  EXPECT_EQ(domain->wish("tired"), &domain->wishes[1]);
  EXPECT_EQ(domain->wish("nobody"), nullptr);
}

TEST(WishFile, SaysNothingOfStoredDataOrOfModels) {
  const auto with = read(kAll);
  const auto without = read("");
  EXPECT_EQ(with->fingerprint, without->fingerprint);
  EXPECT_EQ(with->feature_fingerprint, without->feature_fingerprint);
  EXPECT_TRUE(with->histories.empty());
  EXPECT_TRUE(check_domain_change(*without, *with));
  const auto changes = domain_changes(*with, *without);
  ASSERT_EQ(changes.size(), 6U);
  EXPECT_EQ(changes[2].what, "the wish two_of_a_brand is gone");
  EXPECT_TRUE(changes[2].additive);
}

TEST(WishFile, HoldsFromItsFirstMomentUpToItsEnd) {
  const auto domain = read(kAll);
  const auto names = [&](const char* at) {
    std::vector<std::string> held;
    for (const Wish& wish : wishes_in_force(domain->wishes, moment(at)).wishes) held.push_back(wish.name);
    return held;
  };
  EXPECT_THAT(names("2026-11-30T23:59:59.999Z"),
              ElementsAre("not_bought_again", "tired", "two_of_a_brand", "own_label", "recalled"));
  EXPECT_EQ(names("2026-12-01T00:00:00Z").size(), 6U);
  EXPECT_EQ(names("2026-12-24T16:59:59.999Z").size(), 6U);
  EXPECT_THAT(names("2026-12-24T17:00:00Z"),
              ElementsAre("not_bought_again", "tired", "two_of_a_brand", "offer_of_the_day", "recalled"));
}

TEST(WishFile, ReadsWhatARankingKeepsAsItWas) {
  const auto domain = read(kAll);
  const WishesInForce held = wishes_in_force(domain->wishes, moment("2026-12-05T00:00:00Z"));
  ASSERT_EQ(held.wishes.size(), 6U);
  const auto again = read_kept_wishes(held.text, *domain);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(kept_text(*again), held.text);
  EXPECT_EQ((*again)[3].where[1].holds.left.column, held.wishes[3].where[1].holds.left.column);
  EXPECT_EQ((*again)[1].span, held.wishes[1].span);
  EXPECT_FALSE((*again)[3].until) << "whatever the date is by then";
  const auto lost = read_kept_wishes(held.text, *default_domain());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kFailedPrecondition);
}

TEST(WishFile, NamesEachBadValueAndWhatIsAllowed) {
  const std::string boost = "name='w'\nhow='boost'\nwhere=['item.brand==\"a\"']\n";
  EXPECT_THAT(fault("how='block'\nwhere=[]"), HasSubstr("name is missing here"));
  EXPECT_THAT(fault("name='9'\nhow='block'\nwhere=['item.price<1.5']"),
              HasSubstr("\"9\" should be a letter"));
  EXPECT_THAT(fault("name='w'\nhow='blok'"),
              HasSubstr("how should be one of not_again, at_most, boost, pin, block, not \"blok\", did you "
                        "mean \"block\"?"));
  EXPECT_THAT(fault("name='w'\nhow='not_again'\nkind='by'"),
              HasSubstr("kind should be one of shown, pick, buy, not \"by\", did you mean \"buy\"?"));
  EXPECT_THAT(fault("name='w'\nhow='not_again'\nkind='buy'\ntimes=0"),
              HasSubstr("times should be more than 0, up to 1000000, not 0"));
  EXPECT_THAT(
      fault("name='w'\nhow='not_again'\nkind='buy'\nwithin='5s'"),
      HasSubstr("within should be a time of a minute or more, as \"30d\", or \"session\", not \"5s\""));
  EXPECT_THAT(fault("name='w'\nhow='not_again'\nkind='buy'\nwithin='5d'\nhalf_life='1d'"),
              HasSubstr("not both"));
  EXPECT_THAT(fault("name='w'\nhow='not_again'\nkind='buy'\nhalf_life='1d'"), HasSubstr("times has to say"));
  EXPECT_THAT(fault("name='w'\nhow='at_most'\nfield='brnd'\nmost=1\nfirst=5"),
              HasSubstr("there is no field \"brnd\" in [item], did you mean \"brand\"?"));
  EXPECT_THAT(fault("name='w'\nhow='at_most'\nfield='price'\nmost=1\nfirst=5"),
              HasSubstr("\"price\" in [item] is a number; what is counted are strings and categories"));
  EXPECT_THAT(fault("name='w'\nhow='at_most'\nfield='brand'\nmost=0\nfirst=5"),
              HasSubstr("most should be a whole number from 1 to 1000, not 0"));
  EXPECT_THAT(fault("name='w'\nhow='at_most'\nfield='brand'\nmost=1"), HasSubstr("first is missing here"));
  EXPECT_THAT(fault(boost + "by=21"), HasSubstr("by should be log-odds from -20 to 20 and not 0, not 21"));
  EXPECT_THAT(fault(boost), HasSubstr("by is missing here"));
  EXPECT_THAT(fault(boost + "by=1\nuntil='tomorrow'"),
              HasSubstr("until should be a moment as \"2026-12-24T18:00:00+01:00\", not \"tomorrow\""));
  EXPECT_THAT(fault(boost + "by=1\nfrom='2026-02-01T00:00:00Z'\nuntil='2026-01-01T00:00:00Z'"),
              HasSubstr("until should come after from"));
  EXPECT_THAT(fault(boost + "by=1\nmost=3"), HasSubstr("unknown key \"most\""));
  EXPECT_THAT(fault("name='w'\nhow='pin'\nat=0\nwhere='item.price<1.5'"),
              HasSubstr("at should be a whole number from 1 to 1000, not 0"));
  EXPECT_THAT(fault("name='w'\nhow='block'"), HasSubstr("where is missing here"));
  EXPECT_THAT(fault("name='w'\nhow='block'\nwhere=[]"),
              HasSubstr("where should be up to 16 texts, not none"));
  EXPECT_THAT(fault("name=''\nhow='block'\nwhere='item.price<1.5'"), HasSubstr("name should not be empty"));
  EXPECT_THAT(fault("name='w'\nhow=''"), HasSubstr("how should not be empty"));
  EXPECT_THAT(fault("name='w'\nhow='not_again'\nkind=''"), HasSubstr("kind should not be empty"));
  EXPECT_THAT(fault("name='w'\nhow='at_most'\nfield=''\nmost=1\nfirst=1"),
              HasSubstr("field should not be empty"));
  EXPECT_THAT(fault("name='w'\nhow='not_again'\nkind='buy'\nwithin=7"), HasSubstr("within should be a text"));
  EXPECT_THAT(fault("name='w'\nhow='pin'\nat='x'\nwhere='item.price<1.5'"),
              HasSubstr("at should be a number"));
  EXPECT_THAT(fault("name='w'\nhow='block'\nwhere=['item.price<1.5', 7]"),
              HasSubstr("where should be a text or a list of texts"));
  EXPECT_THAT(fault("name='w'\nhow='block'\nwhere=['item.pric<1.5']"),
              HasSubstr("there is no field item.pric, did you mean \"price\"?"));
  EXPECT_THAT(fault("name='w'\nhow='block'\nwhere=['item.price']"),
              HasSubstr("where should read item.FIELD"));
  EXPECT_THAT(fault("name='w'\nhow='block'\nwhere='item.price<1.5'\n[[wish]]\nname='w'\nhow='block'\n"
                    "where='item.price<2.5'"),
              HasSubstr("the name \"w\" is already another wish's"));
}

TEST(RequestWishes, StandBehindThoseOfTheDomainAndSwitchSomeOff) {
  const auto domain = read(kAll);
  const auto wishes = asked(R"([{"name":"recalled","off":true},
      {"name":"cheap","how":"boost","where":["item.price < 10.5"],"by":1},
      {"name":"one","how":"at_most","field":"brand","most":1,"first":3}])",
                            *domain);
  ASSERT_TRUE(wishes) << wishes.error().message;
  const std::vector<Wish> all = wishes->beside(domain->wishes);
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(all[4].name, "offer_of_the_day");
  EXPECT_EQ(all[5].name, "cheap");
  EXPECT_EQ(all[6].word, domain->candidates.word("brand"));
  EXPECT_EQ(all[5].where[0].holds.left.column, domain->candidates.column("price"));
}

TEST(RequestWishes, AreRefusedByTheSameWordsAtTheirPlaces) {
  const auto domain = read(kAll);
  EXPECT_THAT(refusal("{}", *domain), HasSubstr("body.wishes. Input should be a valid list"));
  EXPECT_THAT(refusal("[7]", *domain), HasSubstr("body.wishes.0. Input should be a valid dictionary"));
  EXPECT_THAT(refusal(R"([{"name":"recalled","off":true},{"name":"w","how":"blok"}])", *domain),
              HasSubstr("body.wishes.1. how should be one of not_again, at_most"));
  EXPECT_THAT(refusal(R"([{"name":"w","how":"block","where":[5]}])", *domain),
              HasSubstr("where should be a text or a list of texts"));
  EXPECT_THAT(refusal(R"([{"name":"w","how":"boost","where":["item.brand == 'a'"],"by":null}])", *domain),
              HasSubstr("by should be a number"));
  EXPECT_THAT(refusal(R"([{"name":"nobody","off":true}])", *domain),
              HasSubstr("the domain has no wish \"nobody\""));
  EXPECT_THAT(refusal(R"([{"name":"recalled","off":false}])", *domain), HasSubstr("off should be true"));
  EXPECT_THAT(refusal(R"([{"name":"tired","how":"block","where":"item.brand == 'a'"}])", *domain),
              HasSubstr("the name \"tired\" is already another wish's"));
  std::string many = "[";
  for (int i = 0; i < 17; ++i) many += (i > 0 ? "," : "") + std::string{"{}"};
  EXPECT_THAT(refusal(many + "]", *domain), HasSubstr("wishes has 17 entries; allowed are up to 16"));
  const std::string long_text(5000, 'x');
  EXPECT_THAT(
      refusal(R"([{"name":"w","how":"block","where":"item.brand == ')" + long_text + "'\"}]", *domain),
      HasSubstr("bytes; allowed are up to 4096"));
}

TEST(RequestWishes, AreKeptAsTheyCame) {
  const auto domain = read(kAll);
  const auto given =
      boost::json::parse(R"([{"name":"one","how":"at_most","field":"brand","most":1,"first":3}])");
  const auto again = read_kept_request_wishes(to_kept_text(given), *domain);
  ASSERT_TRUE(again);
  EXPECT_EQ(described(again->wishes.front()), "at most 1 of a brand among the first 3");
  EXPECT_EQ(read_kept_request_wishes("[{]", *domain).error().code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace rankloop
