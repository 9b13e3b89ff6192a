// Domain files with the words of texts: derived, matched, and pairs.
#include <algorithm>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DomainCheck shop(const std::string& more) {
  return read_domain(
      "domain.name = 'shop'\nrequest.noun = 'visit'\nitem.noun = 'product'\nmodel.features = ['price']\n"
      "[[request.field]]\nname = 'query'\ntype = 'text'\nrequired = false\n"
      "[[request.field]]\nname = 'country'\ntype = 'category'\nrequired = false\n"
      "[[request.field]]\nname = 'wanted'\ntype = 'tags'\nrequired = false\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\nrequired = false\n"
      "[[item.field]]\nname = 'about'\ntype = 'text'\nrequired = false\n"
      "[[item.field]]\nname = 'brand'\ntype = 'category'\nrequired = false\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\nrequired = false\n" +
          more,
      "shop.toml");
}

std::string cross(const std::string& how, const std::string& request, const std::string& item,
                  const std::string& more = "") {
  return "[[cross]]\nname = 'c'\nhow = '" + how + "'\nrequest = '" + request + "'\nitem = '" + item + "'\n" +
         more + "\n";
}

std::string named(const std::string& name, std::string table) {
  const std::size_t begin = table.find("name = '") + 8;
  return table.replace(begin, table.find('\'', begin) - begin, name);
}

std::string fault(const std::string& more) {
  const DomainCheck check = shop(more);
  return check.faults.empty() ? "" : check.faults.front().message;
}

constexpr const char* kWords = "[[item.derived]]\nname = 'words'\nhow = 'words'\nof = 'title'\n";

TEST(DerivedWords, AreTheDifferentWordsOfAText) {
  const DomainCheck check = shop(kWords);
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const Schema& items = check.domain->items;
  const auto record = items.check(boost::json::parse(R"({"title":"Red, RED \"shoe\"","words":["x"]})"), {});
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->payload, R"({"title":"Red, RED \"shoe\"","words":["red","shoe"]})");
  EXPECT_EQ(record->values.words[items.word("words").value()],
            (Words{std::vector<std::string>{"red", "shoe"}}));
  EXPECT_EQ(items.read(record->payload)->payload, record->payload);
  EXPECT_EQ(items.check(boost::json::parse("{}"), {})->payload, "{}");
  EXPECT_EQ(items.check(boost::json::parse(R"({"title":"!"})"), {})->payload, R"({"title":"!","words":[]})");
}

TEST(DerivedWords, AreAFeatureOfASetOfWords) {
  std::string text{"[[item.derived]]\nname = 'w'\nhow = 'words'\nof = 'about'\n"};
  text += named("c", cross("coverage", "wanted", "w"));
  const DomainCheck check = shop(text);
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  EXPECT_EQ(check.domain->crosses[0].item_column, check.domain->items.word("w").value());
}

TEST(DerivedWords, AreOfTextsOnly) {
  EXPECT_EQ(fault("[[item.derived]]\nname = 'w'\nhow = 'words'\nof = 'price'\n"),
            "\"price\" is a number, not a text");
  EXPECT_THAT(fault(std::string{kWords} + "value = 3\n"), HasSubstr("value does not fit"));
}

TEST(TextCross, ReadsWhatItMatchesWordByWord) {
  const DomainCheck check =
      shop(named("m", cross("match", "query", "title")) + named("f", cross("found", "query", "about")) +
           named("n", cross("match", "query", "about", "k1 = 2\nb = 0")));
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const Domain& domain = *check.domain;
  EXPECT_THAT(domain.candidates.texts(), ElementsAre("about", "title"));
  EXPECT_THAT(domain.requests.texts(), ElementsAre("query"));
  EXPECT_EQ(domain.crosses[0].item_column, 1U);
  EXPECT_EQ(domain.crosses[0].k1, 1.2);
  EXPECT_EQ(domain.crosses[0].b, 0.75);
  EXPECT_EQ(domain.crosses[2].k1, 2);
  EXPECT_EQ(domain.crosses[2].b, 0);
  const auto record = domain.candidates.check(boost::json::parse(R"({"title":"Red red shoe"})"), {});
  ASSERT_TRUE(record);
  EXPECT_EQ(record->values.texts[0], Words{});
  EXPECT_EQ(record->values.texts[1], (Words{std::vector<std::string>{"red", "red", "shoe"}}));
  EXPECT_EQ(record->payload, R"({"title":"Red red shoe"})");
}

TEST(TextCross, IsOfStringsAndTexts) {
  EXPECT_EQ(fault(named("m", cross("match", "country", "title"))),
            "\"country\" in [request] is a word; match is made of strings and texts that are fields");
  EXPECT_EQ(fault(kWords + named("m", cross("found", "query", "words"))),
            "\"words\" in [item] is a set of words; found is made of strings and texts that are fields");
}

TEST(TextCross, BoundsItsSettings) {
  EXPECT_EQ(fault(named("m", cross("match", "query", "title", "b = 1.5"))), "b should be 0 to 1, not 1.5");
  EXPECT_EQ(fault(named("m", cross("match", "query", "title", "k1 = -1"))), "k1 should be 0 to 100, not -1");
  EXPECT_EQ(fault(named("m", cross("found", "query", "title", "k1 = 1"))),
            "k1 belongs to a match, and this is a cross of found");
}

TEST(TextCross, IsPartOfWhatAModelIsMadeFor) {
  const auto print = [](const std::string& more) {
    const DomainCheck check = shop(named("m", cross("match", "query", "title", more)));
    EXPECT_TRUE(check.domain);
    return check.domain->feature_fingerprint;
  };
  EXPECT_EQ(print(""), print("k1 = 1.2"));
  EXPECT_NE(print(""), print("k1 = 1.3"));
  EXPECT_NE(print(""), print("b = 0.5"));
}

TEST(TextCross, IsAddedToAStoreInUseAndNotChanged) {
  const auto none = shop("").domain;
  const auto one = shop(named("m", cross("match", "query", "title"))).domain;
  const auto other = shop(named("m", cross("match", "query", "title", "b = 0"))).domain;
  EXPECT_TRUE(check_domain_change(*none, *one));
  EXPECT_EQ(none->fingerprint, one->fingerprint);
  const Status changed = check_domain_change(*one, *other);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().message, HasSubstr("query match title (k1 1.2, b 0.75)"));
}

TEST(PairCross, IsOfOneWordOfEachSide) {
  const DomainCheck check = shop(named("p", cross("pair", "country", "brand")));
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  EXPECT_EQ(check.domain->crosses[0].op, CrossOp::kPair);
  EXPECT_EQ(fault(named("p", cross("pair", "wanted", "brand"))),
            "\"wanted\" in [request] is a set of words; pair is made of strings and categories");
}

}  // namespace
}  // namespace rankloop
