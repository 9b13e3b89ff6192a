// Merges two rankings, and tells from picks which of them is preferred.
#include "ml/interleave.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::uint64_t kInterleaving = 0x6d65726765U;  // apart from other draws by the same seed

using Items = std::unordered_set<std::int64_t>;

// An arm's best item that is not in the list yet.
class BestLeft {
 public:
  explicit BestLeft(std::span<const ItemId> ranking) : ranking_(ranking) {}

  std::optional<ItemId> look(const Items& there) {
    while (at_ < ranking_.size() && there.contains(ranking_[at_].value)) ++at_;
    return at_ < ranking_.size() ? std::optional{ranking_[at_]} : std::nullopt;
  }

 private:
  std::span<const ItemId> ranking_;
  std::size_t at_ = 0;
};

// One turn of a team draft: what either arm would place, and the probability that it is the first one's turn.
struct Turn {
  ItemId first;
  ItemId second;
  double first_turn = 0.5;

  double chance_of(ItemId item) const {
    return (item == first ? first_turn : 0) + (item == second ? 1 - first_turn : 0);
  }
  // That it was the first arm's turn, given what was placed.
  double first_given(ItemId item) const { return item == first ? first_turn / chance_of(item) : 0; }
};

// What an arm has left, with the weight that each item has by its rank.
class Weighted {
 public:
  Weighted(std::span<const ItemId> ranking, double decay) : items_(ranking.begin(), ranking.end()) {
    for (std::size_t rank = 1; rank <= items_.size(); ++rank)
      weights_.push_back(std::pow(static_cast<double>(rank), -decay));
  }

  bool empty() const { return items_.empty(); }
  double chance_of(ItemId item) const {
    const auto at = std::ranges::find(items_, item);
    return at == items_.end() ? 0 : weights_[static_cast<std::size_t>(at - items_.begin())] / total();
  }
  ItemId draw(double at) const {
    at *= total();
    std::size_t i = 0;
    while (i + 1 < items_.size() && (at -= weights_[i]) >= 0) ++i;
    return items_[i];
  }
  void take(ItemId item) {
    const auto at = std::ranges::find(items_, item);
    if (at == items_.end()) return;
    weights_.erase(weights_.begin() + (at - items_.begin()));
    items_.erase(at);
  }

 private:
  double total() const {
    double sum = 0;
    for (const double weight : weights_) sum += weight;
    return sum;
  }

  std::vector<ItemId> items_;
  std::vector<double> weights_;
};

std::vector<Placed> merged_head(const Ranking& first, const Ranking& second, Interleaving way,
                                std::size_t depth) {
  const auto ids_of = [](const Ranking& ranking) {
    std::vector<ItemId> ids;
    for (const RankedItem& ranked : ranking.items) ids.push_back(ranked.item);
    return ids;
  };
  depth = std::min(depth, first.items.size());
  return way == Interleaving::kTeamDraft
             ? team_draft(ids_of(first), ids_of(second), depth, first.seed)
             : interleave_by_chance(ids_of(first), ids_of(second), depth, first.seed);
}

}  // namespace

std::vector<Placed> team_draft(std::span<const ItemId> first, std::span<const ItemId> second,
                               std::size_t length, std::uint64_t seed) {
  RandomNumbers random(mix_bits(seed ^ kInterleaving));
  BestLeft of_first(first);
  BestLeft of_second(second);
  Items there;
  std::vector<Placed> list;
  Arm turn = Arm::kFirst;
  double first_turn = 0.5;  // as far as the list tells
  while (list.size() < length) {
    const auto a = of_first.look(there);
    const auto b = of_second.look(there);
    if (!a && !b) break;
    const bool opens = list.size() % 2 == 0;
    if (opens) {
      turn = random.uniform(0, 1) < 0.5 ? Arm::kFirst : Arm::kSecond;
      first_turn = 0.5;
    } else {
      turn = turn == Arm::kFirst ? Arm::kSecond : Arm::kFirst;
    }
    const Turn now{a.value_or(*(a ? a : b)), b.value_or(*(b ? b : a)), first_turn};
    const ItemId item = turn == Arm::kFirst ? now.first : now.second;
    const Arm placer = !a ? Arm::kSecond : !b ? Arm::kFirst : turn;
    list.push_back({item, placer, now.chance_of(item), placer == Arm::kFirst ? 1.0 : 0.0});
    if (opens) first_turn = 1 - now.first_given(item);
    there.insert(item.value);
  }
  return list;
}

