// The labelled training set.
#include "simulate/labelled.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::simulate {
namespace {

ml::LabelledRows labelled(const LabelledOptions& options = {}) {
  auto rows = make_labelled(*default_domain(), make_places(), default_profile(), options);
  EXPECT_TRUE(rows) << rows.error().message;
  return std::move(rows).value();
}

TEST(LabelledSet, HasAboutEightOfAHundredPositives) {
  const auto rows = labelled();
  ASSERT_EQ(rows.rows(), 10'000U);
  EXPECT_EQ(rows.width, default_domain()->features.size());
  EXPECT_EQ(rows.values.size(), rows.rows() * rows.width);
  const double positives = std::accumulate(rows.labels.begin(), rows.labels.end(), 0.0);
  EXPECT_GE(positives, 780);
  EXPECT_LE(positives, 900);
}

TEST(LabelledSet, LabelsAtMostOnePlacePerGuest) {
  const auto rows = labelled();
  for (std::size_t guest = 0; guest < 1000; ++guest) {
    int positives = 0;
    for (std::size_t row = guest * 10; row < guest * 10 + 10; ++row) {
      EXPECT_EQ(rows.requests[row], static_cast<std::int64_t>(guest));
      positives += rows.labels[row] > 0 ? 1 : 0;
    }
    EXPECT_LE(positives, 1);
  }
}

TEST(LabelledSet, NeverLabelsWhatIsOverTheBudget) {
  const auto domain = default_domain();
  const auto rows = labelled();
  const auto index = [&](std::string_view name) {
    const auto found = std::find_if(domain->features.begin(), domain->features.end(),
                                    [&](const Feature& feature) { return feature.name == name; });
    return static_cast<std::size_t>(found - domain->features.begin());
  };
  const std::size_t price = index("price");
  const std::size_t budget = index("budget");
  ASSERT_LT(std::max(price, budget), rows.width);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.labels[row] == 0) continue;
    EXPECT_LE(rows.values[row * rows.width + price], rows.values[row * rows.width + budget]);
  }
}

TEST(LabelledSet, DependsOnTheSeedAlone) {
  const LabelledOptions small{50, 10, 7};
  const auto rows = labelled(small);
  EXPECT_EQ(rows.values, labelled(small).values);
  EXPECT_EQ(rows.labels, labelled(small).labels);
  EXPECT_NE(rows.values, labelled({50, 10, 8}).values);
}

TEST(LabelledSet, SplitsBetweenGuests) {
  const auto rows = labelled();
  EXPECT_EQ(ml::split_row(rows, 0.2), 8000U);
  EXPECT_EQ(ml::split_row(rows, 0), 10'000U);
  EXPECT_EQ(ml::split_row(rows, 1), 0U);
  EXPECT_EQ(ml::split_row(rows, 0.2004), 8000U);
  EXPECT_EQ(ml::split_row({}, 0.2), 0U);
}

TEST(LabelledSet, IsWrittenAsTabSeparatedText) {
  const auto domain = default_domain();
  const auto rows = labelled({3, 4, 1});
  const std::string text = to_tsv(*domain, rows, 4, 12);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\t')), 9 * (rows.width + 1));
  EXPECT_TRUE(text.starts_with("people_num\tchildren_num\tbudget\t"));
  EXPECT_NE(text.find("\tlabel\trequest\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\t2\n"));
}

TEST(LabelledSet, TellsTheGuestsOwnScoresWhenAsked) {
  const auto domain = default_domain();
  std::vector<double> scores;
  const auto rows = make_labelled(*domain, make_places(), default_profile(), {200, 10, 1}, &scores);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(scores.size(), rows->rows());
  EXPECT_EQ(rows->values, labelled({200, 10, 1}).values) << "asking must not change the draws";
  int best = 0;
  int picks = 0;
  for (std::size_t row = 0; row < rows->rows(); ++row) {
    if (rows->labels[row] == 0) continue;
    const auto first = scores.begin() + static_cast<std::ptrdiff_t>(row / 10 * 10);
    EXPECT_GT(scores[row], 0) << "what a guest rejects, it does not pick";
    ++picks;
    best += scores[row] == *std::max_element(first, first + 10);
  }
  ASSERT_GT(picks, 0);
  EXPECT_GT(best, picks / 2);

  const std::string text = to_tsv(*domain, *rows, 1990, 2000, scores);
  EXPECT_NE(text.find("\tlabel\trequest\tscore\n"), std::string::npos);
  const std::string last = text.substr(text.rfind('\t') + 1);
  EXPECT_DOUBLE_EQ(std::stod(last), scores.back());
}

TEST(LabelledSet, RefusesAnEmptyCatalogAndNoGuests) {
  EXPECT_FALSE(make_labelled(*default_domain(), {}, default_profile(), {}));
  EXPECT_FALSE(make_labelled(*default_domain(), make_places(), default_profile(), {0, 10, 1}));
  EXPECT_FALSE(make_labelled(Domain{}, make_places(), Profile{}, {1, 0, 1}));
}

}  // namespace
}  // namespace rankloop::simulate
