// How likely a way of ranking shows which item where, for one request: the model's order with probability
// 1 - explore, else a uniform order of all eligible items. An order that a model draws uniformly has
// explore = 1, one without chance explore = 0.
//
// This is what rank() does (ml/rank.h), told of any list. Probabilities are doubles, exact up to rounding.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domain/ids.h"
#include "domain/ranking.h"
#include "ml/catalog.h"
#include "ml/examination.h"
#include "ml/rank.h"

namespace rankloop::ml {

class ListChances {
 public:
  // `order`: what the model ranks first, at least as far down as is asked about (or all there is); of no use,
  // and may be empty, with explore = 1. `eligible` items there are, at least as many as any list has. Borrows
  // the order.
  ListChances(std::span<const ItemId> order, std::size_t eligible, double explore)
      : order_(order), eligible_(static_cast<double>(eligible)), explore_(explore) {}

  double explore() const { return explore_; }

  // Of an eligible item at a position, counted from 0, whatever stands above it.
  double at(std::size_t position, ItemId item) const;

  // Of each item of a list at its position, together with all above it there.
  void joint(std::span<const ItemId> list, std::vector<double>& joint) const;
  // Of each item of a list at its position given those above it: what a ranking stores.
  void given_above(std::span<const ItemId> list, std::vector<double>& chances) const;

  // How often an eligible item is looked at: the sum over the first `positions` of its chance there times the
  // examination.
  double examined(ItemId item, const Examination& examination, std::size_t positions) const;

 private:
  std::span<const ItemId> order_;
  double eligible_;
  double explore_;
};

// The rows of the items that a request may be shown, as rank() chooses them, ascending; replaces what is in
// `rows`.
void find_eligible_rows(const Catalog& catalog, const RankRequest& request, std::vector<std::uint32_t>& rows);

}  // namespace rankloop::ml
