// Hyperparameters as they are written in settings and on the command line.
#include "ml/hyperparameters.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/families/families.h"

namespace rankloop::ml {
namespace {

std::string fault_of(std::string_view text) {
  const auto given = parse_hyperparameters(text);
  EXPECT_FALSE(given) << text;
  return given ? "" : given.error().message;
}

TEST(Hyperparameters, AreReadFromPairs) {
  EXPECT_TRUE(parse_hyperparameters("")->empty());
  EXPECT_EQ(*parse_hyperparameters(" gbdt.depth=8,mlp.dropout=0.5\tlogistic.penalty=1e-3, "),
            (Hyperparameters{{"gbdt.depth", 8}, {"mlp.dropout", 0.5}, {"logistic.penalty", 0.001}}));
  EXPECT_EQ(to_json(*parse_hyperparameters("mlp.batch=64,gbdt.depth=8")),
            R"({"gbdt.depth":8,"mlp.batch":64})");
}

TEST(Hyperparameters, StandAtTheirPresetsUnlessGiven) {
  EXPECT_EQ(value_of({}, "gbdt.learning_rate"), 0.08);
  EXPECT_EQ(value_of({{"gbdt.learning_rate", 0.5}}, "gbdt.learning_rate"), 0.5);
  for (const Hyperparameter& each : hyperparameters()) {
    EXPECT_TRUE(check_hyperparameter(each.name, each.preset)) << each.name;
    EXPECT_TRUE(check_hyperparameter(each.name, each.maximum)) << each.name;
    EXPECT_FALSE(check_hyperparameter(each.name, each.maximum + 1)) << each.name;
    EXPECT_FALSE(check_hyperparameter(each.name, each.minimum - 1)) << each.name;
    EXPECT_TRUE(std::ranges::find(families(), each.family(), &Family::name) != families().end()) << each.name;
  }
}

TEST(Hyperparameters, AreSearchedWithinTheirBounds) {
  for (const Hyperparameter& each : hyperparameters()) {
    if (!each.search) continue;
    EXPECT_LT(each.search->low, each.search->high) << each.name;
    EXPECT_TRUE(check_hyperparameter(each.name, each.search->low)) << each.name;
    EXPECT_TRUE(check_hyperparameter(each.name, each.search->high)) << each.name;
    EXPECT_TRUE(!each.search->logarithmic || each.search->low > 0) << each.name;
  }
}

TEST(Hyperparameters, AreDescribedALineEach) {
  const std::vector<std::string> lines = described_hyperparameters();
  EXPECT_EQ(lines.size(), hyperparameters().size());
  EXPECT_TRUE(std::ranges::find(lines,
                                "gbdt.depth (0 to 12, whole, preset 0): levels of a tree; 0: 3 and 6 are "
                                "tried") != lines.end());
}

TEST(Hyperparameters, NameWhatIsWrong) {
  EXPECT_EQ(fault_of("gbdt.dept=8"), "there is no hyperparameter 'gbdt.dept'; is 'gbdt.depth' meant?");
  EXPECT_NE(fault_of("qqqqqqqqqqqqqq=8").find("known are popularity.prior_showings"), std::string::npos);
  EXPECT_EQ(fault_of("gbdt.depth=2.5"), "'gbdt.depth' is 2.5; allowed is a whole number from 0 to 12");
  EXPECT_EQ(fault_of("gbdt.depth=nan"), "'gbdt.depth' is no number; allowed is a whole number from 0 to 12");
  EXPECT_EQ(fault_of("gbdt.depth=8x"), "'gbdt.depth=8x' has no number behind the =");
  EXPECT_EQ(fault_of("gbdt.depth"), "'gbdt.depth' is no hyperparameter; allowed is a name, = and a number");
}

}  // namespace
}  // namespace rankloop::ml
