// What happened, folded into counters, and the features that are made of them.
#include "ml/history/history_fold.h"

#include <bit>
#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/domain.h"

namespace rankloop::ml {
namespace {

constexpr Moment kMinute = 60'000;
constexpr Moment kDay = 24 * 60 * kMinute;
constexpr Moment kNow = 1'000 * kDay;

std::shared_ptr<const Domain> shop(const std::string& histories) {
  const DomainCheck check = read_domain(R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[[request.field]]
name = "visit"
type = "string"
required = false
[item]
noun = "offer"
[[item.field]]
name = "brand"
type = "category"
required = false
[[item.field]]
name = "labels"
type = "tags"
required = false
[[feedback]]
name = "buy"
reward = 1
value = [-100, 100]
[model]
features = ["budget"]
)" + histories,
                                        "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

std::string history(const std::string& what, const std::string& of, const std::string& more) {
  return "[[history]]\nname = \"h\"\nwhat = \"" + what + "\"\nof = \"" + of + "\"\n" + more + "\n";
}

ItemWords of_brand(const HistoryPlan& plan, std::optional<std::string> brand) {
  if (plan.words().empty() || !brand) return {};
  return {{0, *std::move(brand)}};
}

ItemWords labelled(const std::vector<std::string>& labels) {
  ItemWords words;
  for (const std::string& label : labels) words.push_back({0, label});
  return words;
}

// One feature, and what happened so far.
class Story {
 public:
  explicit Story(const std::string& history)
      : domain_(shop(history)),
        plan_(*domain_),
        fold_(plan_),
        person_(plan_),
        catalog_(Catalog::empty(domain_)) {}

  Story& happens(const std::string& kind, std::int64_t item, Moment at, double people = 1, double value = 1,
                 std::optional<std::string> brand = std::nullopt, bool own = true) {
    return happens_to(kind, item, at, of_brand(plan_, std::move(brand)), people, value, own);
  }
  Story& happens_to(const std::string& kind, std::int64_t item, Moment at, ItemWords words, double people = 1,
                    double value = 1, bool own = true) {
    words_.push_back(std::move(words));
    const HistoryEvent event{plan_.kind_of(kind), at, ItemId{item}, &words_.back(), people, value, visit_};
    fold_.add(event);
    if (own) person_.add(event);
    return *this;
  }

  double says(std::int64_t item, Moment now = kNow, std::optional<std::string> brand = std::nullopt) const {
    return says_of(of_brand(plan_, std::move(brand)), now, item);
  }
  double says_of(const ItemWords& words, Moment now = kNow, std::int64_t item = 1) const {
    const KnownPast past(plan_, fold_, &person_, now, visit_, *catalog_);
    return static_cast<double>(past.value(0, {ItemId{item}, words}));
  }
  // What happens and what is asked from now on is of a visit of this name; empty: of none.
  Story& in(std::string_view visit) {
    visit_ = session_number(visit);
    return *this;
  }
  Values of_person(Moment now = kNow) const {
    Values values{{0.0, std::nan("")}, {}, {}};
    values.words.resize(domain_->requests.words().size());
    values.numbers.resize(domain_->requests.columns().size());
    KnownPast(plan_, fold_, &person_, now, visit_, *catalog_).tell(values);
    return values;
  }
  KnownPast past(Moment now) const { return {plan_, fold_, &person_, now, visit_, *catalog_}; }
  const HistoryPlan& plan() const { return plan_; }
  const HistoryFold& fold() const { return fold_; }

 private:
  std::shared_ptr<const Domain> domain_;
  HistoryPlan plan_;
  HistoryFold fold_;
  PersonHistory person_;
  std::shared_ptr<const Catalog> catalog_;
  std::deque<ItemWords> words_;
  SessionKey visit_ = 0;
};

Story rated(double weight) {
  return Story(
      history("rate", "item", "kind = \"pick\"\nper = \"shown\"\nweight = " + std::to_string(weight)));
}

// Of everything `shown` and `picked`, of item 1 a part of it.
double smoothed(double weight, double shown, double picked, double own_shown, double own_picked) {
  Story story = rated(weight);
  story.happens("shown", 1, kNow, own_shown).happens("pick", 1, kNow, own_picked);
  story.happens("shown", 2, kNow, shown - own_shown).happens("pick", 2, kNow, picked - own_picked);
  return story.says(1);
}

// What the person did it to so often, by a window, a fading count and all of it.
TEST(HistoryOwnItems, AreWhatThePersonDidItToSoOften) {
  using std::chrono::days;
  const auto wish = [](const std::string& more) {
    return "[[wish]]\nname = \"w\"\nhow = \"not_again\"\n" + more + "\n";
  };
  const auto items = [](const Story& story, const std::string& kind, HistoryReach reach, int span,
                        double times, Moment now = kNow) {
    std::vector<std::int64_t> numbers;
    for (const ItemId item : story.past(now).own_items(kind, reach, days(span), times))
      numbers.push_back(item.value);
    return numbers;
  };
  using Numbers = std::vector<std::int64_t>;
  Story always(wish("kind = \"buy\""));
  always.happens("buy", 7, kNow - 100 * kDay).happens("buy", 9, kNow, 1, 1, std::nullopt, false);
  EXPECT_EQ(items(always, "buy", HistoryReach::kAlways, 0, 1), Numbers{7});
  EXPECT_EQ(items(always, "pick", HistoryReach::kAlways, 0, 1), Numbers{}) << "nobody counts it";
  EXPECT_TRUE(always.plan().inputs().empty()) << "no feature of a model";
  EXPECT_FALSE(always.plan().empty());

  Story window(wish("kind = \"shown\"\ntimes = 2\nwithin = \"16d\""));
  window.happens("shown", 1, kNow - 20 * kDay).happens("shown", 1, kNow - kDay);
  window.happens("shown", 2, kNow - 2 * kDay).happens("shown", 2, kNow - kDay);
  EXPECT_EQ(items(window, "shown", HistoryReach::kWindow, 16, 2), Numbers{2});
  EXPECT_EQ(items(window, "shown", HistoryReach::kWindow, 16, 1), (Numbers{1, 2}));
  EXPECT_EQ(items(window, "shown", HistoryReach::kWindow, 16, 1, kNow + 17 * kDay), Numbers{});

  Story fading(wish("kind = \"pick\"\ntimes = 0.5\nhalf_life = \"1d\""));
  fading.happens("pick", 3, kNow);
  EXPECT_EQ(items(fading, "pick", HistoryReach::kHalfLife, 1, 0.5, kNow + kDay), Numbers{3});
  EXPECT_EQ(items(fading, "pick", HistoryReach::kHalfLife, 1, 0.5, kNow + kDay + kMinute), Numbers{});
}

TEST(HistoryRate, IsDrawnTowardsTheRateOfEverywhere) {
  EXPECT_NEAR(smoothed(10, 100, 10, 2, 1), 0.1078, 5e-5);
  EXPECT_NEAR(smoothed(1, 100, 10, 2, 1), 0.1667, 5e-5);
  EXPECT_NEAR(smoothed(10, 20, 5, 10, 3), 0.26, 1e-6);
  EXPECT_NEAR(smoothed(0, 100, 10, 4, 1), 0.25, 1e-6);
}

TEST(HistoryRate, OfWhatNeverWasIsThatOfEverywhere) {
  Story story = rated(10);
  EXPECT_TRUE(std::isnan(story.says(1)));
  story.happens("shown", 2, kNow, 50);
  EXPECT_EQ(story.says(1), 0);
  story.happens("pick", 2, kNow, 5);
  EXPECT_NEAR(story.says(1), 0.1, 1e-7);
}

TEST(HistoryCount, OfAWindowForgetsBySixteenths) {
  Story story(history("count", "item", "kind = \"pick\"\nwithin = \"16d\""));
  story.happens("pick", 1, kNow);
  EXPECT_EQ(story.says(1, kNow), 1);
  EXPECT_EQ(story.says(1, kNow + 15 * kDay), 1);
  EXPECT_EQ(story.says(1, kNow + 16 * kDay), 0);
  story.happens("pick", 1, kNow + 10 * kDay).happens("pick", 1, kNow + 3 * kDay);  // one comes late
  EXPECT_EQ(story.says(1, kNow + 10 * kDay), 3);
  EXPECT_EQ(story.says(1, kNow + 16 * kDay), 2);
  EXPECT_EQ(story.says(1, kNow + 20 * kDay), 1);
  EXPECT_EQ(story.says(1, kNow + 30 * kDay), 0);
  EXPECT_EQ(story.says(1, kNow + 5 * kDay), 2);  // who asked before it happened does not see it
  story.happens("pick", 1, kNow - 10 * kDay);    // too late to matter
  EXPECT_EQ(story.says(1, kNow + 10 * kDay), 3);
  EXPECT_EQ(story.says(2, kNow), 0);
}

// Against a plain count of what is younger than the window, both by sixteenths.
TEST(HistoryCount, OfAWindowIsThatOfItsBuckets) {
  Story story(history("count", "item", "kind = \"pick\"\nwithin = \"16h\""));
  constexpr Moment kHour = 60 * kMinute;
  std::mt19937_64 random{7};
  std::vector<Moment> happened;
  Moment at = kNow;
  for (int i = 0; i < 3'000; ++i) {
    at += static_cast<Moment>(random() % (kHour / 2));
    const Moment when = at - static_cast<Moment>(random() % (3 * kHour));
    story.happens("pick", 1, when);
    happened.push_back(when);
    const auto bucket = [](Moment moment) { return moment / kHour; };
    const auto count = std::ranges::count_if(happened, [&](Moment moment) {
      return bucket(moment) > bucket(at) - 16 && bucket(moment) <= bucket(at);
    });
    ASSERT_EQ(story.says(1, at), static_cast<double>(count)) << i;
  }
}

TEST(HistorySum, HalvesWithEveryHalfLife) {
  Story story(history("sum", "item", "kind = \"buy\"\nhalf_life = \"1d\""));
  story.happens("buy", 1, kNow, 1, 8);
  EXPECT_NEAR(story.says(1, kNow + 2 * kDay), 2, 1e-6);
  story.happens("buy", 1, kNow + kDay, 1, 4).happens("buy", 1, kNow, 1, 8);  // the second one comes late
  EXPECT_NEAR(story.says(1, kNow + kDay), 12, 1e-6);
  EXPECT_NEAR(story.says(1, kNow + 3 * kDay), 3, 1e-6);
}

TEST(HistoryMean, IsOfThoseWhoDidIt) {
  Story story(history("mean", "item.brand", "kind = \"buy\""));
  EXPECT_TRUE(std::isnan(story.says(1, kNow, "acme")));
  story.happens("buy", 1, kNow, 3, 10, "acme")
      .happens("buy", 2, kNow, 1, 2, "acme")
      .happens("buy", 3, kNow, 1, 50, "zeta");
  EXPECT_EQ(story.says(9, kNow, "acme"), 8);
  EXPECT_TRUE(std::isnan(story.says(1, kNow, std::nullopt)));
}

TEST(HistorySince, CountsDays) {
  Story first(history("since_first", "item", "kind = \"shown\""));
  Story last(history("since_last", "item", "kind = \"shown\""));
  for (Story* story : {&first, &last}) story->happens("shown", 1, kNow).happens("shown", 1, kNow + 3 * kDay);
  EXPECT_EQ(first.says(1, kNow + 4 * kDay), 4);
  EXPECT_EQ(last.says(1, kNow + 4 * kDay), 1);
  EXPECT_EQ(last.says(1, kNow), 0);
  EXPECT_TRUE(std::isnan(last.says(2, kNow)));
}

TEST(HistoryShare, IsOfAllThatThePersonDid) {
  Story story(history("share", "item.brand", "kind = \"pick\"\nown = true"));
  EXPECT_TRUE(std::isnan(story.says(1, kNow, "acme")));
  story.happens("pick", 1, kNow, 1, 1, "acme")
      .happens("pick", 2, kNow, 1, 1, "zeta")
      .happens("pick", 3, kNow, 1, 1, "acme");
  story.happens("pick", 1, kNow, 1, 1, "acme", false);  // somebody else
  EXPECT_NEAR(story.says(9, kNow, "acme"), 2.0 / 3, 1e-7);
  EXPECT_EQ(story.says(9, kNow, "omega"), 0);
}

// An event counts for each word of its item; an item is worth the mean of what its words are.
TEST(HistoryOfLabels, IsTheMeanOverTheWordsOfAnItem) {
  Story count(history("count", "item.labels", "kind = \"pick\""));
  count.happens_to("pick", 1, kNow, labelled({"new", "sale"}))
      .happens_to("pick", 2, kNow, labelled({"sale"}))
      .happens_to("pick", 3, kNow, {});
  EXPECT_EQ(count.says_of(labelled({"sale"})), 2);
  EXPECT_EQ(count.says_of(labelled({"new", "sale"})), 1.5);
  EXPECT_EQ(count.says_of(labelled({"new", "sale", "odd"})), 1);
  EXPECT_EQ(count.says_of({}), 0);

  Story sum(history("sum", "item.labels", "kind = \"buy\""));
  Story mean(history("mean", "item.labels", "kind = \"buy\""));
  for (Story* story : {&sum, &mean}) {
    story->happens_to("buy", 1, kNow, labelled({"new", "sale"}), 1, 10);
    story->happens_to("buy", 2, kNow, labelled({"sale"}), 1, 20);
  }
  EXPECT_EQ(sum.says_of(labelled({"sale", "new"})), 20);
  EXPECT_EQ(mean.says_of(labelled({"sale", "new"})), 12.5);
  EXPECT_EQ(mean.says_of(labelled({"odd", "new"})), 10) << "a word that says nothing is left out";
  EXPECT_TRUE(std::isnan(mean.says_of(labelled({"odd"}))));
  EXPECT_TRUE(std::isnan(mean.says_of({})));
}

TEST(HistoryOfLabels, DrawsTheRateOfEachWordTowardsThatOfEverywhere) {
  Story story(history("rate", "item.labels", "kind = \"pick\"\nper = \"shown\"\nweight = 10"));
  EXPECT_TRUE(std::isnan(story.says_of(labelled({"new"}))));
  story.happens_to("shown", 1, kNow, labelled({"new", "sale"}), 20)
      .happens_to("pick", 1, kNow, labelled({"new", "sale"}), 5)
      .happens_to("shown", 2, kNow, labelled({"sale"}), 20);
  const double everywhere = 5.0 / 40;  // an event is one, however many words its item has
  const auto rate = [&](double picked, double shown) { return (picked + 10) / (shown + 10 / everywhere); };
  EXPECT_NEAR(story.says_of(labelled({"new"})), rate(5, 20), 1e-7);
  EXPECT_NEAR(story.says_of(labelled({"new", "sale", "odd"})), (rate(5, 20) + rate(5, 40) + everywhere) / 3,
              1e-7);
  EXPECT_NEAR(story.says_of({}), everywhere, 1e-7);
}

TEST(HistoryOfLabels, TakesTheFirstAndTheLastMomentOfAllWords) {
  Story first(history("since_first", "item.labels", "kind = \"shown\""));
  Story last(history("since_last", "item.labels", "kind = \"shown\""));
  for (Story* story : {&first, &last}) {
    story->happens_to("shown", 1, kNow - 9 * kDay, labelled({"new"}));
    story->happens_to("shown", 2, kNow - 3 * kDay, labelled({"sale"}));
  }
  EXPECT_EQ(first.says_of(labelled({"sale", "odd", "new"})), 9);
  EXPECT_EQ(last.says_of(labelled({"new", "odd", "sale"})), 3);
  EXPECT_EQ(last.says_of(labelled({"new"})), 9);
  EXPECT_TRUE(std::isnan(last.says_of(labelled({"odd"}))));
}

TEST(HistoryOfLabels, SharesAreOfEventsNotOfWords) {
  Story story(history("share", "item.labels", "kind = \"pick\"\nown = true"));
  EXPECT_TRUE(std::isnan(story.says_of(labelled({"new"}))));
  story.happens_to("pick", 1, kNow, labelled({"new", "sale"}))
      .happens_to("pick", 2, kNow, labelled({"sale"}))
      .happens_to("pick", 3, kNow, {})
      .happens_to("pick", 4, kNow, labelled({"new"}), 1, 1, false);  // somebody else
  EXPECT_NEAR(story.says_of(labelled({"sale"})), 2.0 / 3, 1e-7);
  EXPECT_NEAR(story.says_of(labelled({"new", "sale", "odd"})), (1.0 / 3 + 2.0 / 3) / 3, 1e-7);
  EXPECT_EQ(story.says_of({}), 0);
}

TEST(HistoryOfLabels, LastAreThoseOfTheLatestItemInTheOrderOfItsList) {
  Story last(history("last", "person", "kind = \"pick\"\nby = \"item.labels\"\nmost = 3"));
  last.happens_to("pick", 1, kNow, labelled({"a", "b"})).happens_to("pick", 2, kNow, labelled({"c", "b"}));
  EXPECT_EQ(last.of_person().words.back(), (std::vector<std::string>{"c", "b", "a"}));
  last.happens_to("pick", 3, kNow, labelled({"d", "a", "e", "f"})).happens_to("pick", 4, kNow, {});
  EXPECT_EQ(last.of_person().words.back(), (std::vector<std::string>{"d", "a", "e"}));
}

TEST(HistoryOfLabels, LooksAtTheFirstWordsOfAListEachOnce) {
  const auto domain = shop(history("count", "item.labels", "kind = \"pick\""));
  const HistoryPlan plan(*domain);
  std::vector<std::string> labels{"z", "a", "z"};
  for (std::size_t i = 0; i < 2 * kMostHistoryWords; ++i) labels.push_back("label " + std::to_string(i));
  ItemWords words;
  append_words(plan, 0, labels, words);
  ASSERT_EQ(words.size(), kMostHistoryWords);
  EXPECT_EQ(words[0].text + words[1].text + words[2].text, "zalabel 0");
  const auto catalog = Catalog::empty(domain);
  Values values;
  values.words.resize(2);
  values.words[plan.words()[0]] = labels;
  EXPECT_EQ(known_item(plan, *catalog, ItemId{1}, catalog->pick(values)).words, words);
}

TEST(HistoryOfASession, EndsAfterHalfAnHourOfNothing) {
  Story story(history("count", "item", "kind = \"shown\"\nown = true\nwithin = \"session\""));
  story.happens("shown", 1, kNow).happens("shown", 1, kNow + 20 * kMinute);
  EXPECT_EQ(story.says(1, kNow + 50 * kMinute), 2);
  EXPECT_EQ(story.says(1, kNow + 51 * kMinute), 0);
  story.happens("shown", 2, kNow + 60 * kMinute);
  EXPECT_EQ(story.says(1, kNow + 60 * kMinute), 0);
  EXPECT_EQ(story.says(2, kNow + 60 * kMinute), 1);
  story.happens("shown", 1, kNow);  // told late, of a session that is over
  EXPECT_EQ(story.says(1, kNow + 61 * kMinute), 0);
}

constexpr const char* kVisits = "[session]\nkey = \"visit\"\n";

// Two visits side by side, however long one rests.
TEST(HistoryOfANamedSession, IsOfTheRequestsThatNameIt) {
  Story story(history("count", "item", "kind = \"shown\"\nown = true\nwithin = \"session\"") + kVisits);
  story.in("one").happens("shown", 1, kNow);
  story.in("two").happens("shown", 1, kNow + kMinute).happens("shown", 1, kNow + 2 * kMinute);
  EXPECT_EQ(story.in("one").says(1, kNow + 3 * kMinute), 1);
  EXPECT_EQ(story.in("two").says(1, kNow + 3 * kDay), 2);
  EXPECT_EQ(story.in("three").says(1, kNow + 3 * kMinute), 0);
  EXPECT_EQ(story.in("one").happens("shown", 1, kNow + 4 * kDay).says(1, kNow + 4 * kDay), 2);
  EXPECT_EQ(story.in("two").happens("shown", 1, kNow).says(1, kNow + 4 * kDay), 3) << "told late";
}

// All that the person did counts until nothing is done for half an hour.
TEST(HistoryOfANamedSession, EndsByAGapWhereNothingNamesIt) {
  Story story(history("count", "item", "kind = \"shown\"\nown = true\nwithin = \"session\"") + kVisits);
  story.in("one").happens("shown", 1, kNow).in("").happens("shown", 1, kNow + kMinute);
  EXPECT_EQ(story.says(1, kNow + 2 * kMinute), 2);
  EXPECT_EQ(story.says(1, kNow + 40 * kMinute), 0);
  EXPECT_EQ(story.in("one").says(1, kNow + 40 * kMinute), 1) << "what names none belongs to none";
}

TEST(HistoryOfANamedSession, IsForgottenAfterSoManyOthers) {
  Story story(history("count", "person", "kind = \"pick\"\nwithin = \"session\"") + kVisits);
  const auto visit = [](std::size_t number) { return "visit " + std::to_string(number); };
  const auto picks = [&] { return story.of_person().numbers.back(); };
  for (std::size_t v = 0; v < kMostSessions; ++v) story.in(visit(v)).happens("pick", 1, kNow);
  story.in(visit(0)).happens("pick", 1, kNow);  // makes it the latest
  story.in("new").happens("shown", 1, kNow);    // counts nowhere, but somebody was there
  EXPECT_EQ(picks(), 0);
  story.in(visit(0));
  EXPECT_EQ(picks(), 2);
  story.in(visit(1));
  EXPECT_EQ(picks(), 0);
  story.in(visit(2));
  EXPECT_EQ(picks(), 1);
}

TEST(HistoryOfANamedSession, MakesSharesRatesAndWishesOfIt) {
  Story share(history("share", "item.labels", "kind = \"pick\"\nown = true\nwithin = \"session\"") + kVisits);
  share.in("one").happens_to("pick", 1, kNow, labelled({"new"}));
  share.in("two")
      .happens_to("pick", 2, kNow, labelled({"new"}))
      .happens_to("pick", 2, kNow, labelled({"sale"}));
  EXPECT_EQ(share.in("one").says_of(labelled({"new"})), 1);
  EXPECT_EQ(share.in("two").says_of(labelled({"new"})), 0.5);
  EXPECT_TRUE(std::isnan(share.in("three").says_of(labelled({"new"}))));

  Story wish("[[wish]]\nname = \"w\"\nhow = \"not_again\"\nkind = \"shown\"\nwithin = \"session\"\n" +
             std::string(kVisits));
  wish.in("one").happens("shown", 4, kNow).in("two").happens("shown", 5, kNow);
  const auto own = [&] { return wish.past(kNow).own_items("shown", HistoryReach::kSession, {}, 1); };
  EXPECT_EQ(own(), std::vector{ItemId{5}});
  wish.in("one");
  EXPECT_EQ(own(), std::vector{ItemId{4}});
  wish.in("");
  EXPECT_EQ(own(), (std::vector{ItemId{4}, ItemId{5}}));
}

// Whose snapshots are of the other meaning.
TEST(HistoryOfANamedSession, IsAnotherPlan) {
  const std::string seen = history("count", "item", "kind = \"shown\"\nown = true\nwithin = \"session\"");
  const auto by_gap = shop(seen);
  const auto by_key = shop(seen + kVisits);
  EXPECT_NE(HistoryPlan(*by_gap).fingerprint(), HistoryPlan(*by_key).fingerprint());
  EXPECT_EQ(HistoryPlan(*by_gap).named(), 0U);
  EXPECT_EQ(HistoryPlan(*by_key).named(), 1U);
  const std::string always = history("count", "item", "kind = \"shown\"\nown = true");
  const auto plain = shop(always);
  const auto named = shop(always + kVisits);
  EXPECT_EQ(HistoryPlan(*plain).fingerprint(), HistoryPlan(*named).fingerprint());
}

TEST(HistoryOfAPerson, FillsInTheRequest) {
  Story count(history("count", "person", "kind = \"pick\""));
  count.happens("pick", 1, kNow).happens("pick", 2, kNow).happens("shown", 3, kNow);
  EXPECT_EQ(count.of_person().numbers.back(), 2);
  Story last(history("last", "person", "kind = \"pick\"\nby = \"item.brand\"\nmost = 2"));
  last.happens("pick", 1, kNow, 1, 1, "a")
      .happens("pick", 2, kNow, 1, 1, "b")
      .happens("pick", 3, kNow, 1, 1, "a");
  EXPECT_EQ(last.of_person().words.back(), (std::vector<std::string>{"a", "b"}));
  last.happens("pick", 4, kNow, 1, 1, "c").happens("pick", 5, kNow);  // of no brand
  EXPECT_EQ(last.of_person().words.back(), (std::vector<std::string>{"c", "a"}));
}

// No cross, feature or rule of the domain reads the brand.
TEST(HistoryOfAPerson, MayListWordsThatNothingElseReads) {
  const auto domain = shop(history("last", "person", "kind = \"pick\"\nby = \"item.brand\""));
  const HistoryPlan plan(*domain);
  auto catalog = Catalog::empty(domain);
  Values values;
  values.words.resize(domain->candidates.words().size());
  values.words[plan.words()[0]] = {{"acme"}};
  catalog = catalog->with(1, std::vector{ItemChange{ItemId{1}, 1, catalog->pick(values)}});
  EXPECT_EQ(words_of(plan, *catalog, *catalog->chunks()[0], 0), (ItemWords{{0, "acme"}}));
}

TEST(HistoryOfAnAge, CountsDaysSinceTheItemCame) {
  const auto domain = shop("[[history]]\nname = \"h\"\nwhat = \"age\"\nof = \"item\"\n");
  const HistoryPlan plan(*domain);
  EXPECT_FALSE(plan.empty()) << "it needs to be known when a request was asked";
  const HistoryFold fold(plan);
  const auto catalog = Catalog::empty(domain);
  const auto age = [&](Moment since, Moment now) {
    const KnownPast past(plan, fold, nullptr, now, 0, *catalog);
    return static_cast<double>(past.value(0, {.id = ItemId{1}, .since = since}));
  };
  EXPECT_EQ(age(kNow, kNow), 0);
  EXPECT_EQ(age(kNow, kNow + 36 * 60 * kMinute), 1.5);
  EXPECT_EQ(age(kNow, kNow - kMinute), 0) << "another machine's clock";
  EXPECT_TRUE(std::isnan(age(kUnknownSince, kNow)));
}

TEST(KnownPast, SaysTheSameOfRowsAndOfItems) {
  const auto domain =
      shop(history("rate", "item.brand", "kind = \"pick\"\nper = \"shown\"\nwithin = \"2d\"") +
           "[[history]]\nname = \"i\"\nwhat = \"count\"\nof = \"item\"\nkind = \"shown\"\nown = true\n" +
           "[[history]]\nname = \"l\"\nwhat = \"mean\"\nof = \"item.labels\"\nkind = \"buy\"\n" +
           "[[history]]\nname = \"a\"\nwhat = \"age\"\nof = \"item\"\n" +
           "[[history]]\nname = \"f\"\nwhat = \"since_first\"\nof = \"item.labels\"\nkind = \"pick\"\n");
  const HistoryPlan plan(*domain);
  HistoryFold fold(plan);
  PersonHistory person(plan);
  auto catalog = Catalog::empty(domain);
  std::vector<ItemChange> rows;
  std::vector<KnownItem> items;
  for (int i = 1; i <= 100; ++i) {
    Values values;
    values.words.resize(2);
    if (i % 7 != 0) values.words[0] = std::vector<std::string>{"brand " + std::to_string(i % 5)};
    for (int l = i % 11; l > 0; --l) {
      if (!values.words[1]) values.words[1].emplace();
      values.words[1]->push_back("label " + std::to_string(i * l % 90));
    }
    const auto since =
        i % 9 == 0 ? std::nullopt : std::optional(WallTime(std::chrono::milliseconds(kNow - i * kDay)));
    rows.push_back({ItemId{i}, 1, catalog->pick(values, since)});
    items.push_back(known_item(plan, *catalog, ItemId{i}, *rows.back().values));
  }
  catalog = catalog->with(1, rows);
  std::mt19937_64 random{3};
  const std::vector<std::string> kinds{"pick", "shown", "shown", "buy"};
  for (int i = 0; i < 500; ++i) {
    const std::size_t at = random() % 100;
    const HistoryEvent event{plan.kind_of(kinds[random() % kinds.size()]),
                             kNow + i * kMinute,
                             ItemId{static_cast<std::int64_t>(at + 1)},
                             &items[at].words,
                             1,
                             static_cast<double>(random() % 100) / 7};
    fold.add(event);
    person.add(event);
  }
  const KnownPast past(plan, fold, &person, kNow + kDay, 0, *catalog);
  const KnownPast nobody(plan, fold, nullptr, kNow + kDay, 0, *catalog);
  for (std::size_t h = 0; h < plan.inputs().size(); ++h) {
    std::vector<float> filled(100);
    for (std::size_t block = 0; block < 100; block += 25)  // as models are scored
      past.fill(h, *catalog->chunks()[0], block, std::span(filled).subspan(block, 25));
    for (std::size_t row = 0; row < 100; ++row) {
      EXPECT_EQ(words_of(plan, *catalog, *catalog->chunks()[0], row), items[row].words);
      const float told = past.value(h, items[row]);
      EXPECT_EQ(std::bit_cast<std::uint32_t>(filled[row]), std::bit_cast<std::uint32_t>(told))
          << h << " " << row;
    }
  }
  std::vector<float> filled(100);
  nobody.fill(1, *catalog->chunks()[0], 0, filled);
  EXPECT_TRUE(std::ranges::all_of(filled, [](float value) { return std::isnan(value); }));
}

}  // namespace
}  // namespace rankloop::ml
