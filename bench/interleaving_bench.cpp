// How many requests tell a better model from a worse one: by a split of the traffic, and by interleaving.
// Simulated guests of the places to stay choose from the lists; the models learned from few and from many.
//
//   interleaving_bench [seed] [requests]
//
// Prints the requests that a two-sided test at 5 % needs for a power of 80 %, by the means and variances that
// so many requests show; of a split by whichever of picks and value needs fewer.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>

#include "domain/domain.h"
#include "ml/interleave.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "simulate/choice.h"
#include "simulate/labelled.h"

namespace rankloop {
namespace {

constexpr std::size_t kShown = 10;
constexpr std::int64_t kFewGuests = 150;
constexpr std::int64_t kManyGuests = 1500;

// A mean and its spread, taken in one after another (Welford, 1962).
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double before = value - mean_;
    mean_ += before / count_;
    squares_ += before * (value - mean_);
  }
  double mean() const { return mean_; }
  double variance() const { return squares_ / (count_ - 1); }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

constexpr double kFactor = (1.95996 + 0.84162) * (1.95996 + 0.84162);

double requests_of_split(const Moments& first, const Moments& second) {
  const double difference = second.mean() - first.mean();
  return 2 * kFactor * (first.variance() + second.variance()) / (difference * difference);
}

double requests_of_interleaving(const Moments& difference) {
  return kFactor * difference.variance() / (difference.mean() * difference.mean());
}

struct Outcome {
  double picked = 0;
  double value = 0;  // of the best in the catalog, what the pick was worth
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : seed_(seed),
        domain_(default_domain()),
        places_(simulate::make_places()),
        profile_(simulate::default_profile()) {
    auto catalog = ml::Catalog::empty(domain_);
    std::vector<ml::ItemChange> changes;
    for (const simulate::Place& place : places_) {
      const auto record = domain_->candidates.check(boost::json::parse(simulate::to_json(place)), {});
      if (!record) fail(record.error());
      changes.push_back({place.id, 1, catalog->pick(record->values)});
    }
    catalog_ = catalog->with(1, changes);
  }

  struct Ranker {
    std::shared_ptr<const ml::Model> model;
    std::shared_ptr<const ml::CatalogScorer> scorer;
  };
  Ranker ranker(std::int64_t guests) const {
    const auto rows = simulate::make_labelled(*domain_, places_, profile_,
                                              {.guests = guests, .seed = seed_ + 7'000'000, .crosses = true});
    if (!rows) fail(rows.error());
    const auto model = ml::train_model(*domain_, *rows, {}, {.family = "logistic"}, {}, {});
    if (!model) fail(model.error());
    return {*model, (*model)->bind(catalog_, nullptr, SIZE_MAX)};
  }

  simulate::Guest guest(std::uint64_t request) const {
    auto random = simulate::Random::stream(seed_, request);
    return simulate::draw_guest(profile_, random);
  }
  Values asked(const simulate::Guest& guest) const {
    std::string json;
    simulate::append_json(json, guest);
    auto record = domain_->requests.check(boost::json::parse(json), {});
    if (!record) fail(record.error());
    return std::move(record->values);
  }
  static std::vector<ItemId> order(const Ranker& ranker, const Values& asked) {
    const Ranking ranking = ml::rank(*ranker.scorer, *ranker.model, ModelId{1}, {.values = asked});
    std::vector<ItemId> items;
    for (const RankedItem& item : ranking.items) items.push_back(item.item);
    return items;
  }
  // The positions picked: one or none. `stream`: apart from the other choices of a request.
  std::vector<std::size_t> choose(const simulate::Guest& guest, const std::vector<ItemId>& shown,
                                  std::uint64_t stream) const {
    std::vector<double> scores;
    for (const ItemId item : shown) scores.push_back(true_score(guest, item));
    auto random = simulate::Random::stream(seed_ ^ 0x63686f6f7365U, stream);
    const auto pick = simulate::choose(scores, guest.kind->taste, {}, random);
    return pick ? std::vector{*pick} : std::vector<std::size_t>{};
  }
  Outcome outcome(const simulate::Guest& guest, std::vector<ItemId> list, std::uint64_t stream) const {
    list.resize(kShown);
    const auto picked = choose(guest, list, stream);
    const double best = simulate::best_true_score(guest, places_);
    if (picked.empty() || best <= 0) return {};
    return {1, true_score(guest, list[picked.front()]) / best};
  }

 private:
  double true_score(const simulate::Guest& guest, ItemId item) const {
    return simulate::true_score(guest, places_[static_cast<std::size_t>(item.value) - 1]);
  }
  [[noreturn]] static void fail(const Error& error) {
    std::fprintf(stderr, "interleaving_bench: %s\n", error.message.c_str());
    std::exit(1);
  }

  const std::uint64_t seed_;
  const std::shared_ptr<const Domain> domain_;
  const std::vector<simulate::Place> places_;
  const simulate::Profile profile_;
  std::shared_ptr<const ml::Catalog> catalog_;
};

struct Arms {
  Moments picks;
  Moments values;

  void add(const Outcome& outcome) {
    picks.add(outcome.picked);
    values.add(outcome.value);
  }
};

void measure(std::uint64_t seed, std::uint64_t requests) {
  const World world(seed);
  const World::Ranker worse = world.ranker(kFewGuests);
  const World::Ranker better = world.ranker(kManyGuests);
  Arms first;
  Arms second;
  Moments drafted;
  Moments by_chance;
  const auto credit = [&](const simulate::Guest& guest, const std::vector<ml::Placed>& list,
                          std::uint64_t stream) {
    std::vector<ItemId> shown;
    for (const ml::Placed& placed : list) shown.push_back(placed.item);
    const ml::Credit found = ml::credit_of(list, world.choose(guest, shown, stream));
    return found.second - found.first;
  };
  for (std::uint64_t request = 0; request < requests; ++request) {
    const simulate::Guest guest = world.guest(request);
    const Values asked = world.asked(guest);
    const std::vector<ItemId> one = World::order(worse, asked);
    const std::vector<ItemId> other = World::order(better, asked);
    first.add(world.outcome(guest, one, 4 * request));
    second.add(world.outcome(guest, other, 4 * request + 1));
    drafted.add(credit(guest, ml::team_draft(one, other, kShown, request), 4 * request + 2));
    by_chance.add(credit(guest, ml::interleave_by_chance(one, other, kShown, request), 4 * request + 3));
  }
  const double split =
      std::min(requests_of_split(first.picks, second.picks), requests_of_split(first.values, second.values));
  std::printf(
      "{\"value\":[%.4f,%.4f],\"picks\":[%.4f,%.4f],\"credit\":[%.4f,%.4f],\"split\":%.0f,\"team_draft\":%."
      "0f,"
      "\"by_chance\":%.0f}\n",
      first.values.mean(), second.values.mean(), first.picks.mean(), second.picks.mean(), drafted.mean(),
      by_chance.mean(), split, requests_of_interleaving(drafted), requests_of_interleaving(by_chance));
}

}  // namespace
}  // namespace rankloop

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const std::uint64_t requests = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  rankloop::measure(seed, std::max<std::uint64_t>(2, requests));
}
