// Counts what the cells of a column look like.
#include "infer/column_profile.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "domain/table_cells.h"
#include "domain/utf8.h"

namespace rankloop::infer {
namespace {

constexpr double kLargestExactInt = 9'007'199'254'740'992;  // 2^53
constexpr std::size_t kMostExamples = 3;
constexpr std::size_t kMostWordsOfCell = 1'024;  // elements of tags

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::size_t& raise(std::size_t& count, bool holds) {
  return count += holds ? 1 : 0;
}

}  // namespace

ProfileBounds ProfileBounds::of(std::size_t columns) {
  constexpr std::size_t kWords = 100'000;
  constexpr std::size_t kDistinct = 4'000'000;
  const std::size_t n = std::max<std::size_t>(columns, 1);
  return {std::clamp<std::size_t>(kWords / n, 50, 1'000),
          std::clamp<std::size_t>(kDistinct / n, 2'000, 1'000'000)};
}

void WordCounts::add(std::string_view word, std::size_t most) {
  ++total_;
  if (word.size() > kMostWordBytes) {
    cut_ = true;
    return;
  }
  const auto known = words_.find(std::string{word});
  if (known != words_.end()) {
    ++known->second;
  } else if (words_.size() < most) {
    words_.emplace(word, 1);
  } else {
    cut_ = true;
  }
}

std::uint32_t WordCounts::least() const {
  std::uint32_t least = words_.empty() ? 0 : UINT32_MAX;
  for (const auto& [word, count] : words_) least = std::min(least, count);
  return least;
}

std::vector<std::string> WordCounts::sorted() const {
  std::vector<std::string> all;
  for (const auto& [word, count] : words_) all.push_back(word);
  std::sort(all.begin(), all.end(), [&](const std::string& a, const std::string& b) {
    const std::uint32_t of_a = words_.at(a);
    const std::uint32_t of_b = words_.at(b);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  return all;
}

// Pébay, "Formulas for robust, one-pass parallel computation of covariances and higher-order moments" (2008).
void NumberSummary::add(double x) {
  least_ = n_ == 0 ? x : std::min(least_, x);
  largest_ = n_ == 0 ? x : std::max(largest_, x);
  const double before = n_++;
  const double delta = x - mean_;
  const double part = delta / n_;
  const double term = delta * part * before;
  mean_ += part;
  m3_ += term * part * (n_ - 2) - 3 * part * m2_;
  m2_ += term;
}

double NumberSummary::skewness() const {
  return m2_ > 0 ? std::sqrt(n_) * m3_ / std::pow(m2_, 1.5) : 0;
}

void ColumnProfile::take(std::string_view cell, const ProfileBounds& bounds, CellKind kind) {
  of_json = kind != CellKind::kTable;
  const std::string_view text = of_json ? cell : trimmed(cell);
  ++rows;
  if (text.empty()) {
    ++empty;
    return;
  }
  if (distinct.size() < bounds.distinct) {
    distinct.insert(std::hash<std::string_view>{}(text));
  } else {
    told_apart = false;
  }
  words.add(text, bounds.words);
  take_example(text);
  if (of_json ? text == "[]" && kind == CellKind::kList : is_word_for_nothing(text)) {
    ++nothing;
    return;
  }
  take_value(text, bounds, kind);
}

void ColumnProfile::take_value(std::string_view text, const ProfileBounds& bounds, CellKind kind) {
  const CellShape shape = shape_of(text, kind);
  const bool list = kind == CellKind::kList;
  const bool of_others = list && !shape.word_list && !numbers_in(text);
  raise(nested, of_others || (kind == CellKind::kObject && !shape.place_named));
  take_shape(text, shape);
  if (shape.number || (!list && kind != CellKind::kTable)) return;
  take_numbers(text);
  take_words(text, bounds);
}

void ColumnProfile::take_shape(std::string_view cell, const CellShape& shape) {
  const std::size_t length = characters_in(cell);
  characters += length;
  most_characters = std::max(most_characters, length);
  blanks += static_cast<std::size_t>(std::count(cell.begin(), cell.end(), ' '));
  raise(flags, shape.flag.has_value());
  raise(yes, shape.flag == true);
  if (shape.number) {
    ++numbers;
    raise(whole, shape.whole);
    raise(fractions, !shape.whole);
    raise(pointed, shape.pointed);
    raise(leading_zeros, shape.leading_zero);
    raise(negative, *shape.number < 0);
    raise(beyond, std::abs(*shape.number) > kLargestExactInt);
    summary.add(*shape.number);
    return;
  }
  raise(dates, shape.date);
  raise(moments, shape.moment);
  raise(naive_moments, shape.naive_moment);
  raise(other_dates, shape.other_date);
  raise(decorated, shape.decorated);
  raise(objects, shape.object);
  raise(broken_lists, shape.broken_list);
  raise(places, shape.place || shape.place_named);
  raise(named_places, shape.place_named);
  raise(fractional_places, shape.place && std::count(cell.begin(), cell.end(), '.') == 2);
  raise(word_lists, shape.word_list);
}

void ColumnProfile::take_numbers(std::string_view cell) {
  const auto found = numbers_in(cell);
  if (!found || (found->numbers.size() < 2 && !found->brackets)) return;
  const std::size_t size = found->numbers.size();
  shortest_list = number_lists == 0 ? size : std::min(shortest_list, size);
  longest_list = std::max(longest_list, size);
  ++number_lists;
  raise(whole_lists, found->whole);
  raise(int_lists, found->is_int_list);
  raise(bracketed, found->brackets);
  for (const double number : found->numbers) list_elements.add(number);
}

void ColumnProfile::take_words(std::string_view cell, const ProfileBounds& bounds) {
  if (const auto list = cell.front() == '[' ? words_in_json(cell) : std::nullopt) {
    for (const std::string& word : *list) listed.add(word, bounds.words);
    return;
  }
  for (SeparatedWords& each : separated) {
    raise(each.cells, cell.find(each.separator) != std::string_view::npos);
    std::string_view rest = cell;
    std::size_t count = 0;
    for (std::size_t i = 0; i < kMostWordsOfCell && !rest.empty(); ++i) {
      const std::size_t end = rest.find(each.separator);
      const std::string_view word = trimmed(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      if (word.empty()) continue;
      ++count;
      each.words.add(word, bounds.words);
      each.bytes += word.size();
      each.longest = std::max<std::uint64_t>(each.longest, word.size());
    }
    each.fewest = std::min(each.fewest, count);
    each.most = std::max(each.most, count);
  }
}

void ColumnProfile::take_example(std::string_view cell) {
  if (examples.size() >= kMostExamples) return;
  std::string example = shortened(cell);
  if (std::find(examples.begin(), examples.end(), example) == examples.end())
    examples.push_back(std::move(example));
}

std::string shortened(std::string_view text, std::size_t characters) {
  std::string_view part = utf8_prefix(text, characters * 2);
  while (characters_in(part) > characters) part = utf8_prefix(part, part.size() - 1);
  std::string out{part};
  if (part.size() < text.size()) out += "...";
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return "'" + out + "'";
}

}  // namespace rankloop::infer
