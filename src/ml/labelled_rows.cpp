// Adds, selects and divides rows.
#include "ml/labelled_rows.h"

#include <cmath>

#include "ml/random_numbers.h"

namespace rankloop::ml {

Person person_number(std::string_view user_key) {
  return user_key.empty() ? 0 : hash_text(user_key);
}

FeatureRows FeatureRows::some(std::size_t first, std::size_t count) const {
  FeatureRows part = *this;
  part.values = values.subspan(first * width, count * width);
  if (!items.empty()) part.items = items.subspan(first, count);
  if (!people.empty()) part.people = people.subspan(first, count);
  part.first_code = first_code + first;
  return part;
}

LabelledRows LabelledRows::like(const LabelledRows& others) {
  LabelledRows rows;
  rows.width = others.width;
  rows.codes.resize(others.codes.size());
  rows.dictionary = others.dictionary;
  return rows;
}

void LabelledRows::add(const LabelledRows& others, std::size_t row) {
  const auto numbers = others.row(row);
  values.insert(values.end(), numbers.begin(), numbers.end());
  for (std::size_t c = 0; c < codes.size(); ++c) codes[c].append(others.codes[c].at(row));
  labels.push_back(others.labels[row]);
  if (!others.weights.empty()) weights.push_back(others.weights[row]);
  if (!others.requests.empty()) requests.push_back(others.requests[row]);
  if (!others.items.empty()) items.push_back(others.items[row]);
  if (!others.people.empty()) people.push_back(others.people[row]);
  if (!others.shown.empty()) shown.push_back(others.shown[row]);
}

LabelledRows slice(const LabelledRows& rows, std::size_t first, std::size_t last) {
  LabelledRows some = LabelledRows::like(rows);
  some.values.reserve((last - first) * rows.width);
  for (std::size_t row = first; row < last; ++row) some.add(rows, row);
  return some;
}

LabelledRows joined(const LabelledRows& rows, const LabelledRows& later) {
  LabelledRows all = rows;
  for (std::size_t row = 0; row < later.rows(); ++row) all.add(later, row);
  return all;
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
