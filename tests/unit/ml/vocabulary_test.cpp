// Words of rows as places of vocabularies.
#include "ml/vocabulary.h"

#include <memory>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::ml {
namespace {

using Places = std::vector<std::uint32_t>;

TEST(PlacesOfRows, ForgetsWhatAllRowsOfARequestHave) {
  LabelledRows rows;
  rows.width = 1;
  rows.dictionary = std::make_shared<Dictionary>();
  rows.codes.resize(2);
  const auto add = [&](std::int64_t request, const char* kind, const std::vector<std::string>& tags) {
    rows.values.push_back(0);
    rows.labels.push_back(0);
    rows.requests.push_back(request);
    rows.codes[0].append(codes_of(Words{{kind}}, *rows.dictionary));
    rows.codes[1].append(codes_of(Words{tags}, *rows.dictionary));
  };
  add(1, "a", {"x", "y"});
  add(1, "a", {"y"});
  add(2, "a", {"x"});
  add(2, "b", {"x"});
  add(3, "b", {"y"});  // alone: nothing is told apart
  add(4, "a", {});
  add(4, "b", {"y", "z"});
  const Vocabularies words({Vocabulary({"a", "b"}), Vocabulary({"x", "y"})});
  PlacesOfRows places(words, rows.view(), rows.rows());
  const std::uint32_t a = 0, b = 1, x = words.first_of(1), y = x + 1, unknown = x + 2;
  const auto at = [&](std::size_t row) {
    const auto of_row = places.at(row);
    return Places(of_row.begin(), of_row.end());
  };
  EXPECT_EQ(at(0), (Places{a, x, y}));
  places.forget_shared(rows.requests);
  EXPECT_EQ(at(0), Places{x});
  EXPECT_EQ(at(1), Places{});
  EXPECT_EQ(at(2), Places{a});
  EXPECT_EQ(at(3), Places{b});
  EXPECT_EQ(at(4), Places{});
  EXPECT_EQ(at(5), Places{a});
  EXPECT_EQ(at(6), (Places{b, y, unknown}));
}

}  // namespace
}  // namespace rankloop::ml
