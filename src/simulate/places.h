// The synthetic places to stay of the default domain: 210 of them in ten Swiss towns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::simulate {

inline constexpr std::uint64_t kDefaultSeed = 42;  // of guests

// Of the catalogs that the figures allow, this seed's is a middling one: guests reach 0.59 of what it could
// give them with a random order of it, 0.77 with the cheapest places first and 0.84 with the true order
// (value_share.h).
inline constexpr std::uint64_t kPlacesSeed = 706;

// What a guest sees of a place. Prices are francs per night, ratings count from 0 to 7 at most.
struct Place {
  ItemId id;
  std::string_view town;  // empty for a place that a server sent
  bool children = false;
  bool breakfast = false;
  bool lunch = false;
  bool dinner = false;
  double price = 0;
  bool has_pool = false;
  bool has_spa = false;
  bool animals = false;
  bool near_lake = false;
  bool near_mountains = false;
  bool has_sport = false;
  double family_rating = 0;
  double outdoor_rating = 0;
  double food_rating = 0;
  double leisure_rating = 0;
  double service_rating = 0;
  double user_score = 0;
};

// The places with ids 1..210, town by town; the same seed gives the same places. Numbers have two decimals.
std::vector<Place> make_places(std::uint64_t seed = kPlacesSeed);

// A JSON object of the default domain's item schema. The id is not part of it.
std::string to_json(const Place& place);

// A place as the server's catalog shows it. kInvalidArgument names the first member that is missing or of
// another type: then the server ranks something else than places to stay.
Result<Place> read_place(const boost::json::object& object);

}  // namespace rankloop::simulate
