#include "ml/examination.h"

#include <algorithm>
#include <cstddef>

namespace rankloop::ml {
namespace {

constexpr double kFewestPicks = 50;  // on randomised rows, to say anything of positions

struct Pool {
  double picks = 0;
  double shown = 0;
  std::size_t positions = 1;
  double rate() const { return picks / shown; }
};

// Pool adjacent violators: rates that never rise.
std::vector<Pool> pooled(const std::vector<Pool>& positions) {
  std::vector<Pool> pools;
  for (Pool next : positions) {
    while (!pools.empty() && pools.back().rate() < next.rate()) {
      next = {pools.back().picks + next.picks, pools.back().shown + next.shown,
              pools.back().positions + next.positions};
      pools.pop_back();
    }
    pools.push_back(next);
  }
  return pools;
}

}  // namespace

double Examination::at(int position) const {
  if (at_position.empty() || position < 1) return 1;
  return at_position[std::min(static_cast<std::size_t>(position), at_position.size()) - 1];
}

Examination estimate_examination(const LabelledRows& rows, std::span<const std::uint8_t> randomised) {
  std::vector<Pool> positions;
  double picks = 0;
  for (std::size_t r = 0; r < rows.shown.size(); ++r) {
    if (randomised[r] == 0 || rows.shown[r].position < 1) continue;
    const auto at = static_cast<std::size_t>(rows.shown[r].position) - 1;
    if (positions.size() <= at) positions.resize(at + 1);
    const auto weight = static_cast<double>(rows.weight(r));
    positions[at].shown += weight;
    positions[at].picks += weight * static_cast<double>(rows.labels[r]);
    picks += weight * static_cast<double>(rows.labels[r]);
  }
  // A position that was never shown ends the curve.
  const auto end =
      std::find_if(positions.begin(), positions.end(), [](const Pool& p) { return p.shown <= 0; });
  positions.erase(end, positions.end());
  if (picks < kFewestPicks || positions.empty()) return {};
  Examination examination;
  const std::vector<Pool> pools = pooled(positions);
  for (const Pool& pool : pools) {
    examination.at_position.insert(examination.at_position.end(), pool.positions,
                                   std::max(pool.rate() / pools.front().rate(), 1e-3));
  }
  return examination;
}

void weigh_by_examination(LabelledRows& rows, const Examination& examination, double cap) {
  if (examination.at_position.empty() || rows.shown.empty()) return;
  if (rows.weights.empty()) rows.weights.assign(rows.rows(), 1);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const double stands_for = std::min(cap, 1 / examination.at(rows.shown[r].position));
    // A soft label is split into its picks and the rest: only the picks weigh more.
    const double picks = static_cast<double>(rows.labels[r]) * stands_for;
    const double rest = 1 - static_cast<double>(rows.labels[r]);
    rows.weights[r] = static_cast<float>(static_cast<double>(rows.weights[r]) * (picks + rest));
    rows.labels[r] = picks + rest > 0 ? static_cast<float>(picks / (picks + rest)) : 0.0F;
  }
}

}  // namespace rankloop::ml
