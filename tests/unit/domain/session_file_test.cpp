// [session] of a domain file.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/fingerprint.h"

namespace rankloop {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

std::string shop(const std::string& more) {
  return R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[[request.field]]
name = "visit"
type = "string"
required = false
[[request.field]]
name = "tab"
type = "category"
required = false
[[request.field]]
name = "channel"
type = "category"
default = "web"
[item]
noun = "offer"
[[item.field]]
name = "price"
type = "float"
[[history]]
name = "seen"
what = "count"
of = "item"
kind = "shown"
own = true
within = "session"
[model]
features = ["budget", "price"]
)" + more;
}

std::shared_ptr<const Domain> read(const std::string& more) {
  const DomainCheck check = read_domain(shop(more), "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

std::string fault(const std::string& more) {
  const DomainCheck check = read_domain(shop(more), "shop.toml");
  return check.faults.empty() ? "" : check.faults.front().message;
}

constexpr const char* kVisit = "[session]\nkey = \"visit\"\n";

TEST(SessionOfADomain, IsNamedByAFieldOfTheRequest) {
  EXPECT_FALSE(read("")->session);
  const auto domain = read(kVisit);
  ASSERT_TRUE(domain->session);
  EXPECT_EQ(domain->requests.words()[*domain->session], "visit");
  EXPECT_EQ(canonical_text(*domain, domain->histories[0]),
            "count of shown of item by the person within the session by request.visit");
}

TEST(SessionOfADomain, ChangesWhatModelsAreMadeForAndNothingThatIsStored) {
  const auto by_gap = read("");
  const auto by_visit = read(kVisit);
  const auto by_tab = read("[session]\nkey = \"tab\"\n");
  EXPECT_EQ(by_gap->fingerprint, by_visit->fingerprint);
  EXPECT_NE(by_gap->feature_fingerprint, by_visit->feature_fingerprint);
  const auto says = [](const Domain& stored, const Domain& wanted, const std::string& what) {
    EXPECT_TRUE(check_domain_change(stored, wanted));
    EXPECT_THAT(domain_changes(stored, wanted),
                AllOf(Contains(Field(&DomainChange::what, what)),
                      Contains(Field(&DomainChange::what, HasSubstr("the history seen was")))));
  };
  says(*by_gap, *by_visit, "the request field visit names the session");
  says(*by_visit, *by_tab, "the request field tab names the session, which was visit");
  says(*by_tab, *by_gap, "the request field tab names no session any more");
  EXPECT_TRUE(domain_changes(*by_visit, *by_visit).empty());
}

TEST(SessionOfADomain, RefusesWhatNamesNone) {
  EXPECT_THAT(fault("[session]\n"), HasSubstr("key"));
  EXPECT_THAT(fault("[session]\nkey = \"vist\"\n"), HasSubstr("no field \"vist\", did you mean \"visit\"?"));
  EXPECT_THAT(fault("[session]\nkey = \"budget\"\n"), HasSubstr("\"budget\" is no string or category"));
  EXPECT_THAT(fault("[session]\nkey = \"channel\"\n"), HasSubstr("\"channel\" has a default"));
  EXPECT_THAT(fault("[person]\nfields = [\"visit\"]\n[session]\nkey = \"visit\"\n"),
              HasSubstr("\"visit\" is stored of persons"));
  EXPECT_THAT(fault("[session]\nkey = \"visit\"\ngap = \"1h\"\n"), HasSubstr("gap"));
}

}  // namespace
}  // namespace rankloop
