// [person] of a domain file: what may be stored of people, and what a change of it means.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/plain_texts.h"
#include "domain/strict_json.h"

namespace rankloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string_view> kBody = {"body"};

DomainCheck shop(const std::string& person, const std::string& more = "") {
  return read_domain(
      "domain.name = 'shop'\nrequest.noun = 'visitor'\nitem.noun = 'thing'\n"
      "model.features = ['age', 'size_share', 'price']\n" +
          more +
          "[[request.field]]\nname = 'age'\ntype = 'int'\nminimum = 0\nmaximum = 130\n"
          "[[request.field]]\nname = 'sizes'\ntype = 'int_list'\n"
          "[[request.field]]\nname = 'size_count'\ntype = 'int'\n"
          "[[request.field]]\nname = 'greeting'\ntype = 'string'\nmin_length = 2\n"
          "[[request.field]]\nname = 'remark'\ntype = 'text'\nrequired = false\n"
          "[[request.field]]\nname = 'budget'\ntype = 'float'\ndefault = 10\n"
          "[[request.derived]]\nname = 'sizes_count'\nhow = 'length'\nof = 'sizes'\n"
          "[[request.derived]]\nname = 'size_share'\nhow = 'ratio'\nof = ['sizes_count', 'age']\n"
          "[[request.check]]\nmust = 'size_count == sizes_count'\nmessage = 'does not match the sizes'\n"
          "[[item.field]]\nname = 'price'\ntype = 'float'\n" +
          person,
      "shop.toml");
}

std::vector<std::string> messages(const DomainCheck& check) {
  std::vector<std::string> found;
  for (const DomainFault& fault : check.faults) found.push_back(fault.message);
  return found;
}

Result<Record> checked(const Domain& domain, std::string_view body) {
  return domain.person.check(*parse_strict_json(body), kBody);
}

TEST(PersonFile, StoresNothingWithoutTheTable) {
  const DomainCheck check = shop("");
  ASSERT_THAT(messages(check), IsEmpty());
  EXPECT_THAT(check.domain->person.fields(), IsEmpty());
}

TEST(PersonFile, TakesFieldsAsTheRequestDeclaresThemButNoneIsRequired) {
  const DomainCheck check = shop("[person]\nfields = ['budget', 'age']\n");
  ASSERT_THAT(messages(check), IsEmpty());
  const Domain& domain = *check.domain;
  EXPECT_THAT(domain.person.fields(), SizeIs(2));
  EXPECT_EQ(checked(domain, "{}")->payload, "{}");  // a default is the request's
  EXPECT_EQ(checked(domain, R"({"age":41.0})")->payload, R"({"age":41})");
  EXPECT_EQ(checked(domain, R"({"age":null,"budget":5})")->payload, R"({"budget":5})");
  EXPECT_FALSE(checked(domain, R"({"age":131})"));
  EXPECT_FALSE(checked(domain, R"({"age":"41"})"));
}

TEST(PersonFile, KeepsTheChecksThatSpeakOfStoredFieldsAlone) {
  const DomainCheck both = shop("[person]\nfields = ['sizes', 'size_count']\n");
  ASSERT_THAT(messages(both), IsEmpty());
  EXPECT_TRUE(checked(*both.domain, R"({"sizes":[1,2],"size_count":2})"));
  EXPECT_FALSE(checked(*both.domain, R"({"sizes":[1,2],"size_count":3})"));
  EXPECT_TRUE(checked(*both.domain, R"({"size_count":3})"));
  EXPECT_EQ(checked(*both.domain, R"({"sizes":[1,2]})")->payload, R"({"sizes":[1,2]})");
  const DomainCheck one = shop("[person]\nfields = ['size_count']\n");
  ASSERT_THAT(messages(one), IsEmpty());
  EXPECT_THAT(one.domain->person.checks(), IsEmpty());
}

TEST(PersonFile, RefusesWhatCannotBeStored) {
  EXPECT_THAT(messages(shop("[person]\nfields = ['agge', 'size_share', 'age', 'age']\nkeep = 1\n")),
              ElementsAre(HasSubstr("no field \"agge\", did you mean \"age\""), HasSubstr("derived"),
                          HasSubstr("\"age\" is listed twice"), HasSubstr("keep")));
  EXPECT_THAT(messages(shop("[person]\n")), ElementsAre(HasSubstr("fields should list")));
  EXPECT_THAT(messages(shop("[person]\nfields = []\n")), ElementsAre(HasSubstr("fields should list")));
  EXPECT_THAT(messages(shop("person = 1\n")), SizeIs(1));
}

TEST(PersonFile, MayChangeOnAStoreInUse) {
  const auto stored = shop("[person]\nfields = ['age']\n").domain;
  const auto wanted = shop("[person]\nfields = ['budget']\n").domain;
  const auto changes = domain_changes(*stored, *wanted);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_THAT(changes[0].what, HasSubstr("age is no longer stored"));
  EXPECT_THAT(changes[1].what, HasSubstr("budget may be stored"));
  EXPECT_TRUE(check_domain_change(*stored, *wanted));
  EXPECT_EQ(stored->fingerprint, wanted->fingerprint);
}

TEST(PlainTexts, AreThoseThatNothingReads) {
  EXPECT_THAT(plain_texts(*shop("").domain), ElementsAre("greeting", "remark"));
  EXPECT_THAT(plain_texts(*default_domain()), ElementsAre("name"));
}

TEST(PlainTexts, AreTakenOutOfWhatIsStored) {
  const DomainCheck checked = shop("");
  const Domain& domain = *checked.domain;
  const std::string payload =
      domain.requests
          .check(
              *parse_strict_json(
                  R"({"age":41,"sizes":[3,4],"size_count":2,"greeting":"Ann","remark":"call me","budget":0.1})"),
              kBody)
          ->payload;
  const std::string without = without_texts(domain, plain_texts(domain), payload);
  EXPECT_THAT(without, Not(HasSubstr("Ann")));
  EXPECT_THAT(without, Not(HasSubstr("remark")));
  EXPECT_THAT(without, HasSubstr(R"("greeting":"--")"));
  const auto before = domain.requests.read(payload);
  const auto after = domain.requests.read(without);
  ASSERT_TRUE(after);
  EXPECT_EQ(before->values.numbers, after->values.numbers);
  EXPECT_EQ(without_texts(domain, {"greeting"}, "broken"), "broken");
}

}  // namespace
}  // namespace rankloop
