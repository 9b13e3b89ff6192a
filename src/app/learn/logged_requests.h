// The shown requests of a part of the ledger, streamed for those who rank them again. Where the domain has
// histories each comes with what was known to it, so they come in the order of what they knew, which is
// nearly that of their numbers.
#pragma once

#include <functional>
#include <stop_token>

#include "app/serve/history_walk.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"
#include "storage/store.h"

namespace rankloop::app {

// Those numbered behind `after`, up to `last`, that are wanted.
struct LoggedRange {
  InferenceId after;
  InferenceId last;
  std::function<bool(const storage::ShownRequest&)> wanted;
};

// With each the number up to which requests have been read, and what was known (null: the domain has no
// histories). May read from the store; must not keep what it was given.
using VisitLogged = std::function<void(const storage::ShownRequest&, InferenceId, const KnownHistory*)>;

// Blocks. Memory does not grow with the requests but for thirty bytes of each, and a state of every person
// among them, where there are histories. kAborted when a stop was requested; the store's errors.
Status each_logged_request(const Domain& domain, storage::Store& store, const LoggedRange& range,
                           const VisitLogged& visit, const std::stop_token& stop);

}  // namespace rankloop::app
