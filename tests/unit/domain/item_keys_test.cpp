// Which texts can be items' ids, and the table of those that are.
#include "domain/item_keys.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(ItemKeys, AreTextsWithoutControlCharacters) {
  for (const char* good :
       {"a/b", "head&shoulders_2014", "Zoë 2", "🍎", "..", "%2F", " ", "-1", "\"", "\xC2\xA0"})
    EXPECT_TRUE(is_item_key(good)) << good;
  EXPECT_TRUE(is_item_key(std::string(256, 'x')));
  EXPECT_FALSE(is_item_key(std::string(257, 'x')));
  for (const char* bad : {"", "a\tb", "\n", "\x7F", "\xC2\x85", "a\xFF", "\xC2"})
    EXPECT_FALSE(is_item_key(bad)) << bad;
  EXPECT_FALSE(is_item_key(std::string_view("a\0b", 3)));
}

TEST(ItemKeys, ReadNamesOfTheirTypeOnly) {
  const auto name = [](const char* value, ItemIdType type) -> std::string {
    const auto read = item_name_of(boost::json::parse(value), type);
    return read ? in_words(*read) : "none";
  };
  EXPECT_EQ(name("7.0", ItemIdType::kNumber), "7");
  EXPECT_EQ(name("-7", ItemIdType::kNumber), "-7");
  EXPECT_EQ(name("7.5", ItemIdType::kNumber), "none");
  EXPECT_EQ(name(R"("7")", ItemIdType::kNumber), "none");
  EXPECT_EQ(name(R"("a\"b")", ItemIdType::kText), R"("a\"b")");
  EXPECT_EQ(name("7", ItemIdType::kText), "none");
  EXPECT_EQ(name(R"("")", ItemIdType::kText), "none");
  EXPECT_EQ(name("null", ItemIdType::kText), "none");
}

TEST(ItemKeys, LeaveWholeNumbersAsTheyAre) {
  const ItemKeys keys{ItemIdType::kNumber};
  EXPECT_EQ(keys.find(ItemName{ItemId{5}}), ItemId{5});
  EXPECT_EQ(keys.last(), ItemId{0});
}

TEST(ItemKeys, CountTexts) {
  ItemKeys keys{ItemIdType::kText};
  EXPECT_EQ(*keys.add("a/b"), ItemId{1});
  EXPECT_EQ(*keys.add("🍎"), ItemId{2});
  EXPECT_EQ(*keys.add("a/b"), ItemId{1});
  EXPECT_EQ(keys.last(), ItemId{2});
  EXPECT_EQ(keys.find("🍎"), ItemId{2});
  EXPECT_EQ(keys.find(ItemName{"a/b"}), ItemId{1});
  EXPECT_FALSE(keys.find("b"));
  EXPECT_EQ(keys.key_of({2}), "🍎");
  for (const std::int64_t none : {-1, 0, 3}) EXPECT_FALSE(keys.key_of({none}));
}

TEST(ItemKeys, AreReadWhileOneAppends) {
  constexpr int kMany = 20'000;
  ItemKeys keys{ItemIdType::kText};
  std::atomic<bool> wrong = false;
  std::vector<std::jthread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&] {
      while (keys.last().value < kMany) {
        const ItemId last = keys.last();
        if (last.value == 0) continue;
        const auto key = keys.key_of(last);
        if (!key || *key != "key " + std::to_string(last.value) || keys.find(*key) != last) wrong = true;
      }
    });
  }
  for (int i = 1; i <= kMany; ++i) ASSERT_TRUE(keys.add("key " + std::to_string(i)));
  readers.clear();
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace rankloop
