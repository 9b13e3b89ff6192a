// Columns of codes against vectors of vectors, and dictionaries.
#include "ml/code_column.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

TEST(CodeColumn, HoldsWhatWasPutIntoItsRows) {
  SampleNumbers random(1);
  const auto draw = [&](std::int64_t most) {
    std::vector<std::int32_t> codes;
    for (std::int64_t i = random.whole(most == 1 ? 1 : 0, most); i > 0; --i)
      codes.push_back(static_cast<std::int32_t>(random.whole(-1, 9)));
    return codes;
  };
  for (const std::int64_t most : {1, 3}) {
    CodeColumn column;
    std::vector<std::vector<std::int32_t>> expected;
    for (int step = 0; step < 500; ++step) {
      if (expected.empty() || random.chance(0.5)) {
        expected.push_back(draw(most));
        column.append(expected.back());
      } else {
        const auto row =
            static_cast<std::size_t>(random.whole(0, static_cast<std::int64_t>(expected.size()) - 1));
        expected[row] = draw(most);
        column.set(row, expected[row]);
      }
    }
    ASSERT_EQ(column.rows(), expected.size());
    for (std::size_t row = 0; row < expected.size(); ++row) {
      const auto codes = column.at(row);
      EXPECT_EQ(std::vector<std::int32_t>(codes.begin(), codes.end()), expected[row]);
    }
  }
}

TEST(CodeColumn, GivesAWordOfASetOnce) {
  Dictionary dictionary;
  EXPECT_EQ(codes_of(std::nullopt, dictionary), std::vector<std::int32_t>{kAbsentCode});
  EXPECT_EQ(codes_of(Words{std::vector<std::string>{}}, dictionary), std::vector<std::int32_t>{});
  EXPECT_EQ(codes_of(Words{{"b", "a", "b"}}, dictionary), (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(codes_of(Words{{"a"}}, dictionary), std::vector<std::int32_t>{1});
  EXPECT_EQ(dictionary.word(0), "b");
  EXPECT_EQ(dictionary.find("c"), std::nullopt);
}

TEST(Dictionary, GivesOneNumberAWordFromManyThreads) {
  Dictionary dictionary;
  std::vector<std::vector<std::int32_t>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& codes : seen) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) codes.push_back(dictionary.add("word " + std::to_string(i)));
      });
    }
  }
  EXPECT_EQ(dictionary.size(), 500U);
  for (const auto& codes : seen) {
    ASSERT_EQ(codes, seen.front());
    for (int i = 0; i < 500; ++i)
      EXPECT_EQ(dictionary.word(codes[static_cast<std::size_t>(i)]), "word " + std::to_string(i));
  }
}

}  // namespace
}  // namespace rankloop::ml
