// History of other systems on its way into a store.
#pragma once

#include <string>
#include <vector>

#include "error/result.h"
#include "storage/records.h"

namespace rankloop::storage {

// Another system's order: it has no scores and no known chances.
Policy imported_policy();

// kInvalidArgument: a list is longer than kMaxRank, or feedback names what was not shown.
Status check_imported(const std::vector<ImportedRequest>& requests);
std::string packed_order(const ImportedRequest& request);
// "None chosen" of nothing is no evidence: it weighs nothing.
double weight_of(const ImportedRequest& request, const Feedback& feedback);

}  // namespace rankloop::storage
