// Sums what guests got and what they could have got.
#include "simulate/value_share.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace rankloop::simulate {

ValueShare measure_value_share(std::span<const Place> places, const Profile& profile,
                               const Choosing& choosing, std::uint64_t guests, std::uint64_t seed,
                               const Show& show, std::uint64_t first) {
  ValueShare share;
  std::vector<double> scores;
  for (std::uint64_t number = first; number < first + guests; ++number) {
    auto [guest, random] = draw_visit(profile, seed, number);
    scores.clear();
    for (const std::size_t index : show(guest, random)) scores.push_back(true_score(guest, places[index]));
    const auto pick = choose(scores, guest.kind->taste, choosing, random);
    share.add(pick ? scores[*pick] : 0, best_true_score(guest, places));
  }
  return share;
}

Show show_random(std::span<const Place> places, std::size_t limit) {
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  limit = std::min(limit, order.size());
  return [order = std::move(order), limit](const Guest&, Random& random) mutable {
    // A shuffle that stops after the first `limit`; the order of the last guest is as good a start as any.
    for (std::size_t i = 0; i < limit; ++i) std::swap(order[i], order[i + random.below(order.size() - i)]);
    return std::vector<std::size_t>(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(limit));
  };
}

Show show_oracle(std::span<const Place> places, std::size_t limit) {
  limit = std::min(limit, places.size());
  return [places, limit](const Guest& guest, Random&) {
    std::vector<std::pair<double, std::size_t>> scored;
    scored.reserve(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) scored.emplace_back(-true_score(guest, places[i]), i);
    const auto end = scored.begin() + static_cast<std::ptrdiff_t>(limit);
    std::partial_sort(scored.begin(), end, scored.end());
    std::vector<std::size_t> best;
    for (auto it = scored.begin(); it != end; ++it) best.push_back(it->second);
    return best;
  };
}

}  // namespace rankloop::simulate
