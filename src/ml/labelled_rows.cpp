// Adds, selects and divides rows.
#include "ml/labelled_rows.h"

#include <cmath>

namespace rankloop::ml {
namespace {

template <class T>
std::vector<T> part(const std::vector<T>& all, std::size_t first, std::size_t last) {
  if (all.empty()) return {};
  const auto at = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
  return {at(first), at(last)};
}

}  // namespace

LabelledRows slice(const LabelledRows& rows, std::size_t first, std::size_t last) {
  LabelledRows some;
  some.features = rows.features;
  some.values = part(rows.values, first * rows.features, last * rows.features);
  some.labels = part(rows.labels, first, last);
  some.weights = part(rows.weights, first, last);
  some.requests = part(rows.requests, first, last);
  some.items = part(rows.items, first, last);
  some.shown = part(rows.shown, first, last);
  return some;
}

std::size_t split_row(const LabelledRows& rows, double share) {
  std::vector<std::size_t> begins;  // of each request
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (r == 0 || rows.requests.empty() || rows.requests[r] != rows.requests[r - 1]) begins.push_back(r);
  }
  const std::size_t requests = begins.size();
  const auto later = static_cast<std::size_t>(std::lround(share * static_cast<double>(requests)));
  return later == 0 ? rows.rows() : begins[requests - later];
}

}  // namespace rankloop::ml
