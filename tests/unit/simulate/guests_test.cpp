// Simulated guests and their wishes.
#include "simulate/guests.h"

#include <array>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/strict_json.h"

namespace rankloop::simulate {
namespace {

std::string json_of(const Guest& guest) {
  std::string json;
  append_json(json, guest);
  return json;
}

TEST(Guests, ComeInProportionToTheirKindsNumbers) {
  const Profile profile = default_profile();
  Random random{1};
  std::map<std::string, double> counts;
  constexpr int kGuests = 40'000;
  for (int i = 0; i < kGuests; ++i) ++counts[draw_guest(profile, random).kind->name];
  double total = 0;
  for (const GuestKind& kind : profile.kinds) total += kind.n;
  EXPECT_EQ(total, 170);
  ASSERT_EQ(counts.size(), 10U);
  for (const GuestKind& kind : profile.kinds)
    EXPECT_NEAR(counts[kind.name] / kGuests, kind.n / total, 0.007) << kind.name;
}

TEST(Guests, StayInTheirKindsRanges) {
  const Profile profile = default_profile();
  Random random{2};
  for (int i = 0; i < 20'000; ++i) {
    const Guest guest = draw_guest(profile, random);
    const GuestKind& kind = *guest.kind;
    const int people = static_cast<int>(guest.ages.size());
    EXPECT_TRUE(people == kind.people.low || (people > kind.people.low && people < kind.people.high))
        << kind.name;
    EXPECT_TRUE(guest.nights == kind.nights.low ||
                (guest.nights > kind.nights.low && guest.nights < kind.nights.high));
    EXPECT_TRUE(guest.budget >= kind.budget.low && guest.budget <= kind.budget.high);
    int children = 0;
    for (const int age : guest.ages) {
      EXPECT_TRUE(age >= kind.age.low && age < kind.age.high);
      if (kind.minor && age < *kind.minor) ++children;
    }
    EXPECT_EQ(guest.children, children);
    const auto days = (guest.arrival - profile.arrivals_from).count();
    EXPECT_TRUE(days >= 1 && days <= 29);
  }
}

TEST(Guests, WishWithTheirKindsProbabilities) {
  Profile profile = default_profile();
  profile.kinds = {profile.kinds[1]};  // families
  Random random{3};
  double pools = 0;
  double lakes = 0;
  constexpr int kGuests = 20'000;
  for (int i = 0; i < kGuests; ++i) {
    const Guest guest = draw_guest(profile, random);
    pools += guest.pool ? 1 : 0;
    lakes += guest.lake ? 1 : 0;
  }
  EXPECT_NEAR(pools / kGuests, 0.7, 0.015);
  EXPECT_NEAR(lakes / kGuests, 0.8, 0.015);
}

TEST(Guests, DependOnSeedAndNumberAlone) {
  const Profile profile = default_profile();
  Random one = Random::stream(42, 7);
  Random same = Random::stream(42, 7);
  Random other = Random::stream(42, 8);
  const std::string json = json_of(draw_guest(profile, one));
  EXPECT_EQ(json, json_of(draw_guest(profile, same)));
  EXPECT_NE(json, json_of(draw_guest(profile, other)));
}

TEST(Guests, AreRequestsOfTheDefaultDomain) {
  const auto domain = default_domain();
  const std::array<std::string_view, 1> loc = {"body"};
  for (const Profile& profile : {default_profile(), noisy_profile()}) {
    Random random{4};
    for (int i = 0; i < 500; ++i) {
      const Guest guest = draw_guest(profile, random);
      const auto json = parse_strict_json(json_of(guest));
      ASSERT_TRUE(json);
      const auto record = domain->requests.check(*json, loc);
      ASSERT_TRUE(record) << record.error().message << json_of(guest);
      EXPECT_EQ(record->unknown_fields, 0U);
      EXPECT_EQ(record->values.numbers[*domain->requests.column("pet_friendly")], guest.pets ? 1 : 0);
    }
  }
}

TEST(Regulars, ComeAgainWithOtherWishes) {
  const Profile profile = regulars_profile();
  std::map<std::uint64_t, std::set<std::string>> known;
  for (std::uint64_t journey = 0; journey < 6'000; ++journey) {
    const Guest guest = draw_visit(profile, 7, journey).guest;
    ASSERT_TRUE(guest.regular);
    known[guest.regular->person].insert(json_of(guest));
  }
  ASSERT_EQ(known.size(), static_cast<std::size_t>(profile.regulars));
  std::size_t requests = 0;
  for (const auto& [person, asked] : known) requests += asked.size();
  EXPECT_GT(requests, 5'900U);
  EXPECT_EQ(user_key({.person = 17}), "regular-17");
}

TEST(Regulars, DoTheSameInAWorldWhoeverCameBefore) {
  const Profile profile = regulars_profile();
  Visit one = draw_visit(profile, 7, 4'321);
  Visit same = draw_visit(profile, 7, 4'321);
  EXPECT_EQ(json_of(one.guest), json_of(same.guest));
  EXPECT_EQ(one.random.uniform(), same.random.uniform());
  EXPECT_FALSE(draw_visit(default_profile(), 7, 4'321).guest.regular);
}

TEST(Regulars, LoveFewPlacesAndGoOnLovingThem) {
  int loved = 0;
  for (std::int64_t place = 1; place <= 200; ++place) {
    const Regular ann{.world = 7, .person = 1, .seasons = 0.2, .devotion = 3};
    Regular later = ann;
    later.seasons = 5.7;
    const double taste = lasting_taste(ann, place);
    EXPECT_EQ(taste, lasting_taste(later, place));
    EXPECT_TRUE(taste >= 0 && taste < 3);
    loved += taste > 2 ? 1 : 0;
    Regular bob = ann;
    bob.person = 2;
    EXPECT_NE(taste, lasting_taste(bob, place));
  }
  EXPECT_TRUE(loved >= 8 && loved <= 32) << loved;
}

TEST(Regulars, SeePlacesRiseAndFallWithTheSeasons) {
  for (std::int64_t place = 1; place <= 50; ++place) {
    const auto risen = [&](double seasons) {
      return lasting_taste({.world = 7, .person = 1, .seasons = seasons, .fashion = 2}, place);
    };
    EXPECT_NEAR(risen(0.3), risen(1.3), 1e-9);
    EXPECT_NEAR(risen(0.3) + risen(0.8), 2, 1e-9);
    EXPECT_TRUE(risen(0.3) >= 0 && risen(0.3) <= 2);
  }
}

constexpr std::string_view kProfile = R"(
arrivals_from = 2026-07-01
regulars = 40
devotion = 2.5
season = 900
[[kind]]
name = "Walkers"
n = 3
people = [2, 2]
age = [30, 50]
budget = [80, 120.5]
nights = [1, 4]
spa = 0
pool = 0.5
pets = 1
lake = 0
mountain = 1
sport = 0.25
ignore = 0.7
tolerance = {budget = 0.1, family = 2}
weight = {mountain = 3}
score_weight = {users = 0.5}
)";

TEST(Profile, IsReadFromAFile) {
  const auto profile = read_profile(kProfile, "walkers.toml");
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->arrivals_from, std::chrono::sys_days{std::chrono::year{2026} / 7 / 1});
  ASSERT_EQ(profile->kinds.size(), 1U);
  const GuestKind& kind = profile->kinds[0];
  EXPECT_EQ(kind.name, "Walkers");
  EXPECT_EQ(kind.people.low, 2);
  EXPECT_FALSE(kind.minor);
  EXPECT_EQ(kind.budget.high, 120.5);
  EXPECT_EQ(kind.wish.sport, 0.25);
  EXPECT_EQ(kind.taste.ignore, 0.7);
  EXPECT_EQ(kind.taste.exploration, 0.5);
  EXPECT_EQ(kind.taste.budget_tolerance, 0.1);
  EXPECT_EQ(kind.taste.family_tolerance, 2);
  EXPECT_EQ(kind.taste.weight.mountain, 3);
  EXPECT_EQ(kind.taste.weight.lake, 1);
  EXPECT_EQ(kind.taste.users_weight, 0.5);
  EXPECT_EQ(profile->regulars, 40);
  EXPECT_EQ(profile->devotion, 2.5);
  EXPECT_EQ(profile->fashion, 0);
  EXPECT_EQ(profile->season, 900);
}

std::string fault_of(std::string_view from, std::string_view to) {
  std::string text{kProfile};
  text.replace(text.find(from), from.size(), to);
  const auto profile = read_profile(text, "walkers.toml");
  return profile ? "accepted" : profile.error().message;
}

TEST(Profile, NamesWhatIsWrong) {
  EXPECT_NE(fault_of("nights = [1, 4]", "").find("\"nights\" is missing"), std::string::npos);
  EXPECT_NE(fault_of("pool = 0.5", "pool = 1.5")
                .find("line 14: kind \"Walkers\": \"pool\" must be a number from 0 to 1"),
            std::string::npos);
  EXPECT_NE(fault_of("people = [2, 2]", "people = [3, 2]").find("\"people\" must be [low, high]"),
            std::string::npos);
  EXPECT_NE(fault_of("people = [2, 2]", "people = [1.5, 2]").find("must hold integers"), std::string::npos);
  EXPECT_NE(fault_of("mountain = 3", "hills = 3").find("\"hills\" is not a key"), std::string::npos);
  EXPECT_NE(fault_of("regulars = 40", "regulars = 4.5").find("\"regulars\" must be a whole number"),
            std::string::npos);
  EXPECT_NE(fault_of("season = 900", "season = 0").find("\"season\" must be a number from 1"),
            std::string::npos);
  EXPECT_NE(fault_of("n = 3", "n = 0").find("at least one [[kind]]"), std::string::npos);
  EXPECT_NE(fault_of("n = 3", "n = ").find("line 8"), std::string::npos);
  EXPECT_FALSE(read_profile("", "empty.toml"));
}

TEST(Profile, IsFoundByNameOrPath) {
  ASSERT_TRUE(find_profile("default"));
  const auto noisy = find_profile("noisy");
  ASSERT_TRUE(noisy);
  EXPECT_EQ(noisy->kinds[0].taste.budget_tolerance, 1.2);
  const auto missing = find_profile("/nowhere/profile.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace rankloop::simulate