std::vector<Placed> interleave_by_chance(std::span<const ItemId> first, std::span<const ItemId> second,
                                         std::size_t length, std::uint64_t seed, double decay) {
  RandomNumbers random(mix_bits(seed ^ kInterleaving));
  Weighted of_first(first, decay);
  Weighted of_second(second, decay);
  std::vector<Placed> list;
  while (list.size() < length && !(of_first.empty() && of_second.empty())) {
    const double first_turn = of_first.empty() ? 0 : of_second.empty() ? 1 : 0.5;
    const Arm arm = random.uniform(0, 1) < first_turn ? Arm::kFirst : Arm::kSecond;
    const ItemId item = (arm == Arm::kFirst ? of_first : of_second).draw(random.uniform(0, 1));
    const double by_first = first_turn == 0 ? 0 : first_turn * of_first.chance_of(item);
    const double by_second = first_turn == 1 ? 0 : (1 - first_turn) * of_second.chance_of(item);
    list.push_back({item, arm, by_first + by_second, by_first / (by_first + by_second)});
    of_first.take(item);
    of_second.take(item);
  }
  return list;
}

Ranking interleave(const Ranking& first, const Ranking& second, Interleaving way, std::size_t depth) {
  const std::vector<Placed> head =
      merged_head(first, second, way, std::clamp<std::size_t>(depth, 1, kMostDrafted));
  Ranking merged = first;
  merged.items.clear();
  Items there;
  for (const Placed& placed : head) {
    const Ranking& by = placed.arm == Arm::kFirst ? first : second;
    const float score = std::ranges::find(by.items, placed.item, &RankedItem::item)->score;
    merged.items.push_back({placed.item, score, static_cast<float>(placed.propensity)});
    merged.placed.push_back({placed.arm == Arm::kSecond, static_cast<float>(placed.first_credit)});
    there.insert(placed.item.value);
  }
  for (const RankedItem& ranked : first.items) {
    if (merged.items.size() >= first.items.size()) break;
    if (!there.contains(ranked.item.value)) merged.items.push_back({ranked.item, ranked.score, 1});
  }
  // One text for a pair of models, so that policies stay few.
  const boost::json::object parameters = {{"first", first.model.value},
                                          {"second", second.model.value},
                                          {"depth", head.size()},
                                          {"way", name_of(way)}};
  merged.policy = Policy::with_parameters(PolicyKind::kInterleaved, boost::json::serialize(parameters));
  merged.policy.wishes = first.policy.wishes;
  return merged;
}

std::optional<Drafted> drafted_by(const Policy& policy) {
  if (policy.kind != PolicyKind::kInterleaved) return std::nullopt;
  boost::system::error_code fault;
  const boost::json::value parameters = boost::json::parse(policy.as_stored.parameters, fault);
  if (fault || !parameters.is_object()) return std::nullopt;
  const auto number = [&](std::string_view name) -> std::optional<std::int64_t> {
    const boost::json::value* const value = parameters.get_object().if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
  };
  const boost::json::value* const told = parameters.get_object().if_contains("way");
  if (told == nullptr || !told->is_string()) return std::nullopt;
  const auto way = parse_interleaving(told->get_string());
  const auto first = number("first");
  const auto second = number("second");
  const auto depth = number("depth");
  if (!way || !first || !second || !depth || *depth < 0) return std::nullopt;
  return Drafted{ModelId{*first}, ModelId{*second}, *way, static_cast<std::size_t>(*depth)};
}

Credit credit_at(std::span<const Placement> placed, int rank) {
  if (rank < 1 || static_cast<std::size_t>(rank) > placed.size()) return {};
  const auto first = static_cast<double>(placed[static_cast<std::size_t>(rank) - 1].first_credit);
  return {first, 1 - first};
}

Credit credit_of(std::span<const Placed> list, std::span<const std::size_t> picked) {
  Credit credit;
  for (const std::size_t position : picked) {
    credit.first += list[position].first_credit;
    credit.second += 1 - list[position].first_credit;
  }
  return credit;
}

double sign_test(std::size_t wins, std::size_t losses) {
  const auto n = static_cast<double>(wins + losses);
  const auto fewer = static_cast<double>(std::min(wins, losses));
  double tail = 0;
  for (double k = 0; k <= fewer; ++k) {
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

Preference preference_of(std::span<const Credit> requests, std::span<const std::int64_t> people,
                         const PreferenceRules& rules) {
  std::vector<double> differences;
  differences.reserve(requests.size());
  for (const Credit& credit : requests) differences.push_back(credit.second - credit.first);
  const std::vector<PersonSum> sums = sum_by_person(differences, {}, people, 0);
  Preference preference;
  preference.requests = requests.size();
  preference.people = sums.size();
  if (sums.empty()) return preference;
  for (const PersonSum& person : sums) {
    preference.for_first += person.difference < 0 ? 1 : 0;
    preference.for_second += person.difference > 0 ? 1 : 0;
    preference.difference += person.difference / static_cast<double>(requests.size());
  }
  preference.interval = bootstrap_mean(sums, rules.resamples, rules.confidence, rules.seed);
  preference.p_value = sign_test(preference.for_first, preference.for_second);
  return preference;
}

}  // namespace rankloop::ml
