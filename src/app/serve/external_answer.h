// What a worker of another program answers to a request for a ranking.
#pragma once

#include <span>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/item_keys.h"
#include "domain/ranking.h"
#include "error/result.h"

namespace rankloop::app {

// The ranking in a list of item ids, best first, or of pairs [id, score], which are put in order of their
// scores (of equal ones the earlier first); without scores every score is 0. At most `best` items.
// kInvalidArgument when it is no such list, an id is not among `items` (ascending) or there twice, or a score
// is no finite number.
Result<std::vector<RankedItem>> read_external_answer(const boost::json::value& answer,
                                                     std::span<const ItemId> items, const ItemKeys& keys,
                                                     int best);

}  // namespace rankloop::app
