// A simulated guest: one drawn person or party with a request for the default domain.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulate/profile.h"
#include "simulate/random.h"

namespace rankloop::simulate {

// Somebody who comes again, at a moment of the world.
struct Regular {
  std::uint64_t world = 0;  // the seed that everybody's tastes and all rises follow from
  std::uint64_t person = 0;
  double seasons = 0;   // since the world began
  double devotion = 0;  // of the profile, as is the next
  double fashion = 0;
};

struct Guest {
  const GuestKind* kind = nullptr;  // of the profile it was drawn from, which must outlive it
  std::vector<int> ages;            // one for each person
  int children = 0;
  double budget = 0;  // francs, two decimals
  int nights = 0;
  std::chrono::sys_days arrival{};
  bool spa = false;
  bool pool = false;
  bool pets = false;
  bool lake = false;
  bool mountain = false;
  bool sport = false;
  std::optional<Regular> regular;  // nothing: a guest who comes once
};

Guest draw_guest(const Profile& profile, Random& random);

// The guest of one journey of a world, and the random numbers for all that it does: the same whoever came
// before. A regular travels with other people, wishes and money each time: nothing but the key says who it
// is.
struct Visit {
  Guest guest;
  Random random;
};
Visit draw_visit(const Profile& profile, std::uint64_t world, std::uint64_t journey);

// How much more a regular likes this place than its score says, 0 or above: what it has of the person's
// lasting taste, and of the place's rise at that moment.
double lasting_taste(const Regular& regular, std::int64_t place);

// "regular-17".
std::string user_key(const Regular& regular);

// Appends the guest's request: a JSON object of the default domain's request schema, named after its kind; of
// a regular with its user_key.
void append_json(std::string& out, const Guest& guest);

}  // namespace rankloop::simulate
