// Words of texts in many scripts.
#include "domain/text_words.h"

#include <future>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/utf8.h"

namespace rankloop {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(TextWords, AreWhatPunctuationAndSpacesLeave) {
  EXPECT_THAT(words_of_text("Red shoes -- new (2026), 50% off!"),
              ElementsAre("red", "shoes", "new", "2026", "50", "off"));
  EXPECT_THAT(words_of_text("3.14 and 1,000.5 stay; e-mail is two"),
              ElementsAre("3.14", "and", "1,000.5", "stay", "e", "mail", "is", "two"));
}

TEST(TextWords, KeepApostrophesWithinAWord) {
  EXPECT_THAT(words_of_text("Don't 'quote' l'été"), ElementsAre("don't", "quote", "l'été"));
}

TEST(TextWords, AreFoldedWhateverTheCase) {
  EXPECT_THAT(words_of_text("Straße STRASSE straße"), Each("strasse"));
  EXPECT_THAT(words_of_text("ΣΊΣΥΦΟΣ σίσυφος"), Each("σίσυφοσ"));
  EXPECT_THAT(words_of_text("МОСКВА Москва"), Each("москва"));
  // The same for all languages: the Turkish capital with a dot keeps it, as a mark.
  EXPECT_THAT(words_of_text("İ I ı"), ElementsAre("i\u0307", "i", "ı"));
}

TEST(TextWords, AreOneHoweverTheirCharactersAreComposed) {
  EXPECT_THAT(words_of_text("cafe\u0301 café CAFÉ"), Each("café"));
  EXPECT_THAT(words_of_text("ﬁne ｆｉｎｅ fi\u00ADne"), Each("fine"));
  EXPECT_THAT(words_of_text("résumé resume"), ElementsAre("résumé", "resume"));
}

TEST(TextWords, AreFoundWhereNoSpacesPartThem) {
  EXPECT_THAT(words_of_text("สวัสดีครับ"), ElementsAre("สวัสดี", "ครับ"));
  EXPECT_THAT(words_of_text("私は東京へ行く"), ElementsAre("私", "は", "東京", "へ", "行く"));
  EXPECT_THAT(words_of_text("ﾀﾜｰ"), ElementsAre("タワー"));
}

TEST(TextWords, AreNoEmojiAndNoSymbols) {
  EXPECT_THAT(words_of_text("I ❤ 👩‍👩‍👧 pizza 🍕 © €"), ElementsAre("i", "pizza"));
  EXPECT_THAT(words_of_text("... --- \u200B \u00AD"), IsEmpty());
  EXPECT_THAT(words_of_text(""), IsEmpty());
}

TEST(TextWords, AreBoundedInNumberAndLength) {
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "w" + std::to_string(i) + " ";
  EXPECT_THAT(words_of_text(many), SizeIs(kMostTextWords));
  EXPECT_THAT(words_of_text(std::string(kMostTextBytes - 1, ' ') + "ab"), ElementsAre("a"));
  EXPECT_THAT(words_of_text(std::string(kMostTextBytes - 2, ' ') + "a東京"), ElementsAre("a"));
  EXPECT_THAT(words_of_text(many, 3), ElementsAre("w0", "w1", "w2"));
  EXPECT_THAT(words_of_text(std::string(kMostWordBytes, 'a') + " b"), SizeIs(2));
  EXPECT_THAT(words_of_text(std::string(kMostWordBytes + 1, 'a') + " b"), ElementsAre("b"));
  // A character that folds to eighteen.
  std::string grows;
  for (int i = 0; i < 80; ++i) grows += "ﷺ";
  EXPECT_THAT(words_of_text(grows + " b"), ElementsAre("b"));
}

TEST(TextWords, AreUtf8WhateverTheBytes) {
  std::uint32_t state = 7;
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (int i = 0; i < 60; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      bytes += static_cast<char>(state >> 24);
    }
    for (const std::string& word : words_of_text(bytes)) ASSERT_TRUE(is_utf8(word));
  }
}

TEST(TextWords, AreTheSameOnEveryThread) {
  const std::string text = "Über den Wolken สวัสดีครับ 東京タワー";
  const std::vector<std::string> expected = words_of_text(text);
  std::vector<std::future<bool>> threads;
  for (int t = 0; t < 4; ++t) {
    threads.push_back(std::async(std::launch::async, [&] {
      bool same = true;
      for (int i = 0; i < 200; ++i) same = same && words_of_text(text) == expected;
      return same;
    }));
  }
  for (auto& thread : threads) EXPECT_TRUE(thread.get());
}

TEST(DifferentWords, KeepTheirFirstPlaces) {
  EXPECT_THAT(different_words({"b", "a", "b", "c", "a"}), ElementsAre("b", "a", "c"));
}

}  // namespace
}  // namespace rankloop
