// Texts and their numbers.
#include "domain/numbered_texts.h"

#include <string>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(NumberedTexts, CountsTextsInOrderOfTheirFirstAppearance) {
  NumberedTexts texts;
  EXPECT_EQ(texts.find("a"), 0U);
  EXPECT_EQ(texts.add("a"), 1U);
  EXPECT_EQ(texts.add(""), 2U);
  EXPECT_EQ(texts.add("🍎"), 3U);
  EXPECT_EQ(texts.add("a"), 1U);
  EXPECT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts.at(1), "a");
  EXPECT_EQ(texts.at(2), "");
  EXPECT_EQ(texts.at(3), "🍎");
  EXPECT_EQ(texts.find("🍎"), 3U);
  EXPECT_EQ(texts.find("b"), 0U);
}

// Over many blocks and many tables, each twice as large.
TEST(NumberedTexts, FindsEachOfManyByTheOther) {
  constexpr std::uint32_t kMany = 60'000;
  NumberedTexts texts;
  const auto text = [](std::uint32_t i) { return std::string(i % 40, '-') + std::to_string(i); };
  const std::string_view first = (texts.add(text(1)), texts.at(1));
  for (std::uint32_t i = 1; i <= kMany; ++i) ASSERT_EQ(texts.add(text(i)), i);
  for (std::uint32_t i = 1; i <= kMany; ++i) {
    ASSERT_EQ(texts.find(text(i)), i);
    ASSERT_EQ(texts.at(i), text(i));
  }
  EXPECT_EQ(texts.find(text(kMany + 1)), 0U);
  EXPECT_EQ(first.data(), texts.at(1).data());  // it stays where it is
}

TEST(NumberedTexts, TellsTextsWithTheSameHashApart) {
  for (const NumberedTexts::Hash hash :
       {NumberedTexts::Hash{[](std::string_view) noexcept { return std::uint64_t{0}; }},
        NumberedTexts::Hash{[](std::string_view) noexcept { return ~std::uint64_t{0}; }}}) {
    NumberedTexts texts{hash};
    for (int i = 1; i <= 300; ++i)
      ASSERT_EQ(texts.add("text " + std::to_string(i)), static_cast<std::uint32_t>(i));
    for (int i = 1; i <= 300; ++i)
      ASSERT_EQ(texts.find("text " + std::to_string(i)), static_cast<std::uint32_t>(i));
    EXPECT_EQ(texts.find("text 301"), 0U);
  }
}

TEST(NumberedTexts, RefusesWhatIsTooLong) {
  NumberedTexts texts;
  EXPECT_EQ(texts.add(std::string(NumberedTexts::kLongest, 'x')), 1U);
  EXPECT_EQ(texts.add(std::string(NumberedTexts::kLongest + 1, 'x')), 0U);
  EXPECT_EQ(texts.add("y"), 2U);
}

}  // namespace
}  // namespace rankloop
