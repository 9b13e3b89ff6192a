// The built-in profile and the kinds of its guests.
#include "simulate/profile.h"

#include <fstream>
#include <sstream>

namespace rankloop::simulate {

Profile default_profile() {
  constexpr int kMinor = 17;
  Profile profile;
  profile.kinds = {
      // name, n, people, age, minor, budget, nights, wishes: spa, pool, pets, lake, mountain, sport
      {"Single", 10, {1, 1}, {18, 30}, {}, {100, 200}, {1, 2}, {.8, .5, .2, .7, .6, .7}, {}},
      {"Family", 20, {2, 5}, {0, 50}, kMinor, {300, 500}, {1, 6}, {.4, .7, .5, .8, .4, .2}, {}},
      {"Sport", 25, {1, 3}, {10, 40}, kMinor, {200, 500}, {1, 2}, {.05, .2, .05, .9, .9, .9}, {}},
      {"Leisure", 30, {2, 4}, {0, 60}, kMinor, {500, 1000}, {2, 3}, {.9, .9, .05, .5, .5, .1}, {}},
      {"Cheap", 20, {2, 6}, {18, 25}, {}, {50, 150}, {1, 2}, {.01, .01, .3, .8, .7, .6}, {}},
      {"Expensive", 10, {1, 3}, {40, 70}, {}, {500, 1000}, {5, 7}, {.9, .9, .01, .2, .2, .3}, {}},
      {"Old", 10, {1, 3}, {60, 80}, {}, {200, 350}, {7, 14}, {.8, .05, .7, .9, .4, .2}, {}},
      {"Couple", 30, {2, 2}, {18, 40}, {}, {400, 650}, {2, 6}, {.6, .7, .2, .6, .7, .3}, {}},
      {"Luxury", 5, {2, 2}, {40, 65}, {}, {1000, 1500}, {1, 2}, {.9, .9, .1, .9, .9, .2}, {}},
      {"Group", 10, {4, 10}, {0, 40}, kMinor, {200, 500}, {7, 30}, {.15, .5, .05, .95, .95, .75}, {}},
  };
  return profile;
}

Profile noisy_profile() {
  Taste taste;
  taste.budget_tolerance = 1.2;
  taste.facilities_tolerance = 0.1;
  taste.environment_tolerance = 0.1;
  taste.weight.lake = 0.9;
  taste.weight.mountain = 0.8;
  taste.weight.sport = 0.1;
  taste.facilities_weight = 0.2;
  taste.environment_weight = 0.5;
  taste.users_weight = 0.8;
  taste.exploration = 0.4;
  taste.ignore = 0.8;
  Profile profile;
  profile.kinds = {
      {"Noisy groups", 10, {15, 20}, {65, 80}, {}, {10000, 20000}, {3, 5}, {0, 0, .99, .99, 0, 0}, taste}};
  return profile;
}

Profile regulars_profile() {
  Profile profile = default_profile();
  profile.regulars = 100;
  profile.devotion = 3;
  profile.fashion = 1;
  return profile;
}

Result<Profile> find_profile(const std::string& name_or_path) {
  if (name_or_path == "default") return default_profile();
  if (name_or_path == "noisy") return noisy_profile();
  if (name_or_path == "regulars") return regulars_profile();
  std::ifstream file{name_or_path, std::ios::binary};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return Error{ErrorCode::kNotFound, "cannot read the guest profile \"" + name_or_path +
                                           "\" (default, noisy, regulars or the path of a file)"};
  }
  return read_profile(text.str(), name_or_path);
}

}  // namespace rankloop::simulate
