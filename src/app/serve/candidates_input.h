// The candidates of a request as its body gives them: ids, or objects that say more of one, also mixed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/body_reader.h"
#include "domain/declared_inputs.h"
#include "domain/ids.h"
#include "domain/schema.h"
#include "error/result.h"

namespace rankloop::app {

// Of what one request says of its candidates, as it is kept.
inline constexpr std::size_t kMostCandidateBytes = 256 * 1024;

struct Candidates {
  std::vector<ItemId> items;  // in the request's order, doubled ones too
  std::string fields;         // see domain/candidate_fields.h; of doubled ones what is said first
};

// Nothing: the body has none. `fields`: what may be said of one; where that is nothing, there are ids only.
std::optional<Candidates> read_candidates(BodyReader& body, const ItemsInput& input, const ItemKeys& keys,
                                          const Schema& fields);

// What `given` says of one, as it is kept; empty: nothing. kInvalidArgument: its faults, at `loc`; a name
// that the domain does not declare is one, too, for a ranking without what was meant would be another one.
Result<std::string> read_candidate_fields(const Schema& fields, const boost::json::value& given,
                                          std::span<const std::string_view> loc);

}  // namespace rankloop::app
