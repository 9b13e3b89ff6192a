// Draws people, dates and wishes.
#include "simulate/guests.h"

#include <cmath>
#include <cstdio>
#include <numbers>
#include <string_view>
#include <utility>

#include "domain/strict_json.h"

namespace rankloop::simulate {
namespace {

// A uniform number to this power: of ten places one is loved by more than two thirds.
constexpr double kFewAreLoved = 4;

const GuestKind& draw_kind(const Profile& profile, Random& random) {
  double total = 0;
  for (const GuestKind& kind : profile.kinds) total += kind.n;
  double rest = random.uniform() * total;
  const GuestKind* drawn = &profile.kinds.front();
  for (const GuestKind& kind : profile.kinds) {
    if (kind.n <= 0) continue;
    drawn = &kind;
    rest -= kind.n;
    if (rest < 0) break;
  }
  return *drawn;
}

void append_date(std::string& out, std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  char text[32];
  const int length = std::snprintf(text, sizeof text, "\"%04d-%02u-%02u\"", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  out.append(text, static_cast<std::size_t>(length));
}

void append_flag(std::string& out, std::string_view name, bool value) {
  out += ",\"";
  out += name;
  out += value ? "\":true" : "\":false";
}

}  // namespace

Guest draw_guest(const Profile& profile, Random& random) {
  const GuestKind& kind = draw_kind(profile, random);
  Guest guest;
  guest.kind = &kind;
  guest.ages.resize(static_cast<std::size_t>(random.integer(kind.people.low, kind.people.high)));
  for (int& age : guest.ages) {
    age = random.integer(kind.age.low, kind.age.high);
    if (kind.minor && age < *kind.minor) ++guest.children;
  }
  guest.budget = std::round(random.uniform(kind.budget.low, kind.budget.high) * 100) / 100;
  guest.nights = random.integer(kind.nights.low, kind.nights.high);
  guest.arrival = profile.arrivals_from + std::chrono::days{random.integer(1, 30)};
  guest.spa = random.chance(kind.wish.spa);
  guest.pool = random.chance(kind.wish.pool);
  guest.pets = random.chance(kind.wish.pets);
  guest.lake = random.chance(kind.wish.lake);
  guest.mountain = random.chance(kind.wish.mountain);
  guest.sport = random.chance(kind.wish.sport);
  return guest;
}

Visit draw_visit(const Profile& profile, std::uint64_t world, std::uint64_t journey) {
  Random random = Random::stream(world, journey);
  if (profile.regulars == 0) {
    Guest guest = draw_guest(profile, random);
    return {std::move(guest), random};
  }
  const std::uint64_t person = random.below(static_cast<std::size_t>(profile.regulars));
  Guest guest = draw_guest(profile, random);
  guest.regular = Regular{.world = world,
                          .person = person,
                          .seasons = static_cast<double>(journey) / profile.season,
                          .devotion = profile.devotion,
                          .fashion = profile.fashion};
  return {std::move(guest), random};
}

double lasting_taste(const Regular& regular, std::int64_t place) {
  Random of_place = Random::stream(~regular.world, static_cast<std::uint64_t>(place));
  const double phase = of_place.uniform();
  Random of_both =
      Random::stream(ml::mix_bits(~regular.world) ^ static_cast<std::uint64_t>(place), regular.person);
  const double loved = std::pow(of_both.uniform(), kFewAreLoved);
  const double risen = 0.5 + 0.5 * std::sin(2 * std::numbers::pi * (regular.seasons + phase));
  return regular.devotion * loved + regular.fashion * risen;
}

std::string user_key(const Regular& regular) {
  return "regular-" + std::to_string(regular.person);
}

void append_json(std::string& out, const Guest& guest) {
  out += "{\"name\":";
  append_json_string(out, guest.kind->name);
  out += ",\"people_num\":";
  out += std::to_string(guest.ages.size());
  out += ",\"people_age\":[";
  for (std::size_t i = 0; i < guest.ages.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(guest.ages[i]);
  }
  out += "],\"children_num\":";
  out += std::to_string(guest.children);
  out += ",\"budget\":";
  append_json_number(out, guest.budget);
  out += ",\"nights\":";
  out += std::to_string(guest.nights);
  out += ",\"time_arrival\":";
  append_date(out, guest.arrival);
  append_flag(out, "pool", guest.pool);
  append_flag(out, "spa", guest.spa);
  append_flag(out, "pet_friendly", guest.pets);
  append_flag(out, "lake", guest.lake);
  append_flag(out, "mountain", guest.mountain);
  append_flag(out, "sport", guest.sport);
  if (guest.regular) {
    out += ",\"user_key\":";
    append_json_string(out, user_key(*guest.regular));
  }
  out += '}';
}

}  // namespace rankloop::simulate
