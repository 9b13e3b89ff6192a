// The chances of items and lists under a mixture of a model's order and a uniform one.
#include "ml/list_chances.h"

#include <algorithm>
#include <cstdint>

#include "ml/rank_steps.h"

namespace rankloop::ml {

double ListChances::at(std::size_t position, ItemId item) const {
  const bool models = position < order_.size() && order_[position] == item;
  return explore_ / eligible_ + (models ? 1 - explore_ : 0);
}

void ListChances::joint(std::span<const ItemId> list, std::vector<double>& joint) const {
  joint.resize(list.size());
  double uniform = explore_;
  double model = 1 - explore_;
  for (std::size_t i = 0; i < list.size(); ++i) {
    uniform /= eligible_ - static_cast<double>(i);
    if (i >= order_.size() || order_[i] != list[i]) model = 0;
    joint[i] = uniform + model;
  }
}

// Not a quotient of joint chances: those of long lists are no numbers any more.
void ListChances::given_above(std::span<const ItemId> list, std::vector<double>& chances) const {
  chances.resize(list.size());
  double uniform = explore_;
  double model = 1 - explore_;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const double next = 1 / (eligible_ - static_cast<double>(i));
    const double before = uniform + model;
    if (model == 0) {
      chances[i] = uniform > 0 ? next : 0;
      continue;
    }
    uniform *= next;
    if (i >= order_.size() || order_[i] != list[i]) model = 0;
    chances[i] = (uniform + model) / before;
  }
}

double ListChances::examined(ItemId item, const Examination& examination, std::size_t positions) const {
  double anywhere = 0;
  double in_order = 0;
  for (std::size_t i = 0; i < positions; ++i) {
    const double looked = examination.at(static_cast<std::int32_t>(i + 1));
    anywhere += looked;
    if (i < order_.size() && order_[i] == item) in_order = looked;
  }
  return explore_ / eligible_ * anywhere + (1 - explore_) * in_order;
}

void find_eligible_rows(const Catalog& catalog, const RankRequest& request,
                        std::vector<std::uint32_t>& rows) {
  rows = eligible_rows(catalog, request);
}

}  // namespace rankloop::ml
