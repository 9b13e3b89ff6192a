// Rows: added, selected, divided.
#include "ml/labelled_rows.h"

#include <vector>

#include <gtest/gtest.h>

namespace rankloop::ml {
namespace {

LabelledRows six_rows() {
  LabelledRows rows;
  rows.width = 2;
  for (int r = 0; r < 6; ++r) {
    rows.values.insert(rows.values.end(), {static_cast<float>(r), static_cast<float>(10 * r)});
    rows.labels.push_back(r % 2 == 0 ? 1 : 0);
    rows.weights.push_back(static_cast<float>(r + 1));
    rows.requests.push_back(r / 2);
    rows.items.push_back(ItemId{100 + r});
    rows.people.push_back(static_cast<Person>(200 + r / 2));
    rows.shown.push_back({.position = r + 1});
  }
  return rows;
}

TEST(LabelledRows, SlicesEveryColumnAlike) {
  const LabelledRows some = slice(six_rows(), 2, 5);
  EXPECT_EQ(some.width, 2U);
  EXPECT_EQ(some.values, (std::vector<float>{2, 20, 3, 30, 4, 40}));
  EXPECT_EQ(some.labels, (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(some.weights, (std::vector<float>{3, 4, 5}));
  EXPECT_EQ(some.requests, (std::vector<std::int64_t>{1, 1, 2}));
  EXPECT_EQ(some.items, (std::vector<ItemId>{ItemId{102}, ItemId{103}, ItemId{104}}));
  EXPECT_EQ(some.people, (std::vector<Person>{201, 201, 202}));
  ASSERT_EQ(some.shown.size(), 3U);
  EXPECT_EQ(some.shown[0].position, 3);
}

TEST(LabelledRows, SlicesWhatIsNotThereAsNothing) {
  LabelledRows rows = six_rows();
  rows.weights.clear();
  rows.items.clear();
  rows.shown.clear();
  const LabelledRows some = slice(rows, 0, 2);
  EXPECT_TRUE(some.weights.empty());
  EXPECT_TRUE(some.items.empty());
  EXPECT_EQ(some.weight(1), 1);
  EXPECT_EQ(slice(rows, 3, 3).rows(), 0U);
}

TEST(LabelledRows, JoinedAreTheRowsThatWereDivided) {
  const LabelledRows rows = six_rows();
  const LabelledRows all = joined(slice(rows, 0, 4), slice(rows, 4, 6));
  EXPECT_EQ(all.values, rows.values);
  EXPECT_EQ(all.labels, rows.labels);
  EXPECT_EQ(all.weights, rows.weights);
  EXPECT_EQ(all.requests, rows.requests);
  EXPECT_EQ(all.items, rows.items);
  EXPECT_EQ(all.people, rows.people);
  EXPECT_EQ(all.shown.size(), 6U);
}

TEST(LabelledRows, SplitBetweenRequests) {
  const LabelledRows rows = six_rows();
  EXPECT_EQ(split_row(rows, 1.0 / 3), 4U);
  EXPECT_EQ(split_row(rows, 0.5), 2U);
  EXPECT_EQ(split_row(rows, 0), 6U);
  EXPECT_EQ(split_row(rows, 1), 0U);
}

TEST(LabelledRows, SplitBetweenRowsWhereNobodyKnowsTheRequests) {
  LabelledRows rows = six_rows();
  rows.requests.clear();
  EXPECT_EQ(split_row(rows, 0.5), 3U);
}

TEST(LabelledRows, ShowAFamilyTheirItems) {
  const LabelledRows rows = six_rows();
  const FeatureRows view = rows.view();
  EXPECT_EQ(view.rows(), 6U);
  EXPECT_EQ(view.items[5], ItemId{105});
  EXPECT_EQ(view.people[5], 202U);
  EXPECT_EQ(view.some(3, 2).people[0], 201U);
  EXPECT_EQ(view.some(3, 2).items[1], ItemId{104});
  EXPECT_EQ(rows.row(1)[1], 10);
}

TEST(LabelledRows, NumberPeopleByTheirKeys) {
  EXPECT_EQ(person_number(""), 0U);
  EXPECT_EQ(person_number("ada"), person_number("ada"));
  EXPECT_NE(person_number("ada"), person_number("bob"));
}

}  // namespace
}  // namespace rankloop::ml
