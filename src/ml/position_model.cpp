// Puts shows and picks into a table and holds a product of two margins against it.
#include "ml/position_model.h"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/gamma.hpp>

namespace rankloop::ml {
namespace {

constexpr std::size_t kBins = 4;
constexpr std::size_t kFewestPicks = 5 * kBins;  // of a group

// The last position of each group.
std::vector<std::int32_t> group_positions(std::span<const ShownAtRandom> rows) {
  std::vector<std::size_t> picks;  // [position - 1]
  for (const ShownAtRandom& row : rows) {
    const auto at = static_cast<std::size_t>(row.position);
    if (at > picks.size()) picks.resize(at);
    picks[at - 1] += row.picked ? 1 : 0;
  }
  std::vector<std::int32_t> last;
  std::size_t gathered = 0;
  for (std::size_t k = 0; k < picks.size(); ++k) {
    gathered += picks[k];
    if (gathered < kFewestPicks) continue;
    last.push_back(static_cast<std::int32_t>(k + 1));
    gathered = 0;
  }
  if (!last.empty()) last.back() = static_cast<std::int32_t>(picks.size());  // takes what is left in
  return last;
}

// A score belongs to the first bin whose edge is not below it, or to the last one.
std::vector<double> bin_edges(std::span<const ShownAtRandom> rows) {
  std::vector<double> picked;
  for (const ShownAtRandom& row : rows) {
    if (row.picked) picked.push_back(row.score);
  }
  if (picked.empty()) return {};
  std::sort(picked.begin(), picked.end());
  std::vector<double> edges;
  for (std::size_t b = 1; b < kBins; ++b) edges.push_back(picked[(picked.size() - 1) * b / kBins]);
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  while (!edges.empty() && edges.back() >= picked.back()) edges.pop_back();  // no pick would lie above
  return edges;
}

// Groups of positions by bins of scores.
struct Table {
  Table(std::size_t its_groups, std::size_t its_bins)
      : groups(its_groups), bins(its_bins), shown(groups * bins), picks(groups * bins) {}
  std::size_t cell(std::size_t group, std::size_t bin) const { return group * bins + bin; }

  std::size_t groups;
  std::size_t bins;
  std::vector<double> shown;
  std::vector<double> picks;
};

Table tabulated(std::span<const ShownAtRandom> rows, std::span<const std::int32_t> last,
                std::span<const double> edges) {
  Table table(last.size(), edges.size() + 1);
  for (const ShownAtRandom& row : rows) {
    const auto group = std::lower_bound(last.begin(), last.end(), row.position) - last.begin();
    const auto bin = std::lower_bound(edges.begin(), edges.end(), row.score) - edges.begin();
    const std::size_t cell = table.cell(static_cast<std::size_t>(group), static_cast<std::size_t>(bin));
    table.shown[cell] += 1;
    table.picks[cell] += row.picked ? 1 : 0;
  }
  return table;
}

// n p r, its margins those of the picks.
std::vector<double> expected_picks(const Table& table) {
  std::vector<double> expected = table.shown;
  for (int step = 0; step < 200; ++step) {
    double moved = 0;
    const auto fit = [&](std::size_t outer, std::size_t inner, const auto& cell_of) {
      for (std::size_t o = 0; o < outer; ++o) {
        double picks = 0;
        double sum = 0;
        for (std::size_t i = 0; i < inner; ++i) {
          picks += table.picks[cell_of(o, i)];
          sum += expected[cell_of(o, i)];
        }
        if (!(sum > 0)) continue;
        moved = std::max(moved, std::abs(picks / sum - 1));
        for (std::size_t i = 0; i < inner; ++i) expected[cell_of(o, i)] *= picks / sum;
      }
    };
    fit(table.groups, table.bins, [&](std::size_t group, std::size_t bin) { return table.cell(group, bin); });
    fit(table.bins, table.groups, [&](std::size_t bin, std::size_t group) { return table.cell(group, bin); });
    if (moved < 1e-9) break;
  }
  return expected;
}

}  // namespace

std::optional<PositionModelTest> test_position_model(std::span<const ShownAtRandom> rows) {
  PositionModelTest test;
  test.last_positions = group_positions(rows);
  const std::vector<double> edges = bin_edges(rows);
  test.bins = edges.size() + 1;
  if (test.last_positions.size() < 2 || test.bins < 2) return std::nullopt;
  const Table table = tabulated(rows, test.last_positions, edges);
  const std::vector<double> expected = expected_picks(table);
  for (std::size_t cell = 0; cell < expected.size(); ++cell) {
    test.picks += static_cast<std::size_t>(table.picks[cell]);
    if (!(expected[cell] > 0)) continue;
    const double distance = table.picks[cell] - expected[cell];
    test.chi_squared += distance * distance / expected[cell];
  }
  test.degrees = (table.groups - 1) * (table.bins - 1);
  test.p_value = boost::math::gamma_q(static_cast<double>(test.degrees) / 2, test.chi_squared / 2);
  test.worst_on_top = table.picks[0];
  test.worst_on_top_expected = expected[0];
  return test;
}

}  // namespace rankloop::ml
