// The first row of a table: what separates its cells, and what its columns are called.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "tables/row_reader.h"

namespace rankloop::tables {

inline constexpr std::array<char, 4> kSeparators = {',', ';', '\t', '|'};
inline constexpr std::array<std::string_view, 5> kSeparatorNames = {"auto", "comma", "semicolon", "tab",
                                                                    "bar"};
std::string_view name_of_separator(char separator);
// Of a name, or the character itself; 0 for "auto".
std::optional<char> separator_named(std::string_view name);

// The separator by which the row that the reader stands on has the most of the known names, the first of
// equals: the one that the reader has, a comma, a semicolon, a tab, a bar. Where no name is known: the one
// that the reader has, unless the row is a single cell with it and several with another.
char separator_of(DelimitedReader& reader, std::span<const std::string_view> known);
// Of a text, whose columns nobody knows.
char separator_of(std::string_view text, char expected);

// The names of the row that the reader stands on, without blanks at their ends. kInvalidArgument says in one
// sentence, without the line, why they cannot be names of columns: one goes over several lines, or stands
// there twice.
Result<std::vector<std::string>> header_names(const DelimitedReader& reader);

// Whether a row is the header once more, as where several tables were put one behind another. Of a table
// with one column nobody can tell.
bool repeats(std::span<const std::string> header, std::span<const std::string_view> cells);

// "'a', 'b', 'c'", cut after some.
std::string listed(const std::vector<std::string>& names);
// The end of a sentence about missing columns: ", did you mean 'price' for 'Price'?" where one is nearly
// there, else ".".
std::string nearest_columns(const std::vector<std::string>& missing, const std::vector<std::string>& header);

}  // namespace rankloop::tables
