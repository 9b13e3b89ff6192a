// What the cells of a table say, where that is plain whoever wrote it. One rule for items, history and
// labelled files. Cells come without blanks at their ends.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/clock.h"
#include "domain/schema.h"

namespace rankloop {

// What a cell gives a field, as JSON that the field then reads or refuses; nothing: the cell is empty or says
// that there is no value.
std::optional<boost::json::value> cell_value(const Field& field, std::string_view cell);

// A finite decimal number, "3.5", "+3", "1e3"; nothing for any other text, an empty one too.
std::optional<double> cell_number(std::string_view cell);

// The numbers of a list, "3;4;5" or "[3,4,5]"; nothing when one of them is none.
std::optional<std::vector<double>> cell_list(std::string_view cell);

// 1, true, t, yes, y, on, 1.0 and their opposites, in small or capital letters.
std::optional<bool> cell_flag(std::string_view cell);

// A moment as calendar.h reads it, or seconds since 1970. Larger numbers than 10^11 are no seconds of this
// age, but milliseconds or less: nothing.
std::optional<WallTime> cell_moment(std::string_view cell);

// NaN, NA, N/A, <NA>, NaT, null, None, \N and ?: what pandas, R, databases and collections of data sets write
// where there is no value.
bool is_word_for_nothing(std::string_view cell);

}  // namespace rankloop
