// A simulated guest: one drawn person or party with a request for the default domain.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "simulate/profile.h"
#include "simulate/random.h"

namespace rankloop::simulate {

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
};

Guest draw_guest(const Profile& profile, Random& random);

// Appends the guest's request: a JSON object of the default domain's request schema, named after its kind.
void append_json(std::string& out, const Guest& guest);

}  // namespace rankloop::simulate
