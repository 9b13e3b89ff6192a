// Interleaving: two rankings of one request merged into one list, so that each pick says which of them the
// person prefers. People differ much from each other; here both rankings face the same one, which is why a
// difference shows after far fewer requests than by a split of the traffic (Chapelle, Joachims, Radlinski and
// Yue, "Large-scale validation and analysis of interleaved search evaluation", TOIS 2012).
//
// Pure functions; the same seed gives the same list. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/ids.h"
#include "domain/ledger_words.h"
#include "domain/ranking.h"
#include "ml/bootstrap.h"

namespace rankloop::ml {

enum class Arm : std::uint8_t { kFirst, kSecond };

// An item of the merged list.
struct Placed {
  ItemId item;
  Arm arm{};                // that placed it
  double propensity = 1;    // P(this item at this position | those above it), whichever arm placed them
  double first_credit = 0;  // of a pick of it, what the first arm earns; the second earns the rest of 1
};

// Team draft (Radlinski, Kurup and Joachims, "How does clickthrough data reflect retrieval quality?", CIKM
// 2008): round by round a coin says which arm goes first, and each places its best item that is not there
// yet. A pick is credited to the arm that placed it. An arm whose items are all there lets the other place.
// Each ranking names an item once. At most `length` items. O(length).
std::vector<Placed> team_draft(std::span<const ItemId> first, std::span<const ItemId> second,
                               std::size_t length, std::uint64_t seed);

// Probabilistic interleaving (Hofmann, Whiteson and de Rijke, "A probabilistic method for inferring
// preferences from clicks", CIKM 2011): at each position a coin says whose turn it is, and the item is drawn
// from what that arm has left, as likely as rank^-decay. A pick is credited to both by how likely each was to
// have placed it (marginalised over the coins). O(length x items).
std::vector<Placed> interleave_by_chance(std::span<const ItemId> first, std::span<const ItemId> second,
                                         std::size_t length, std::uint64_t seed, double decay = 3);

// The list that is shown of two models' own orders of the same items: merged in the first `depth` positions
// (1..kMostDrafted), below it what is left in the first one's order, as long as `first`. Propensities are
// exact as long as neither order was drawn. Each item has the score of the model whose order placed it; the
// model is the first one, the policy names both and the way, and `placed` tells which of them placed what and
// what a pick of it earns them. Drawn by the seed of `first`.
inline constexpr std::size_t kMostDrafted = 10;
Ranking interleave(const Ranking& first, const Ranking& second, Interleaving way,
                   std::size_t depth = kMostDrafted);

// What the policy of such a list says.
struct Drafted {
  ModelId first;
  ModelId second;
  Interleaving way{};
  std::size_t depth = 0;
};
std::optional<Drafted> drafted_by(const Policy& policy);  // nothing of another policy

struct Credit {
  double first = 0;
  double second = 0;
};

// What the picks of a list say; `picked`: positions from 0.
Credit credit_of(std::span<const Placed> list, std::span<const std::size_t> picked);
// Likewise of a pick of a stored list; below what was merged it earns neither anything. `rank`: from 1.
Credit credit_at(std::span<const Placement> placed, int rank);

// Which arm people prefer.
struct Preference {
  std::size_t requests = 0;
  std::size_t people = 0;
  std::size_t for_first = 0;  // people whose picks say more for it
  std::size_t for_second = 0;
  double difference = 0;  // mean over requests of the second arm's credit less the first one's
  Interval interval;      // of it, by people; see bootstrap_mean()
  double p_value = 1;     // two-sided sign test over people who prefer one
};

struct PreferenceRules {
  double confidence = 0.95;
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;
};

// `people`: who asked each request; empty: somebody else each time.
Preference preference_of(std::span<const Credit> requests, std::span<const std::int64_t> people,
                         const PreferenceRules& rules = {});

// P(a fair coin falls as unevenly or more): the two-sided sign test (Arbuthnot, 1710), exact.
double sign_test(std::size_t wins, std::size_t losses);

}  // namespace rankloop::ml
