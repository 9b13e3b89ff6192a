// History of other systems on its way into a store.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "error/result.h"
#include "storage/records.h"

namespace rankloop::storage {

// Another system's order: it has no scores, and known chances only where the request tells them.
Policy imported_policy(const ImportedRequest& request);

// The content that the store has under a key; nothing when it has none.
using StoredContent = std::function<std::optional<std::string>(const std::string& key)>;

// Those of the requests that the store does not have yet, in order. kAlreadyExists: a key comes with other
// content than it has in the store or earlier in the list.
Result<std::vector<const ImportedRequest*>> not_imported(const std::vector<ImportedRequest>& requests,
                                                         const StoredContent& stored);

// kInvalidArgument: a list is longer than kMaxRank, feedback names what was not shown, or there is not one
// propensity for each item.
Status check_imported(const std::vector<ImportedRequest>& requests);
std::string packed_order(const ImportedRequest& request);
// "None chosen" of nothing is none.
bool is_evidence(const ImportedRequest& request, const Feedback& feedback);

}  // namespace rankloop::storage
