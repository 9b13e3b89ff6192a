// Whether what histories said of each ranking comes out the same when the ledger is gone through again.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "domain/domain.h"
#include "storage/store.h"

namespace rankloop::app {

struct HistoryCheck {
  std::int64_t checked = 0;         // rankings whose hash was made again
  std::int64_t without = 0;         // that kept none: imported, or from before the domain had histories
  std::vector<TaskId> differing{};  // the first of them, at most kMostNamed
  std::int64_t differ = 0;
  std::int64_t position = 0;  // of the ledger, as far as it was gone through

  static constexpr std::size_t kMostNamed = 20;
};

// Of the newest `newest` requests that were shown; 0: of all. Blocks; `progress` gets the share that is done.
// kFailedPrecondition: the domain has no histories; kAborted: a stop was requested.
Result<HistoryCheck> check_histories(const Domain& domain, storage::Store& store, std::int64_t newest,
                                     const std::function<void(double)>& progress,
                                     const std::stop_token& stop);

}  // namespace rankloop::app
