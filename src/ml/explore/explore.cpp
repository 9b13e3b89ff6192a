// Walks down a list and draws what stands at each position.
#include "ml/explore/explore.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ml/random_numbers.h"
#include "ml/wishes.h"

namespace rankloop::ml {
namespace {

double discount(int index) {
  return 1 / std::log2(index + 2);
}

std::size_t drawn(std::span<const double> chances, double at) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < chances.size(); ++i) {
    if (chances[i] <= 0) continue;
    last = i;
    at -= chances[i];
    if (at < 0) break;
  }
  return last;  // what rounding leaves over belongs to the last one that can be drawn
}

// What stands at the positions down to the last that explores.
struct Head {
  std::vector<std::uint32_t> places;
  std::vector<double> chances;  // that the way gives each, after those above
  double loss = 0;              // see bounded_share()
  std::vector<std::uint32_t> rest;
};

std::vector<std::uint32_t> unpinned(const Placer& placer, const Placing& placing, std::size_t size) {
  std::vector<std::uint32_t> places(size);
  std::iota(places.begin(), places.end(), 0U);
  if (!placing.pins.empty())
    std::erase_if(places, [&](std::uint32_t place) { return placer.is_pinned(place); });
  return places;
}

// Draws by `random`, or without it takes the model's own best of what may stand there. Goes on as far as
// wishes say something of positions.
Head walk(const Slate& slate, const Exploration& terms, const Placing& placing, RandomNumbers* random) {
  Head head;
  Placer placer(placing);
  const std::size_t size = slate.probability.size();
  head.rest = unpinned(placer, placing, size);
  std::vector<double> chances;
  const Way& way = way_of(terms.policy);
  const int reach =
      static_cast<int>(std::min(std::max(static_cast<std::size_t>(terms.depth), placing.reach()), size));
  for (int index = 0; index < reach; ++index) {
    const auto at = static_cast<std::size_t>(index);
    if (const auto pinned = placer.pinned_at(at)) {
      head.places.push_back(*pinned);
      head.chances.push_back(1);
      continue;
    }
    const std::span<const std::uint32_t> left = placer.allowed(head.rest, at);
    std::size_t chosen = 0;
    double chance = 1;
    if (index >= terms.safe_top && index < terms.depth) {
      chances.resize(left.size());
      way.chances({slate, left, index}, terms, chances);
      double mean = 0;
      for (std::size_t i = 0; i < chances.size(); ++i) mean += chances[i] * slate.probability[left[i]];
      head.loss += discount(index) * (slate.probability[left.front()] - mean);
      if (random != nullptr) chosen = drawn(chances, random->uniform(0, 1));
      chance = chances[chosen];
    }
    const std::uint32_t place = left[chosen];
    head.places.push_back(place);
    head.chances.push_back(chance);
    placer.put(place, at);
    head.rest.erase(std::ranges::lower_bound(head.rest, place));
  }
  return head;
}

Ranking stood(const Ranking& own, const Head& head) {
  Ranking ranking = own;
  std::size_t at = 0;
  for (const std::uint32_t place : head.places) ranking.items[at++] = own.items[place];
  for (const std::uint32_t place : head.rest) ranking.items[at++] = own.items[place];
  return ranking;
}

// What was set, as stored: few different texts, whatever the request.
std::string parameters_of(const Exploration& terms) {
  boost::json::object set;
  set[way_of(terms.policy).share_of_positions ? "epsilon" : "share"] = terms.share;
  if (terms.policy == PolicyKind::kSoftmax) set["temperature"] = terms.temperature;
  if (terms.policy == PolicyKind::kSquareCb) set["gamma"] = terms.gamma;
  if (terms.policy == PolicyKind::kThompson) {
    set["draws"] = kPosteriorDraws;
    set["standard_error"] = 0.5 / std::sqrt(static_cast<double>(kPosteriorDraws));
  }
  set["depth"] = terms.depth;
  set["safe_top"] = terms.safe_top;
  if (terms.most_loss < 1) set["most_loss"] = terms.most_loss;
  if (terms.segment) set["segment"] = terms.segment->text;
  return boost::json::serialize(set);
}

}  // namespace

