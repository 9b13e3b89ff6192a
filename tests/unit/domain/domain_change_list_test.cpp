// What a changed domain means, addition by addition and refusal by refusal.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const Domain> domain(const std::string& features, const std::string& more) {
  const DomainCheck check = read_domain(
      "domain.name = 'test'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = [" + features +
          "]\n[[request.field]]\nname = 'n'\ntype = 'int'\nminimum = 0\nmaximum = 9\n"
          "[[item.field]]\nname = 'x'\ntype = 'float'\n" +
          more,
      "test.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

// "+ what" of an addition, "! what" of what a store refuses.
std::vector<std::string> changes(const Domain& stored, const Domain& wanted) {
  std::vector<std::string> texts;
  for (const DomainChange& change : domain_changes(stored, wanted))
    texts.push_back((change.additive ? "+ " : "! ") + change.what);
  return texts;
}

TEST(DomainChanges, OfTheSameAreNone) {
  EXPECT_THAT(changes(*domain("'x'", ""), *domain("'x'", "# a comment\n")), ElementsAre());
}

TEST(DomainChanges, TellThatAFieldIsImportedFromAnotherColumn) {
  const auto before = domain("'x'", "");
  const auto after = domain("'x'", "column = 'Price in EUR'\n");
  EXPECT_THAT(changes(*before, *after),
              ElementsAre("+ imports find the item field x as 'Price in EUR', no longer by its name"));
  EXPECT_TRUE(check_domain_change(*after, *before));
  EXPECT_EQ(before->fingerprint, after->fingerprint);
}

TEST(DomainChanges, TellThatIdsAreImportedFromAnotherColumn) {
  const auto named = [](const std::string& id) {
    const DomainCheck check = read_domain("item.id = " + id + "\n" + domain("'x'", "")->source, "test.toml");
    EXPECT_TRUE(check.domain) << check.faults.front().message;
    return check.domain;
  };
  EXPECT_THAT(changes(*named("'sku'"), *named("{field = 'sku', column = 'Article No'}")),
              ElementsAre("+ imports find the item's id sku as 'Article No', no longer by its name"));
}

TEST(DomainChanges, AreAdditionsThatAStoreTakesOver) {
  const auto before = domain("'x'", "");
  const auto after = domain("'x', 'brand'",
                            "[[item.field]]\nname = 'brand'\ntype = 'category'\nrequired = false\n"
                            "[[item.derived]]\nname = 'l'\nhow = 'log'\nof = 'x'\n"
                            "[[cross]]\nname = 'c'\nhow = 'product'\nrequest = 'n'\nitem = 'x'\n"
                            "[[rule]]\nmust = 'item.x > 0'\n");
  EXPECT_THAT(
      changes(*before, *after),
      ElementsAre(HasSubstr("+ the item field brand is new (brand category optional"),
                  "+ the derived item field l is new (l log x stored)", "+ new among the features: brand",
                  "+ new among the crosses: c", "+ the rule item.x > 0 is new"));
  EXPECT_TRUE(check_domain_change(*before, *after));
  for (const DomainChange& change : domain_changes(*before, *after))
    EXPECT_FALSE(change.means.empty()) << change.what;
  EXPECT_THAT(domain_changes(*before, *after)[2].means,
              HasSubstr("until one is trained on it the order is random"));
  // Back again it takes away.
  for (const std::string& text : changes(*after, *before)) EXPECT_THAT(text, HasSubstr("! ")) << text;
  EXPECT_FALSE(check_domain_change(*after, *before));
}

TEST(DomainChanges, OfAFieldAreLooserOrRefused) {
  const auto narrow = domain("'x'", "[[item.field]]\nname = 'y'\ntype = 'int'\nminimum = 1\nmaximum = 5\n");
  const auto wide = domain("'x'", "[[item.field]]\nname = 'y'\ntype = 'int'\nminimum = 0\nmaximum = 9\n");
  EXPECT_THAT(changes(*narrow, *wide), ElementsAre(HasSubstr("+ item field y was (")));
  EXPECT_THAT(changes(*wide, *narrow), ElementsAre(HasSubstr("! item field y was (")));
}

TEST(DomainChanges, OfWhatARequestMaySayOfItsCandidates) {
  const auto before = domain("'x'", "");
  const auto after = domain("'x', 'bm25'",
                            "[[candidate.field]]\nname = 'bm25'\ntype = 'float'\nmaximum = 5\n"
                            "[[candidate.field]]\nname = 'x'\ntype = 'float'\n"
                            "[[candidate.derived]]\nname = 'd'\nhow = 'product'\nof = ['bm25', 'x']\n");
  EXPECT_THAT(changes(*before, *after),
              ElementsAre(HasSubstr("+ the candidate field bm25 is new (bm25 float optional maximum 5"),
                          HasSubstr("+ the candidate field x is new"),
                          "+ the derived candidate field d is new (d product bm25 x computed)",
                          "+ new among the features: bm25"));
  EXPECT_TRUE(check_domain_change(*before, *after));
  for (const std::string& text : changes(*after, *before)) EXPECT_THAT(text, HasSubstr("! ")) << text;
  const auto wider = domain("'x', 'bm25'",
                            "[[candidate.field]]\nname = 'bm25'\ntype = 'float'\n"
                            "[[candidate.field]]\nname = 'x'\ntype = 'float'\n"
                            "[[candidate.derived]]\nname = 'd'\nhow = 'product'\nof = ['bm25', 'x']\n");
  EXPECT_THAT(changes(*after, *wider), ElementsAre(HasSubstr("+ candidate field bm25 was (")));
  EXPECT_THAT(changes(*wider, *after), ElementsAre(HasSubstr("! candidate field bm25 was (")));
}

TEST(DomainChanges, OfARuleThatLetsAbsentOnesPassAreANewRule) {
  const auto breaks = domain("'x'", "[[rule]]\nmust = 'item.x > 0'\n");
  const auto passes = domain("'x'", "[[rule]]\nmust = 'item.x > 0'\nabsent = 'passes'\n");
  EXPECT_THAT(changes(*breaks, *passes),
              ElementsAre("! the rule item.x > 0 is gone", "+ the rule item.x > 0 is new"));
}

}  // namespace
}  // namespace rankloop
