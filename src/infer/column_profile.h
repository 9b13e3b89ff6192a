// What was seen in one column: counts, extremes, words and a few examples. Its memory is bounded, whatever
// the cells are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "infer/cell_shape.h"

namespace rankloop::infer {

inline constexpr std::size_t kMostWordBytes = 256;  // what a category takes

// How much a column may remember.
struct ProfileBounds {
  std::size_t words = 1'000;      // of each kind of words
  std::size_t distinct = 20'000;  // cells that are told apart

  // For so many columns together, some ten or hundred megabytes at most.
  static ProfileBounds of(std::size_t columns);
};

// How often each word came, up to a bound.
class WordCounts {
 public:
  void add(std::string_view word, std::size_t most);
  const std::unordered_map<std::string, std::uint32_t>& words() const { return words_; }
  std::uint64_t total() const { return total_; }
  bool cut() const { return cut_; }         // there were more, or longer ones
  std::uint32_t least() const;              // how often the rarest came
  std::vector<std::string> sorted() const;  // the commonest first

 private:
  std::unordered_map<std::string, std::uint32_t> words_;
  std::uint64_t total_ = 0;
  bool cut_ = false;
};

// Cells that are cut by one separator.
struct SeparatedWords {
  char separator = '|';
  std::size_t cells = 0;                    // that have it
  std::uint64_t longest = 0;                // bytes of a word
  std::size_t fewest = SIZE_MAX, most = 0;  // words of a cell
  std::uint64_t bytes = 0;                  // of all words
  WordCounts words;
};

// Mean and skewness of numbers, as they come.
class NumberSummary {
 public:
  void add(double x);
  double least() const { return least_; }
  double largest() const { return largest_; }
  double skewness() const;  // 0 where all are the same

 private:
  double n_ = 0, mean_ = 0, m2_ = 0, m3_ = 0;
  double least_ = 0, largest_ = 0;
};

struct ColumnProfile {
  explicit ColumnProfile(std::string column_name) : name(std::move(column_name)) {}

  void take(std::string_view cell, const ProfileBounds& bounds, CellKind kind = CellKind::kTable);

  std::size_t texts() const { return rows - empty; }             // cells with something in them
  std::size_t filled() const { return rows - empty - nothing; }  // that says something
  bool unique() const { return distinct_cells() == texts() && texts() > 0; }
  std::size_t distinct_cells() const { return distinct.size(); }
  bool distinct_cut() const { return !told_apart; }

  std::string name;
  std::size_t rows = 0;
  std::size_t empty = 0;
  std::size_t nothing = 0;  // NaN, NA, null ...; of JSON lists without an element
  bool of_json = false;     // of values that are what they are, not of cells
  std::size_t nested = 0;   // objects that are no places, and lists of others than words or numbers

  // Of cells that are filled.
  std::size_t numbers = 0, whole = 0, pointed = 0, fractions = 0, leading_zeros = 0, negative = 0, beyond = 0;
  std::size_t flags = 0, yes = 0;
  std::size_t dates = 0, moments = 0, naive_moments = 0, other_dates = 0, decorated = 0;
  std::size_t objects = 0, broken_lists = 0, word_lists = 0, places = 0, named_places = 0;
  std::size_t fractional_places = 0;  // with a point in both numbers
  std::size_t number_lists = 0, whole_lists = 0, int_lists = 0, bracketed = 0;
  std::size_t shortest_list = 0, longest_list = 0;
  NumberSummary summary;
  NumberSummary list_elements;

  std::size_t characters = 0, most_characters = 0, blanks = 0;
  bool told_apart = true;  // `distinct` holds all of them
  std::unordered_set<std::uint64_t> distinct;
  WordCounts words;  // the cells as words
  std::array<SeparatedWords, 3> separated{{{'|'}, {';'}, {','}}};
  WordCounts listed;                  // of JSON lists
  std::vector<std::string> examples;  // the first different ones, cut

 private:
  void take_value(std::string_view text, const ProfileBounds& bounds, CellKind kind);
  void take_shape(std::string_view cell, const CellShape& shape);
  void take_numbers(std::string_view cell);
  void take_words(std::string_view cell, const ProfileBounds& bounds);
  void take_example(std::string_view cell);
};

// On one line, short, in quotes.
std::string shortened(std::string_view text, std::size_t characters = 24);

}  // namespace rankloop::infer
