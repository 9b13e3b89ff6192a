// The tables on their way into the new catalog's store.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "app/serve/item_import.h"
#include "cli/history_report.h"
#include "cli/quickstart/event_log.h"
#include "cli/quickstart/new_catalog.h"
#include "server/offline.h"

namespace rankloop::cli {

struct ItemsIn {
  app::ImportReport report;
  bool there_before = false;  // rows that are numbered are not imported twice
  std::string bad_rows_file;  // empty: no row is bad
};

struct HistoryIn {
  bool events = false;  // of which lists were made
  ItemMatches items;
  EventLog log;  // of events: what was left out of them; without the events
  Imported imported;
  std::vector<app::BadRow> bad;   // rows, or requests with all their rows, that were left out
  std::size_t bad_untold = 0;     // more of them, which are too many to be told apart
  std::string bad_rows_file;      // empty: none is bad
  std::size_t facts = 0;          // rows of the table of requests
  std::size_t facts_refused = 0;  // that cannot be read
};

// Whether the history can be imported at all. kInvalidArgument says what its columns lack.
Status check_history(const NewCatalog& catalog, const QuickstartOptions& options);

// Bad rows are passed over and kept in the data directory. kInvalidArgument: no row is good; kUnavailable: a
// stop was requested.
Result<ItemsIn> bring_items(server::Offline& offline, const NewCatalog& catalog,
                            const QuickstartOptions& options, const std::stop_token& stop);

// Bad rows are passed over and kept in the data directory. kInvalidArgument: no row names an item of the
// catalog, or none says that something was picked; kAborted: a stop was requested.
Result<HistoryIn> bring_history(server::Offline& offline, const NewCatalog& catalog,
                                const QuickstartOptions& options, const std::stop_token& stop);

}  // namespace rankloop::cli
