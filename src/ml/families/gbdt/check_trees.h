// Checks trees before XGBoost reads them: the library trusts the numbers of children, columns and groups, and
// a wrong one would make it read or write beyond its memory.
#pragma once

#include <cstddef>
#include <string_view>

#include "error/result.h"

namespace rankloop::ml {

// `text`: a model in XGBoost's JSON schema, as Booster::text() gives it. kDataLoss, naming what is wrong: it
// is no such model, its trees do not end or are not binary, or they ask for another number of columns.
Status check_trees(std::string_view text, std::size_t width);

}  // namespace rankloop::ml
