// Keeps count of what stands where.
#include "ml/placing.h"

#include <algorithm>
#include <numeric>

#include "ml/code_column.h"

namespace rankloop::ml {

std::size_t Placing::reach() const {
  std::size_t reach = 0;
  for (const Bound& bound : bounds) reach = std::max(reach, bound.first);
  for (const Pin& pin : pins) reach = std::max(reach, pin.index + 1);
  return reach;
}

Placer::Placer(const Placing& placing) : placing_(placing), counts_(placing.bounds.size()) {
  for (std::size_t b = 0; b < counts_.size(); ++b) {
    for (const Placing::Pin& pin : placing.pins) {
      if (pin.index < placing.bounds[b].first) ++counts_[b][placing.bounds[b].codes[pin.place]];
    }
  }
}

std::optional<std::uint32_t> Placer::pinned_at(std::size_t index) const {
  const auto pin = std::ranges::find(placing_.pins, index, &Placing::Pin::index);
  return pin == placing_.pins.end() ? std::nullopt : std::optional(pin->place);
}

bool Placer::is_pinned(std::uint32_t place) const {
  return std::ranges::find(placing_.pins, place, &Placing::Pin::place) != placing_.pins.end();
}

bool Placer::may_stand(std::uint32_t place, std::size_t index) const {
  for (std::size_t b = 0; b < counts_.size(); ++b) {
    const Placing::Bound& bound = placing_.bounds[b];
    if (index >= bound.first || bound.codes[place] == kAbsentCode) continue;
    const auto count = counts_[b].find(bound.codes[place]);
    if (count != counts_[b].end() && count->second >= bound.most) return false;
  }
  return true;
}

std::span<const std::uint32_t> Placer::allowed(std::span<const std::uint32_t> left, std::size_t index) {
  if (!is_bounded(index)) return left;
  some_.clear();
  for (const std::uint32_t place : left) {
    if (may_stand(place, index)) some_.push_back(place);
  }
  return some_.empty() ? left : std::span<const std::uint32_t>(some_);
}

bool Placer::is_bounded(std::size_t index) const {
  return std::ranges::any_of(placing_.bounds,
                             [&](const Placing::Bound& bound) { return index < bound.first; });
}

bool Placer::same_bounds(std::size_t index) const {
  return std::ranges::none_of(placing_.bounds,
                              [&](const Placing::Bound& bound) { return index == bound.first; });
}

bool Placer::put(std::uint32_t place, std::size_t index) {
  bool full = false;
  for (std::size_t b = 0; b < counts_.size(); ++b) {
    const Placing::Bound& bound = placing_.bounds[b];
    if (index >= bound.first || bound.codes[place] == kAbsentCode) continue;
    full |= ++counts_[b][bound.codes[place]] == bound.most;
  }
  return full;
}

std::vector<std::uint32_t> arranged(const Placing& placing, std::size_t size) {
  std::vector<std::uint32_t> order;
  order.reserve(size);
  Placer placer(placing);
  std::vector<std::uint32_t> left(size);
  std::iota(left.begin(), left.end(), 0U);
  if (!placing.pins.empty())
    std::erase_if(left, [&](std::uint32_t place) { return placer.is_pinned(place); });
  const std::size_t reach = std::min(placing.reach(), size);
  for (std::size_t index = 0; index < reach; ++index) {
    if (const auto pinned = placer.pinned_at(index)) {
      order.push_back(*pinned);
      continue;
    }
    auto next =
        std::ranges::find_if(left, [&](std::uint32_t place) { return placer.may_stand(place, index); });
    if (next == left.end()) next = left.begin();
    placer.put(*next, index);
    order.push_back(*next);
    left.erase(next);
  }
  order.insert(order.end(), left.begin(), left.end());
  return order;
}

std::vector<double> even_chances(const Placing& placing, std::size_t size,
                                 std::span<const std::uint32_t> list) {
  Placer placer(placing);
  std::vector<std::uint32_t> left(size);
  std::iota(left.begin(), left.end(), 0U);
  if (!placing.pins.empty())
    std::erase_if(left, [&](std::uint32_t place) { return placer.is_pinned(place); });
  std::vector<double> chances;
  chances.reserve(list.size());
  std::optional<std::size_t> allowed;  // nothing: to be counted anew
  const std::size_t reach = std::min(placing.reach(), list.size());
  for (std::size_t index = 0; index < reach; ++index) {
    if (placer.pinned_at(index)) {
      chances.push_back(1);
      continue;
    }
    if (!placer.is_bounded(index))
      allowed = left.size();
    else if (!allowed || !placer.same_bounds(index))
      allowed = placer.allowed(left, index).size();
    chances.push_back(1 / static_cast<double>(*allowed));
    const bool stood = placer.may_stand(list[index], index);
    const bool full = placer.put(list[index], index);
    left.erase(std::ranges::lower_bound(left, list[index]));
    allowed = full || !stood ? std::nullopt : std::optional(*allowed - 1);
  }
  for (std::size_t index = reach; index < list.size(); ++index)
    chances.push_back(1 / static_cast<double>(left.size() - (index - reach)));
  return chances;
}

}  // namespace rankloop::ml
