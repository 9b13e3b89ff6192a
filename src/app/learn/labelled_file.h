// A labelled file: rows to train on that somebody else has gathered, as TSV or CSV with a header.
//
// Columns by name: every feature of the domain, or the fields that it is derived from; `label` (0, 1, a share
// between, or a grade above); and optionally `request` (rows of one request are brought together, in the
// order of their first rows), `weight` (above 0), the item's id, and `user_key` (who asked; empty: nobody
// said). Cells are read as in an import (domain/table_cells.h), dates and moments also as the numbers that
// they are to a model; without a value the field's default counts, else it is absent. The domain's crosses
// are made from the same columns; a cross of a field that is no feature reads the column of that field's
// name, and has the field's default, or is absent, without one. Other columns are ignored.
#pragma once

#include <string>
#include <string_view>

#include "domain/domain.h"
#include "domain/item_keys.h"
#include "error/result.h"
#include "ml/labelled_rows.h"

namespace rankloop::app {

// kInvalidArgument names the file, line, column, value and what is allowed; or every missing column.
// Keys of items that `keys` does not know are appended to it, where the domain's ids are texts.
Result<ml::LabelledRows> read_labelled(std::string_view text, std::string_view file_name,
                                       const Domain& domain, bool crosses, ItemKeys& keys);

}  // namespace rankloop::app
