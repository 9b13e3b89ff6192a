// A history without lists: each of its rows says that somebody picked something, and no row what else was
// there to pick. Most logs of clicks, orders and ratings are of this kind.
#pragma once

#include "infer/column_roles.h"

namespace rankloop::infer {

// Whether rows of a request say of items that they were shown and not picked.
bool has_lists(const HistoryRoles& roles, const TableSample& history);

// The roles of the same columns where rows are events: a person is no request, any moment will do, a quantity
// says that something was picked, and no column is a field of the request, for it may speak of what was
// picked. The doubts are those of events alone.
HistoryRoles as_events(HistoryRoles roles, const TableSample& history);

}  // namespace rankloop::infer
