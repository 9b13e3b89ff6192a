// Draws the towns' places.
#include "simulate/places.h"

#include <array>
#include <cmath>

#include <boost/json/value.hpp>

#include "domain/strict_json.h"
#include "simulate/random.h"

namespace rankloop::simulate {
namespace {

struct Flag {
  std::string_view name;
  bool Place::* member;
};
struct Number {
  std::string_view name;
  double Place::* member;
};
struct Range {
  double low = 0;
  double high = 0;
};

// The order is that of the towns' figures below.
constexpr std::array<Flag, 10> kFlags = {{{"children", &Place::children},
                                          {"breakfast", &Place::breakfast},
                                          {"lunch", &Place::lunch},
                                          {"dinner", &Place::dinner},
                                          {"has_pool", &Place::has_pool},
                                          {"has_spa", &Place::has_spa},
                                          {"animals", &Place::animals},
                                          {"near_lake", &Place::near_lake},
                                          {"near_mountains", &Place::near_mountains},
                                          {"has_sport", &Place::has_sport}}};
constexpr std::array<Number, 7> kNumbers = {{{"price", &Place::price},
                                             {"family_rating", &Place::family_rating},
                                             {"outdoor_rating", &Place::outdoor_rating},
                                             {"food_rating", &Place::food_rating},
                                             {"leisure_rating", &Place::leisure_rating},
                                             {"service_rating", &Place::service_rating},
                                             {"user_score", &Place::user_score}}};

struct Town {
  std::string_view name;
  int places;
  std::array<double, kFlags.size()> flags;    // the probability that each is set
  std::array<Range, kNumbers.size()> ranges;  // each value is uniform in its range
};

// clang-format off
constexpr std::array<Town, 10> kTowns = {{
    {"Zurich", 40, {.3, .7, .8, .9, .5, .4, .5, .1, .2, .7},
     {{{100, 3000}, {0, 1}, {0, 1}, {0, 7}, {0, 6}, {0, 5}, {0, 5}}}},
    {"Bern", 30, {.2, .6, .7, .8, .9, .8, .9, .9, .7, .8},
     {{{75, 800}, {.5, 2}, {1, 2}, {1, 6}, {3, 4}, {0, 1}, {1, 4}}}},
    {"Lausanne", 20, {.2, .8, .2, .8, .4, .7, .4, .2, .8, .7},
     {{{80, 700}, {1, 4}, {0, 3}, {0, 5}, {2, 3}, {1, 2}, {0, 3}}}},
    {"Geneve", 40, {.3, .6, .9, .5, .6, .6, .3, .1, .9, .6},
     {{{120, 2000}, {2.5, 3}, {1, 2}, {1, 6}, {0, 4}, {2, 5}, {3, 5}}}},
    {"Lugano", 20, {.5, .2, .3, .8, .5, .9, .5, .1, .6, .7},
     {{{60, 400}, {1.5, 4}, {1, 4}, {4, 5}, {1, 2}, {1, 3}, {1, 5}}}},
    {"Bellinzona", 10, {.5, .1, .5, .4, .6, .9, .4, .3, .5, .4},
     {{{55, 300}, {2, 4.5}, {1, 4}, {3, 6}, {1, 3}, {0, 3}, {2, 5}}}},
    {"Locarno", 20, {.5, .1, .4, .9, .4, .8, .4, .1, .4, .5},
     {{{65, 500}, {2.5, 4.5}, {2, 3}, {1, 2}, {1, 2}, {1, 3}, {2, 5}}}},
    {"Altdorf", 10, {.7, .2, .3, .3, .9, .6, .1, .9, .1, .1},
     {{{40, 600}, {.5, 4}, {2, 5}, {0, 4}, {0, 2}, {0, 2}, {1, 4}}}},
    {"Zermatt", 10, {.6, .6, .6, .9, .9, .5, .2, .8, .1, .1},
     {{{100, 2000}, {1.5, 4.5}, {4, 5}, {0, 5}, {1, 5}, {1, 5}, {3, 5}}}},
    {"Coira", 10, {.8, .2, .2, .4, .9, .9, .1, .9, .1, .2},
     {{{40, 500}, {1, 5}, {3.5, 5}, {0, 3}, {1, 2}, {1, 2}, {1, 3}}}},
}};
// clang-format on

Error not_a_place(std::string_view member) {
  return {ErrorCode::kInvalidArgument,
          "the catalog does not hold places to stay: an item has no usable \"" + std::string{member} + "\""};
}

}  // namespace

std::vector<Place> make_places(std::uint64_t seed) {
  Random random{seed};
  std::vector<Place> places;
  for (const Town& town : kTowns) {
    for (int i = 0; i < town.places; ++i) {
      Place place;
      place.id = ItemId{static_cast<std::int64_t>(places.size()) + 1};
      place.town = town.name;
      for (std::size_t f = 0; f < kFlags.size(); ++f) place.*kFlags[f].member = random.chance(town.flags[f]);
      for (std::size_t n = 0; n < kNumbers.size(); ++n) {
        const double value = random.uniform(town.ranges[n].low, town.ranges[n].high);
        place.*kNumbers[n].member = std::round(value * 100) / 100;
      }
      places.push_back(place);
    }
  }
  return places;
}

std::string to_json(const Place& place) {
  std::string json = "{";
  for (const Flag& flag : kFlags) {
    append_json_string(json, flag.name);
    json += place.*flag.member ? ":true," : ":false,";
  }
  for (const Number& number : kNumbers) {
    append_json_string(json, number.name);
    json += ':';
    append_json_number(json, place.*number.member);
    json += ',';
  }
  json.back() = '}';
  return json;
}

Result<Place> read_place(const boost::json::object& object) {
  Place place;
  const boost::json::value* id = object.if_contains("location_id");
  if (id == nullptr || !id->is_int64()) return not_a_place("location_id");
  place.id = ItemId{id->get_int64()};
  for (const Flag& flag : kFlags) {
    const boost::json::value* value = object.if_contains({flag.name.data(), flag.name.size()});
    if (value == nullptr || !value->is_bool()) return not_a_place(flag.name);
    place.*flag.member = value->get_bool();
  }
  for (const Number& number : kNumbers) {
    const boost::json::value* value = object.if_contains({number.name.data(), number.name.size()});
    if (value == nullptr || !value->is_number()) return not_a_place(number.name);
    place.*number.member = value->to_number<double>();
  }
  return place;
}

}  // namespace rankloop::simulate
