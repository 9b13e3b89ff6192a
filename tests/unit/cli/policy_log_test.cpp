// Logs of another program's making, read as it means them.
#include "cli/policy_log.h"

#include <fstream>
#include <sstream>
#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "support/checkout.h"
#include "support/temporary_folder.h"

namespace rankloop::cli {
namespace {

boost::json::value expected() {
  std::ifstream in{in_checkout("tests/fixtures/policies/expected.json")};
  std::stringstream text;
  text << in.rdbuf();
  return boost::json::parse(text.str());
}

class PolicyLogOf : public ::testing::TestWithParam<const char*> {};

// Of the Open Bandit Pipeline 0.5.5; tests/fixtures/policies/make.py tells how.
TEST_P(PolicyLogOf, AgreesWithTheOpenBanditPipeline) {
  const boost::json::value all = expected();
  const double clip = all.at("clip").to_number<double>();
  const auto value = read_policy_log(
      in_checkout("tests/fixtures/policies/" + std::string{GetParam()} + ".tsv.gz"), {.clip = clip});
  ASSERT_TRUE(value) << value.error().message;
  const ml::PolicyReport report = value->report({.clip = clip, .least_effective = 1, .least_support = 0});
  EXPECT_TRUE(report.refusals.empty()) << report.refusals.front();
  std::size_t found = 0;
  for (const auto& estimate : report.estimates) {
    const auto* told = all.at(GetParam()).as_object().if_contains(name_of(estimate.estimator));
    if (told == nullptr) continue;
    ++found;
    EXPECT_NEAR(estimate.value, told->to_number<double>(), 1e-9) << name_of(estimate.estimator);
    EXPECT_LT(estimate.interval.low, estimate.value) << name_of(estimate.estimator);
    EXPECT_GT(estimate.interval.high, estimate.value) << name_of(estimate.estimator);
  }
  EXPECT_EQ(found, all.at(GetParam()).as_object().size());
}

INSTANTIATE_TEST_SUITE_P(Logs, PolicyLogOf, ::testing::Values("synthetic", "slates", "open_bandit"),
                         [](const auto& info) { return std::string{info.param}; });

class PolicyLog : public ::testing::Test {
 protected:
  Result<ml::PolicyValue> read(const std::string& text, const std::string& name = "log.tsv") {
    return read_policy_log(folder_.file(name, text), {.clip = 10});
  }
  std::string refusal(const std::string& text) {
    const auto value = read(text);
    return value ? "" : value.error().message.substr(value.error().message.rfind('/') + 1);
  }

 private:
  rankloop::testing::TemporaryFolder folder_;
};

TEST_F(PolicyLog, ReadsListsFromTheTopDownWhateverTheirOrder) {
  const auto value = read(
      "position,request,propensity,reward,target,joint,joint_target\n"
      "2,a,0.5,1,0.25,0.25,0.1\n"
      "1,a,0.5,2,0.5,0.5,0.5\n"
      "1,b,0.25,4,0.5,0.25,0.5\n",
      "log.csv");
  ASSERT_TRUE(value) << value.error().message;
  const auto report = value->report({.least_effective = 1, .least_support = 0});
  EXPECT_EQ(report.lists, 2U);
  EXPECT_EQ(report.people, 2U);
  EXPECT_DOUBLE_EQ(report.logged, 3.5);
  ASSERT_EQ(report.estimates.size(), 4U);
  EXPECT_DOUBLE_EQ(report.estimates[0].value, (0.5 * 1 + 1.0 * 2 + 2.0 * 4) / 2);  // ips
  EXPECT_DOUBLE_EQ(report.estimates[3].value, (0.4 * 1 + 1.0 * 2 + 2.0 * 4) / 2);  // rips
}

TEST_F(PolicyLog, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal(""),
            "log.tsv:1: the file is empty; needed is a header with request, propensity, reward and target");
  EXPECT_EQ(refusal("request\tpropensity\treward\ttargte\n"),
            "log.tsv:1: the header has no column 'target', did you mean 'target' for 'targte'?");
  EXPECT_EQ(refusal("request\tpropensity\treward\ttarget\tjoint\n"),
            "log.tsv:1: the columns 'joint' and 'joint_target' go together; one of them is missing");
  const std::string header = "request\tpropensity\treward\ttarget\tposition\tperson\n";
  EXPECT_EQ(refusal(header + "a\t0\t1\t1\t1\tp\n"),
            "log.tsv:2: column 'propensity': '0' is not allowed; needed is a probability above 0, up to 1");
  EXPECT_EQ(refusal(header + "a\t0.5\t1\t1.5\t1\tp\n"),
            "log.tsv:2: column 'target': '1.5' is not allowed; needed is a probability from 0 to 1");
  EXPECT_EQ(refusal(header + "a\t0.5\tnan\t1\t1\tp\n"),
            "log.tsv:2: column 'reward': 'nan' is not allowed; needed is a number from -1e12 to 1e12");
  EXPECT_EQ(refusal(header + "a\t0.5\t1\t1\t0\tp\n"),
            "log.tsv:2: column 'position': '0' is not allowed; needed is a whole number from 1 to 10000");
  EXPECT_EQ(refusal(header + "\t0.5\t1\t1\t1\tp\n"),
            "log.tsv:2: column 'request': '' is not allowed; needed is any text that is not empty");
  EXPECT_EQ(refusal(header + "a\t0.5\t1\t1\t1\tp\na\t0.5\t1\t1\t1\tp\n"),
            "log.tsv:2: request 'a' has the position 1 twice; allowed is once");
  EXPECT_EQ(
      refusal(header + "a\t0.5\t1\t1\t1\tp\na\t0.5\t1\t1\t2\tq\n"),
      "log.tsv:3: column 'person': 'q' is not allowed; needed is the same person in all rows of a request");
  EXPECT_EQ(refusal(header + "a\t0.5\t1\t1\t1\tp\nb\t0.5\t1\t1\t1\tp\na\t0.5\t1\t1\t2\tp\n"),
            "log.tsv:4: rows of the request that begins at line 2 come again here; the rows of a request "
            "must stand "
            "together");
  EXPECT_EQ(refusal(header + "a\t0.5\n"), "log.tsv:2: the row has 2 cells; the header names 6 columns");
}

}  // namespace
}  // namespace rankloop::cli
