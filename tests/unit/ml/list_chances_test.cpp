// Chances of items in lists, against every list that there can be and against what a ranking keeps.
#include "ml/list_chances.h"

#include <map>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

std::vector<ItemId> numbered(const std::vector<std::int64_t>& numbers) {
  std::vector<ItemId> items;
  for (const std::int64_t number : numbers) items.push_back({number});
  return items;
}

// Every list of `length` of the items 1 to `items`, with its probability under the mixture.
struct AllLists {
  std::size_t items;
  std::size_t length;
  std::vector<ItemId> order;
  double explore;

  template <class Visit>
  void each(const Visit& visit) const {
    std::vector<ItemId> list;
    extend(list, 1, visit);
  }

 private:
  template <class Visit>
  void extend(std::vector<ItemId>& list, double drawn, const Visit& visit) const {
    if (list.size() == length) {
      const bool models = std::equal(list.begin(), list.end(), order.begin());
      return visit(list, explore * drawn + (models ? 1 - explore : 0));
    }
    for (std::size_t item = 1; item <= items; ++item) {
      const ItemId id{static_cast<std::int64_t>(item)};
      if (std::find(list.begin(), list.end(), id) != list.end()) continue;
      list.push_back(id);
      extend(list, drawn / static_cast<double>(items - list.size() + 1), visit);
      list.pop_back();
    }
  }
};

TEST(ListChances, AreThoseOfAllListsThatThereCanBe) {
  const Examination examination{{1, 0.6, 0.3}};
  for (const double explore : {0.0, 0.05, 0.5, 1.0}) {
    const AllLists lists{5, 3, numbered({4, 2, 5}), explore};
    const ListChances chances{lists.order, lists.items, explore};
    std::map<std::pair<std::size_t, ItemId>, double> at;
    std::map<ItemId, double> examined;
    double all = 0;
    lists.each([&](const std::vector<ItemId>& list, double probability) {
      all += probability;
      std::vector<double> joint;
      chances.joint(list, joint);
      EXPECT_NEAR(joint.back(), probability, 1e-15);
      for (std::size_t i = 0; i < list.size(); ++i) {
        at[{i, list[i]}] += probability;
        examined[list[i]] += probability * examination.at_position[i];
      }
    });
    EXPECT_NEAR(all, 1, 1e-12);
    for (const auto& [place, probability] : at)
      EXPECT_NEAR(chances.at(place.first, place.second), probability, 1e-12);
    for (const auto& [item, looked] : examined)
      EXPECT_NEAR(chances.examined(item, examination, 3), looked, 1e-12);
  }
}

TEST(ListChances, OfAnItemGivenThoseAboveMultiplyToTheListsOwn) {
  for (const double explore : {0.1, 1.0}) {
    const std::vector<ItemId> order = numbered({3, 1, 2});
    const ListChances chances{order, 7, explore};
    for (const auto& list :
         {numbered({3, 1, 2}), numbered({3, 2, 1}), numbered({6, 1, 2}), numbered({7, 5, 4})}) {
      std::vector<double> joint, given;
      chances.joint(list, joint);
      chances.given_above(list, given);
      double product = 1;
      for (std::size_t i = 0; i < list.size(); ++i) {
        product *= given[i];
        EXPECT_NEAR(product, joint[i], 1e-12);
      }
    }
  }
}

TEST(ListChances, GiveNothingToWhatARuleWithoutChanceNeverShows) {
  const std::vector<ItemId> order = numbered({3, 1});
  const ListChances chances{order, 4, 0};
  std::vector<double> given;
  chances.given_above(numbered({3, 2}), given);
  EXPECT_EQ(given, (std::vector<double>{1, 0}));
  EXPECT_EQ(chances.at(0, {2}), 0);
  EXPECT_EQ(chances.at(1, {1}), 1);
}

}  // namespace
}  // namespace rankloop::ml
