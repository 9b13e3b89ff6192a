// Reads a profile file with toml++; its exceptions end here.
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include <toml++/toml.h>

#include "simulate/profile.h"

namespace rankloop::simulate {
namespace {

struct WishKey {
  std::string_view name;
  double Wishes::* member;
};
constexpr std::array<WishKey, 6> kWishKeys = {{{"spa", &Wishes::spa},
                                               {"pool", &Wishes::pool},
                                               {"pets", &Wishes::pets},
                                               {"lake", &Wishes::lake},
                                               {"mountain", &Wishes::mountain},
                                               {"sport", &Wishes::sport}}};
struct TasteKey {
  std::string_view name;
  double Taste::* member;
};
constexpr std::array<TasteKey, 4> kToleranceKeys = {{{"budget", &Taste::budget_tolerance},
                                                     {"facilities", &Taste::facilities_tolerance},
                                                     {"environment", &Taste::environment_tolerance},
                                                     {"family", &Taste::family_tolerance}}};
constexpr std::array<TasteKey, 3> kScoreWeightKeys = {{{"facilities", &Taste::facilities_weight},
                                                       {"environment", &Taste::environment_weight},
                                                       {"users", &Taste::users_weight}}};

constexpr double kMost = 1e9;  // a bound for what has no natural one, so that sums stay finite
constexpr int kMostPeople = 100;
constexpr double kMostRegulars = 10'000'000;
constexpr int kOldest = 130;

// Reads keys of one table and keeps the first fault; a key that nobody asked for is a fault at the end.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string place, std::string& fault)
      : table_(table), place_(std::move(place)), fault_(fault) {}

  void number(std::string_view key, double low, double high, double& value, bool required) {
    const toml::node* node = find(key, required);
    if (node == nullptr) return;
    const auto read = node->value<double>();
    if (!read || !(*read >= low && *read <= high)) {
      return blame(*node, key, "must be a number from " + text(low) + " to " + text(high));
    }
    value = *read;
  }

  void range(std::string_view key, double low, double high, FloatRange& range) {
    const toml::node* node = find(key, true);
    if (node == nullptr) return;
    const toml::array* pair = node->as_array();
    const auto first = pair != nullptr && pair->size() == 2 ? (*pair)[0].value<double>() : std::nullopt;
    const auto second = first ? (*pair)[1].value<double>() : std::nullopt;
    if (!first || !second || !(*first >= low && *first <= *second && *second <= high)) {
      return blame(*node, key, "must be [low, high] within " + text(low) + " to " + text(high));
    }
    range = {*first, *second};
  }

  void range(std::string_view key, int low, int high, IntRange& range) {
    FloatRange read;
    this->range(key, low, high, read);
    if (read.low != std::floor(read.low) || read.high != std::floor(read.high)) {
      return blame(*table_.get(key), key, "must hold integers");
    }
    range = {static_cast<int>(read.low), static_cast<int>(read.high)};
  }

  void string(std::string_view key, std::string& value) {
    const toml::node* node = find(key, true);
    if (node == nullptr) return;
    const auto read = node->value<std::string>();
    if (!read || read->empty()) return blame(*node, key, "must be a text");
    value = *read;
  }

  const toml::table* table(std::string_view key) {
    const toml::node* node = find(key, false);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) blame(*node, key, "must be a table");
    return node->as_table();
  }

  const toml::node* find(std::string_view key, bool required) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr && required) blame(table_, key, "is missing");
    return node;
  }

  void blame(const toml::node& node, std::string_view key, const std::string& reason) {
    if (!fault_.empty()) return;
    fault_ = "line " + std::to_string(node.source().begin.line) + ": " + place_ + "\"" + std::string{key} +
             "\" " + reason;
  }

  // After the last key has been read.
  void refuse_unknown() {
    for (const auto& [key, node] : table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) == known_.end()) {
        blame(node, key.str(), "is not a key of a guest profile");
      }
    }
  }

 private:
  static std::string text(double number) {
    std::ostringstream out;
    out << number;
    return out.str();
  }

  const toml::table& table_;
  std::string place_;
  std::string& fault_;
  std::vector<std::string> known_;
};

