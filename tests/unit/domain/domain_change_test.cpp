// Which changes of a domain are taken over.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "domain/domain.h"

namespace rankloop {
namespace {

constexpr std::string_view kStored = R"(
domain.name = "test"
request.noun = "user"
item.noun = "thing"
model.features = ["n", "x"]
[[request.field]]
name = "n"
type = "int"
minimum = 0
maximum = 10
[[item.field]]
name = "x"
type = "float"
[[item.field]]
name = "maybe"
type = "int"
required = false
[[item.derived]]
name = "twice"
how = "sum"
of = ["x", "x"]
[[item.check]]
must = "x < 5"
message = "too large"
[[cross]]
name = "c"
how = "product"
request = "n"
item = "x"
[[rule]]
must = "item.x <= request.n"
)";

std::shared_ptr<const Domain> domain(std::string_view text) {
  const DomainCheck check = read_domain(text, "test.toml");
  EXPECT_TRUE(check.domain) << (check.faults.empty() ? "" : check.faults[0].message);
  return check.domain;
}

std::shared_ptr<const Domain> stored() {
  return domain(kStored);
}

std::shared_ptr<const Domain> changed(std::string_view from, std::string_view to) {
  std::string text{kStored};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return domain(text.replace(at, from.size(), to));
}

std::shared_ptr<const Domain> added(std::string_view more) {
  return domain(std::string{kStored} + std::string{more});
}

// What is wrong with the change; empty when it is taken over.
std::string refusal(const std::shared_ptr<const Domain>& wanted) {
  const Status status = check_domain_change(*stored(), *wanted);
  if (status) return {};
  EXPECT_EQ(status.error().code, ErrorCode::kFailedPrecondition);
  const std::string& message = status.error().message;
  return message.substr(message.find(": ") + 2);
}

TEST(DomainChange, TakesTheSameDomainAndNewTextsOver) {
  EXPECT_EQ(refusal(stored()), "");
  const auto other =
      changed("domain.name = \"test\"", "domain.name = \"test\"\ndomain.title = \"Another title\"");
  EXPECT_EQ(refusal(other), "");
  EXPECT_EQ(other->fingerprint, stored()->fingerprint);
  EXPECT_EQ(other->feature_fingerprint, stored()->feature_fingerprint);
}

TEST(DomainChange, TakesAdditionsOver) {
  EXPECT_EQ(refusal(added("[[item.field]]\nname = 'new'\ntype = 'int'\ndefault = 3\n")), "");
  EXPECT_EQ(refusal(added("[[item.derived]]\nname = 'more'\nhow = 'product'\nof = ['x', 'x']\n")), "");
  EXPECT_EQ(refusal(added("[[rule]]\nmust = 'item.x >= 0'\n")), "");
  EXPECT_EQ(refusal(added("[[cross]]\nname = 'd'\nhow = 'ratio'\nrequest = 'n'\nitem = 'x'\n")), "");
  EXPECT_EQ(refusal(changed("[\"n\", \"x\"]", "[\"n\", \"twice\", \"x\"]")), "");
}

TEST(DomainChange, TakesLooserChecksOver) {
  EXPECT_EQ(refusal(changed("maximum = 10", "maximum = 11")), "");
  EXPECT_EQ(refusal(changed("x < 5", "x <= 5")), "");
  EXPECT_EQ(refusal(changed("x < 5", "x < 6")), "");
  EXPECT_EQ(refusal(changed("x < 5", "x != 5")), "");
  EXPECT_EQ(refusal(changed("[[item.check]]\nmust = \"x < 5\"\nmessage = \"too large\"\n", "")), "");
}

TEST(DomainChange, RefusesStricterChecks) {
  EXPECT_EQ(refusal(changed("maximum = 10", "maximum = 9")),
            "request field n was (n int required minimum 0 maximum 10 length 0..1024), is (n int required "
            "minimum 0 "
            "maximum 9 length 0..1024)");
  EXPECT_EQ(refusal(changed("x < 5", "x < 4")), "the item check x < 4 is new or stricter");
  EXPECT_EQ(refusal(changed("x < 5", "x > 5")), "the item check x > 5 is new or stricter");
  EXPECT_EQ(refusal(added("[[item.check]]\nmust = 'x > -1'\nmessage = 'm'\n")),
            "the item check x > -1 is new or stricter");
}

TEST(DomainChange, RefusesFieldsThatGoChangeOrAreRequiredAnew) {
  EXPECT_EQ(refusal(changed("[[item.field]]\nname = \"maybe\"\ntype = \"int\"\nrequired = false\n", "")),
            "item field maybe is gone");
  EXPECT_NE(refusal(changed("type = \"int\"\nrequired = false", "type = \"float\"\nrequired = false")), "");
  EXPECT_NE(refusal(changed("type = \"int\"\nrequired = false", "type = \"int\"")), "");
  EXPECT_NE(refusal(changed("type = \"int\"\nrequired = false", "type = \"int\"\ndefault = 1")), "");
  EXPECT_EQ(refusal(added("[[item.field]]\nname = 'new'\ntype = 'int'\n")),
            "the new item field new is required, but what is stored has none");
}

TEST(DomainChange, RefusesWhatGoesFromTheModelsInput) {
  EXPECT_EQ(refusal(changed("[\"n\", \"x\"]", "[\"x\"]")), "the feature n is gone");
  EXPECT_EQ(refusal(changed("[\"n\", \"x\"]", "[\"x\", \"n\"]")), "the feature x has moved");
  EXPECT_EQ(refusal(changed("how = \"product\"", "how = \">=\"")), "the cross c was n product x, is n >= x");
  EXPECT_EQ(refusal(changed("item.x <= request.n", "item.x < request.n")),
            "the rule item.x <= request.n is gone");
  EXPECT_NE(refusal(changed("how = \"sum\"", "how = \"product\"")), "");
}

TEST(DomainChange, RefusesAnotherTypeOfIds) {
  const auto texts = domain("item.id = {type = 'string'}\n" + std::string{kStored});
  EXPECT_EQ(refusal(texts), "the type of the item's id was int, is string");
  EXPECT_TRUE(check_domain_change(*texts, *texts));
}

TEST(DomainChange, NamesEveryChangeOfAnotherDomain) {
  const std::string message = refusal(default_domain());
  EXPECT_NE(message.find("the domain's name was test, is locations"), std::string::npos);
  EXPECT_NE(message.find("request field n is gone"), std::string::npos);
  EXPECT_NE(message.find("item field x is gone"), std::string::npos);
}

TEST(DomainChange, ShowsInTheFingerprintItConcerns) {
  const auto field = changed("maximum = 10", "maximum = 11");
  EXPECT_NE(field->fingerprint, stored()->fingerprint);
  EXPECT_EQ(field->feature_fingerprint, stored()->feature_fingerprint);
  const auto cross = changed("how = \"product\"", "how = \">=\"");
  EXPECT_EQ(cross->fingerprint, stored()->fingerprint);
  EXPECT_NE(cross->feature_fingerprint, stored()->feature_fingerprint);
  const auto derived = changed("[\"n\", \"x\"]", "[\"n\", \"x\", \"twice\"]");
  EXPECT_EQ(derived->fingerprint, stored()->fingerprint);
  EXPECT_NE(derived->feature_fingerprint, stored()->feature_fingerprint);
}

}  // namespace
}  // namespace rankloop
