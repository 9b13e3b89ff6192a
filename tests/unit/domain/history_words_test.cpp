// Histories in sentences.
#include "domain/history_words.h"

#include <string>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

constexpr const char* kShop = R"(
[domain]
name = "shop"
[request]
noun = "visit"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "thing"
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"
[[item.field]]
name = "labels"
type = "tags"
[[feedback]]
name = "buy"
reward = 1
value = [0, 100]
[model]
features = ["budget", "price"]
[[history]]
name = "asked"
)";

struct Said {
  std::string means;
  std::string unit;
};

Said said(const std::string& history) {
  const DomainCheck check = read_domain(kShop + history, "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  if (check.domain == nullptr) return {};
  const HistoryFeature& feature = check.domain->histories.front();
  return {meaning_of(*check.domain, feature), std::string{unit_of(feature)}};
}

TEST(HistoryWords, SayWhatIsCountedAndHowFarBack) {
  EXPECT_EQ(said("what = 'count'\nof = 'item'\nkind = 'shown'\nwithin = '7d'").means,
            "How often this thing was shown, in the last 7 days.");
  EXPECT_EQ(said("what = 'count'\nof = 'item'\nkind = 'pick'\nown = true").means,
            "How often this thing got “pick” from the person who asks.");
  EXPECT_EQ(
      said("what = 'sum'\nof = 'item.brand'\nkind = 'buy'\nhalf_life = '1h'").means,
      "The sum of the values that came when any of the things with the same brand got “buy”; after every "
      "hour it counts half.");
  EXPECT_EQ(
      said("what = 'count'\nof = 'person'\nkind = 'buy'\nwithin = 'session'").means,
      "How often the person who asks gave “buy”, in the visit that runs: since half an hour passed with "
      "nothing done.");
  EXPECT_EQ(said("what = 'since_last'\nof = 'person'\nkind = 'shown'").means,
            "Days since something was shown to the person who asks for the last time.");
}

TEST(HistoryWords, SayWhatARateAndAShareAreOf) {
  EXPECT_EQ(
      said("what = 'rate'\nof = 'item'\nkind = 'buy'\nper = 'shown'\nwithin = '1d'").means,
      "How often this thing got “buy”, for each time it was shown, in the last day; where little is known "
      "it is near what it is of all things together (10 at that rate are counted beside its own).");
  EXPECT_EQ(
      said("what = 'share'\nof = 'item.brand'\nkind = 'buy'\nown = true").means,
      "Of all that got “buy” from the person who asks, the share that fell on any of the things with the "
      "same brand.");
}

TEST(HistoryWords, SayWhatWasLast) {
  EXPECT_EQ(
      said("what = 'last'\nof = 'person'\nkind = 'buy'\nby = 'item.brand'\nmost = 3").means,
      "The brand of the thing that last got “buy” from the person who asks: the newest first, each once, at "
      "most 3.");
  EXPECT_EQ(said("what = 'last'\nof = 'person'\nkind = 'shown'").means,
            "The thing that last was shown to the person who asks.");
}

TEST(HistoryWords, SayWhatIsOfSeveralWordsAndHowOldAnItemIs) {
  EXPECT_EQ(said("what = 'count'\nof = 'item.labels'\nkind = 'pick'").means,
            "How often any of the things with one of the same labels got “pick”; the mean over its labels.");
  EXPECT_EQ(said("what = 'age'\nof = 'item'").means, "Days since this thing came into the catalog.");
  EXPECT_EQ(said("what = 'age'\nof = 'item'").unit, "days");
}

TEST(HistoryWords, NameTheUnit) {
  EXPECT_EQ(said("what = 'count'\nof = 'item'\nkind = 'shown'").unit, "times");
  EXPECT_EQ(said("what = 'mean'\nof = 'item'\nkind = 'buy'").unit, "value");
  EXPECT_EQ(said("what = 'rate'\nof = 'item'\nkind = 'buy'\nper = 'shown'").unit, "rate");
  EXPECT_EQ(said("what = 'since_first'\nof = 'item'\nkind = 'buy'").unit, "days");
  EXPECT_EQ(said("what = 'share'\nof = 'item'\nkind = 'buy'\nown = true").unit, "share");
  EXPECT_EQ(said("what = 'last'\nof = 'person'\nkind = 'buy'").unit, "items");
  EXPECT_EQ(said("what = 'last'\nof = 'person'\nkind = 'buy'\nby = 'item.brand'").unit, "words");
}

}  // namespace
}  // namespace rankloop