Slate make_slate(std::span<const RankedItem> own, const Calibration& calibration,
                 std::vector<std::vector<float>> draws, std::span<const double> boosts) {
  Slate slate;
  slate.draws = std::move(draws);
  for (const RankedItem& item : own) {
    const double probability = calibration.apply(static_cast<double>(item.score));
    slate.probability.push_back(probability);
    slate.log_odds.push_back(log_odds_of(probability));
  }
  for (std::size_t i = 0; i < boosts.size(); ++i) {
    if (boosts[i] == 0) continue;
    slate.log_odds[i] += boosts[i];
    slate.probability[i] = 1 / (1 + std::exp(-slate.log_odds[i]));
  }
  // Draws are compared by their scores, and a boost is one of log-odds.
  const bool boosted = std::ranges::any_of(boosts, [](double boost) { return boost != 0; });
  for (std::size_t d = 0; boosted && d < slate.draws.size(); ++d) {
    for (std::size_t i = 0; i < boosts.size(); ++i) {
      float& score = slate.draws[d][i];
      score = static_cast<float>(log_odds_of(calibration.apply(static_cast<double>(score))) + boosts[i]);
    }
  }
  return slate;
}

std::uint64_t exploring_seed(std::uint64_t seed) {
  constexpr std::uint64_t kExploring = 0x6578706c6f7265U;
  return mix_bits(seed ^ kExploring);
}

double bounded_share(const Slate& slate, const Exploration& terms, const Placing& placing) {
  if (terms.most_loss >= 1) return terms.share;
  Exploration all = terms;
  all.share = 1;
  const Head own = walk(slate, all, placing, nullptr);
  const double loss = own.loss;
  if (loss <= 0) return terms.share;
  double value = 0;
  const auto depth = std::min(static_cast<std::size_t>(terms.depth), slate.probability.size());
  for (std::size_t i = 0; i < depth; ++i)
    value += discount(static_cast<int>(i)) * slate.probability[own.places[i]];
  return std::min(terms.share, terms.most_loss * value / loss);
}

void mix_propensities(double share, std::span<const double> chances, const Ranking& own, Ranking& ranking) {
  double way = share;        // the probability that the way was taken and made the list so far
  double model = 1 - share;  // likewise the model's
  for (std::size_t i = 0; i < ranking.items.size(); ++i) {
    const double next = i < chances.size() ? chances[i] : 1;
    if (model == 0) {
      ranking.items[i].propensity = static_cast<float>(next);
      continue;
    }
    const double before = way + model;
    way *= next;
    if (ranking.items[i].item != own.items[i].item) model = 0;
    ranking.items[i].propensity = static_cast<float>((way + model) / before);
  }
}

void follow(const Slate& slate, const Exploration& terms, std::span<const std::uint32_t> places,
            std::span<const double> values, Followed& followed) {
  const Way& kind = way_of(terms.policy);
  Exploration bounded = terms;
  bounded.share = bounded_share(slate, terms);
  const double share = kind.share_of_positions ? 1 : bounded.share;
  double way = share;        // as in mix_propensities()
  double model = 1 - share;  // likewise
  followed.joint.assign(places.size(), 0);
  followed.mean.assign(places.size(), 0);
  std::vector<std::uint32_t> rest(slate.probability.size());
  std::iota(rest.begin(), rest.end(), 0U);
  std::vector<double> chances;
  for (std::size_t i = 0; i < places.size() && way + model > 0; ++i) {
    const auto index = static_cast<int>(i);
    chances.assign(rest.size(), 0);
    chances.front() = 1;
    if (index >= terms.safe_top && index < terms.depth) kind.chances({slate, rest, index}, bounded, chances);
    double mean = 0;
    for (std::size_t r = 0; r < rest.size(); ++r) mean += chances[r] * values[rest[r]];
    followed.mean[i] = (way * mean + model * values[i]) / (way + model);
    const auto found = std::lower_bound(rest.begin(), rest.end(), places[i]);
    const bool left = found != rest.end() && *found == places[i];
    way *= left ? chances[static_cast<std::size_t>(found - rest.begin())] : 0;
    if (places[i] != i) model = 0;
    followed.joint[i] = way + model;
    if (left) rest.erase(found);
  }
}

Ranking explored(const Ranking& own, const Calibration& calibration, std::vector<std::vector<float>> draws,
                 const Exploration& terms, const SlateWishes& wishes) {
  const Slate slate = make_slate(own.items, calibration, std::move(draws), wishes.boosts);
  Exploration bounded = terms;
  bounded.share = bounded_share(slate, terms, wishes.placing);
  const double share = way_of(terms.policy).share_of_positions ? 1 : bounded.share;
  RandomNumbers random(exploring_seed(own.seed));
  const bool departs = random.uniform(0, 1) < share;
  const Head head = walk(slate, bounded, wishes.placing, departs ? &random : nullptr);
  Ranking ranking = stood(own, head);
  const bool placed = !wishes.placing.empty();
  mix_propensities(share, head.chances,
                   placed ? stood(own, walk(slate, bounded, wishes.placing, nullptr)) : own, ranking);
  ranking.policy = Policy::with_parameters(terms.policy, parameters_of(terms));
  return ranking;
}

}  // namespace rankloop::ml
