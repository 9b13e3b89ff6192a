// What wishes say of positions: which item stands at one whatever is thought of it, and how many items of a
// word may stand above one. Items are named by their places in a slate, the model's best first.
//
// From the top down this says of each position what may stand there. Who fills positions, greedily or by
// chance, chooses among that, so that a chance is exact given what stands above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace rankloop::ml {

struct Placing {
  // At most `most` items of a code at the first positions.
  struct Bound {
    std::size_t most = 0;
    std::size_t first = 0;
    std::vector<std::int32_t> codes{};  // by place; kAbsentCode: not counted
  };
  struct Pin {
    std::size_t index = 0;    // of the position, from 0
    std::uint32_t place = 0;  // in the slate
  };
  std::vector<Bound> bounds;
  std::vector<Pin> pins;  // each of another position and another place

  bool empty() const { return bounds.empty() && pins.empty(); }
  // Below so many positions nothing is said.
  std::size_t reach() const;
};

// Goes down one list. Borrows the placing.
class Placer {
 public:
  explicit Placer(const Placing& placing);

  std::optional<std::uint32_t> pinned_at(std::size_t index) const;
  bool is_pinned(std::uint32_t place) const;
  // Whether no bound speaks against it, given what was put so far.
  bool may_stand(std::uint32_t place, std::size_t index) const;
  // Those of `left` that may stand there; where none may, the bounds give way: all of them. Until the next
  // call.
  std::span<const std::uint32_t> allowed(std::span<const std::uint32_t> left, std::size_t index);
  bool is_bounded(std::size_t index) const;
  bool same_bounds(std::size_t index) const;  // as at the position above
  // Whether there is now as much of it as some bound lets stand.
  bool put(std::uint32_t place, std::size_t index);

 private:
  const Placing& placing_;
  // By bound: how many of a code there are among its first positions, pinned ones from the start.
  std::vector<std::unordered_map<std::int32_t, std::size_t>> counts_;
  std::vector<std::uint32_t> some_;
};

// The places 0..size-1 as they stand from the top when each position takes the first that may stand there.
std::vector<std::uint32_t> arranged(const Placing& placing, std::size_t size);

// How likely an order that draws each position evenly from what may stand there shows a list, item by item,
// given those above. `list`: its places, of `size` that there are.
std::vector<double> even_chances(const Placing& placing, std::size_t size,
                                 std::span<const std::uint32_t> list);

}  // namespace rankloop::ml