void read_taste(TableReader& kind, const std::string& place, std::string& fault, Taste& taste) {
  kind.number("exploration", 0, 1, taste.exploration, false);
  kind.number("ignore", 0, 1, taste.ignore, false);
  if (const toml::table* table = kind.table("tolerance")) {
    TableReader reader{*table, place + "tolerance ", fault};
    for (const TasteKey& key : kToleranceKeys) reader.number(key.name, 0, kMost, taste.*key.member, false);
    reader.refuse_unknown();
  }
  if (const toml::table* table = kind.table("weight")) {
    TableReader reader{*table, place + "weight ", fault};
    for (const WishKey& key : kWishKeys) reader.number(key.name, 0, kMost, taste.weight.*key.member, false);
    reader.refuse_unknown();
  }
  if (const toml::table* table = kind.table("score_weight")) {
    TableReader reader{*table, place + "score_weight ", fault};
    for (const TasteKey& key : kScoreWeightKeys) reader.number(key.name, 0, kMost, taste.*key.member, false);
    reader.refuse_unknown();
  }
}

GuestKind read_kind(const toml::table& table, std::string& fault) {
  GuestKind kind;
  const std::string named = table["name"].value_or(std::string{});
  const std::string place = named.empty() ? "kind: " : "kind \"" + named + "\": ";
  TableReader reader{table, place, fault};
  reader.string("name", kind.name);
  reader.number("n", 0, kMost, kind.n, true);
  reader.range("people", 1, kMostPeople, kind.people);
  reader.range("age", 0, kOldest, kind.age);
  double minor = -1;
  reader.number("minor", 0, kOldest, minor, false);
  if (minor >= 0) kind.minor = static_cast<int>(minor);
  reader.range("budget", 0.0, kMost, kind.budget);
  reader.range("nights", 1, 10'000, kind.nights);
  for (const WishKey& key : kWishKeys) reader.number(key.name, 0, 1, kind.wish.*key.member, true);
  read_taste(reader, place, fault, kind.taste);
  reader.refuse_unknown();
  return kind;
}

Profile read_tables(const toml::table& root, std::string& fault) {
  Profile profile;
  TableReader reader{root, "", fault};
  if (const toml::node* node = reader.find("arrivals_from", false)) {
    if (const auto date = node->value<toml::date>()) {
      profile.arrivals_from = std::chrono::sys_days{
          std::chrono::year{date->year} / std::chrono::month{date->month} / std::chrono::day{date->day}};
    } else {
      reader.blame(*node, "arrivals_from", "must be a date (YYYY-MM-DD)");
    }
  }
  double regulars = 0;
  reader.number("regulars", 0, kMostRegulars, regulars, false);
  if (regulars != std::floor(regulars)) reader.blame(root, "regulars", "must be a whole number");
  profile.regulars = static_cast<int>(regulars);
  reader.number("devotion", 0, kMost, profile.devotion, false);
  reader.number("fashion", 0, kMost, profile.fashion, false);
  reader.number("season", 1, kMost, profile.season, false);
  double total = 0;
  const toml::node* kinds = reader.find("kind", false);
  if (const toml::array* array = kinds != nullptr ? kinds->as_array() : nullptr) {
    for (const toml::node& node : *array) {
      if (const toml::table* table = node.as_table()) profile.kinds.push_back(read_kind(*table, fault));
    }
  }
  for (const GuestKind& kind : profile.kinds) total += kind.n;
  reader.refuse_unknown();
  if (total <= 0) reader.blame(root, "kind", "needs at least one [[kind]] with an n above 0");
  return profile;
}

}  // namespace

Result<Profile> read_profile(std::string_view text, std::string_view file_name) {
  const std::string prefix = "guest profile \"" + std::string{file_name} + "\", ";
  try {
    std::string fault;
    Profile profile = read_tables(toml::parse(text, file_name), fault);
    if (!fault.empty()) return Error{ErrorCode::kInvalidArgument, prefix + fault};
    return profile;
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::kInvalidArgument, prefix + "line " + std::to_string(error.source().begin.line) +
                                                  ": " + std::string{error.description()}};
  }
}

}  // namespace rankloop::simulate
