// The synthetic places.
#include "simulate/places.h"

#include <array>
#include <map>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/strict_json.h"

namespace rankloop::simulate {
namespace {

TEST(Places, CountByTownAsTheFiguresSay) {
  const auto places = make_places();
  ASSERT_EQ(places.size(), 210U);
  std::map<std::string_view, int> towns;
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(places[i].id.value, static_cast<std::int64_t>(i) + 1);
    ++towns[places[i].town];
  }
  const std::map<std::string_view, int> expected = {
      {"Zurich", 40},     {"Bern", 30},    {"Lausanne", 20}, {"Geneve", 40},  {"Lugano", 20},
      {"Bellinzona", 10}, {"Locarno", 20}, {"Altdorf", 10},  {"Zermatt", 10}, {"Coira", 10}};
  EXPECT_EQ(towns, expected);
}

TEST(Places, StayInTheirTownsRanges) {
  struct Town {
    double price_low, price_high, family_low, family_high, food_low, food_high, score_low, score_high;
  };
  const std::map<std::string_view, Town> towns = {{"Zurich", {100, 3000, 0, 1, 0, 7, 0, 5}},
                                                  {"Geneve", {120, 2000, 2.5, 3, 1, 6, 3, 5}},
                                                  {"Bellinzona", {55, 300, 2, 4.5, 3, 6, 2, 5}},
                                                  {"Coira", {40, 500, 1, 5, 0, 3, 1, 3}}};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const Place& place : make_places(seed)) {
      const auto town = towns.find(place.town);
      if (town == towns.end()) continue;
      const Town& range = town->second;
      EXPECT_TRUE(place.price >= range.price_low && place.price <= range.price_high) << place.town;
      EXPECT_TRUE(place.family_rating >= range.family_low && place.family_rating <= range.family_high);
      EXPECT_TRUE(place.food_rating >= range.food_low && place.food_rating <= range.food_high);
      EXPECT_TRUE(place.user_score >= range.score_low && place.user_score <= range.score_high);
    }
  }
}

TEST(Places, SetFlagsWithTheirTownsProbabilities) {
  double pools = 0;
  double lakes = 0;
  double bern = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const Place& place : make_places(seed)) {
      if (place.town == "Zurich" && place.has_pool) ++pools;
      if (place.town != "Bern") continue;
      ++bern;
      if (place.near_lake) ++lakes;
    }
  }
  EXPECT_NEAR(pools / (200 * 40), 0.5, 0.03);
  EXPECT_NEAR(lakes / bern, 0.9, 0.02);
}

TEST(Places, DependOnTheSeedAlone) {
  const auto places = make_places(7);
  const auto again = make_places(7);
  const auto others = make_places(8);
  for (std::size_t i = 0; i < places.size(); ++i) EXPECT_EQ(to_json(places[i]), to_json(again[i]));
  EXPECT_NE(to_json(places[0]), to_json(others[0]));
}

TEST(Places, AreItemsOfTheDefaultDomain) {
  const auto domain = default_domain();
  const std::array<std::string_view, 1> loc = {"body"};
  for (const Place& place : make_places()) {
    const auto json = parse_strict_json(to_json(place));
    ASSERT_TRUE(json);
    const auto record = domain->items.check(*json, loc);
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->unknown_fields, 0U);
    EXPECT_EQ(record->values.numbers[*domain->items.column("price")], place.price);
  }
}

TEST(Places, AreReadFromACatalog) {
  const Place place = make_places()[20];
  auto object = boost::json::parse(to_json(place)).as_object();
  EXPECT_FALSE(read_place(object));  // no id
  object["location_id"] = 21;
  object["creation_time"] = "2026-03-01T12:00:00.123Z";
  const auto read = read_place(object);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id.value, 21);
  EXPECT_EQ(to_json(*read), to_json(place));
  object["price"] = "100";
  const auto refused = read_place(object);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("price"), std::string::npos);
}

}  // namespace
}  // namespace rankloop::simulate
