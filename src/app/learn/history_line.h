// One line of imported history: a request of another system, taken apart and checked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/unknown_names.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "domain/item_keys.h"
#include "ml/catalog.h"
#include "storage/records.h"

namespace rankloop::app {

inline constexpr std::size_t kMaxHistoryFaults = 100;

// What a line may be held against; borrowed.
struct HistoryContext {
  const Domain& domain;
  int domain_version = 0;
  const ml::Catalog& catalog;
  const ItemKeys& keys;
  WallTime now;
};

// The request of a line, without its task's id. Names that nobody knows are counted into `unknown` ("agee" of
// the request as "request.agee"). kInvalidArgument: its faults, at {"line <number>", ...}, a hundred at most.
Result<storage::ImportedRequest> read_history_line(const HistoryContext& context, std::string_view line,
                                                   std::size_t number, UnknownNames& unknown);

// Names that a line may have, and its request's with "request." before them.
std::vector<std::string> history_names(const Domain& domain);

}  // namespace rankloop::app
