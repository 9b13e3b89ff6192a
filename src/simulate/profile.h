// A profile: the kinds of guests that come, how often, what they wish for and how they choose.
//
// Three profiles are built in; others are TOML files of the same columns:
//
//   arrivals_from = 2026-01-01            # optional: guests arrive 1 to 29 days later
//   regulars = 100                        # optional, as are the next three: so many people come again and
//   again devotion = 3                          # what a taste that only lasting acquaintance tells adds to a
//   score fashion = 1                           # what the rise of a place adds season = 8000 # journeys from
//   one rise of a place to the next
//   [[kind]]
//   name = "Family"
//   n = 20                                # kinds are drawn in proportion to n
//   people = [2, 5]                       # integers low..high-1, or low where both are equal
//   age = [0, 50]                         # likewise, one for each person
//   minor = 17                            # optional: an age under it makes a child
//   budget = [300, 500]                   # uniform
//   nights = [1, 6]                       # integers as above
//   spa = 0.4                             # the probability of each wish:
//   pool = 0.7                            # spa, pool, pets, lake, mountain, sport
//   exploration = 0.5                     # optional, as are the three tables
//   ignore = 0.9
//   tolerance = {budget = 0, facilities = 0, environment = 0, family = 1}
//   weight = {spa = 1, pool = 1, pets = 1, lake = 1, mountain = 1, sport = 1}
//   score_weight = {facilities = 1, environment = 1, users = 1}
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::simulate {

struct IntRange {
  int low = 0;
  int high = 0;
};
struct FloatRange {
  double low = 0;
  double high = 0;
};

// A number for each of the six wishes.
struct Wishes {
  double spa = 0;
  double pool = 0;
  double pets = 0;
  double lake = 0;
  double mountain = 0;
  double sport = 0;
};

// How a kind of guest judges and chooses; choice.h says what the numbers do.
struct Taste {
  double budget_tolerance = 0;       // the share of the budget that the price may exceed it by
  double facilities_tolerance = 0;   // the least share of wished facilities that must be there
  double environment_tolerance = 0;  // likewise of wished surroundings
  double family_tolerance = 1;       // the least family rating for guests with children
  Wishes weight = {1, 1, 1, 1, 1, 1};
  double facilities_weight = 1;
  double environment_weight = 1;
  double users_weight = 1;
  double exploration = 0.5;  // the probability of a draw in proportion to the scores instead of the best
  double ignore = 0.9;  // the probability of choosing at all: the figures call what is left of it ignoring
};

struct GuestKind {
  std::string name;
  double n = 1;
  IntRange people;
  IntRange age;
  std::optional<int> minor;
  FloatRange budget;
  IntRange nights;
  Wishes wish;
  Taste taste;
};

struct Profile {
  std::vector<GuestKind> kinds;  // at least one, with a sum of n above 0
  std::chrono::sys_days arrivals_from = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  int regulars = 0;  // 0: everybody comes once
  double devotion = 0;
  double fashion = 0;
  double season = 8'000;
};

Profile default_profile();   // ten kinds of guests
Profile noisy_profile();     // one kind that wants what no other does, to make the data drift
Profile regulars_profile();  // the same ten kinds, people who come again, places that rise and fall

// The text of a profile file. kInvalidArgument names the line and the key that is wrong, missing or unknown.
Result<Profile> read_profile(std::string_view text, std::string_view file_name);

// "default", "noisy", "regulars" or the path of a profile file. kNotFound: the file cannot be read.
Result<Profile> find_profile(const std::string& name_or_path);

}  // namespace rankloop::simulate
