// Looks rows up once.
#include "ml/families/factorization/factor_rows.h"

namespace rankloop::ml {
namespace {

template <class Key>
std::vector<std::uint32_t> places_of(std::span<const Key> of_rows, std::span<const Key> keys,
                                     std::size_t rows) {
  std::vector<std::uint32_t> places(rows, FactorRows::kNone);
  for (std::size_t r = 0; r < of_rows.size(); ++r) {
    if (const auto place = place_of<Key>(keys, of_rows[r])) places[r] = static_cast<std::uint32_t>(*place);
  }
  return places;
}

}  // namespace

FactorRows::FactorRows(const LabelledRows& of, const Factorisation& shape, Objective wanted)
    : rows(of),
      objective(wanted),
      places(shape.linear.words, of.view(), of.rows()),
      item(places_of<ItemId>(of.items, shape.items, of.rows())),
      person(places_of<Person>(of.people, shape.people, of.rows())) {
  const FeatureRows view = of.view();
  for (std::size_t r = 0; r < of.rows(); ++r)
    linear.push_back(static_cast<float>(log_odds_of(shape.linear, view, places.at(r), r)));
  for (std::size_t r = 0; r < of.rows();) {
    Group group{r, r + 1,
                objective == Objective::kListwise ? picks(of, r) : static_cast<double>(of.weight(r))};
    while (objective == Objective::kListwise && group.last < of.rows() &&
           of.requests[group.last] == of.requests[r]) {
      group.weight += picks(of, group.last++);
    }
    if (group.weight > 0) groups.push_back(group);
    r = group.last;
  }
}

}  // namespace rankloop::ml
