// The store: the only truth. One implementation per database (sqlite/, postgres/), one contract suite for all
// (tests/contract/storage). What it offers stands by subject in headers of their own; who uses it takes the
// subject that it needs. See writes.h for threads and errors.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "domain/clock.h"
#include "error/result.h"
#include "storage/answers.h"
#include "storage/catalog_store.h"
#include "storage/experiments.h"
#include "storage/history_reads.h"
#include "storage/inference_ledger.h"
#include "storage/learning_reads.h"
#include "storage/life.h"
#include "storage/listener.h"
#include "storage/persons.h"
#include "storage/records.h"
#include "storage/registry.h"
#include "storage/task_ledger.h"
#include "storage/writes.h"

namespace rankloop::telemetry {
class Logger;
struct StorageMetrics;
struct TaskMetrics;
}  // namespace rankloop::telemetry

namespace rankloop::storage {

struct StoreOptions {
  std::size_t max_waiting_tasks = 10'000;  // ready or scheduled; more starts are refused (kResourceExhausted)
  std::size_t max_waiting_writes = 20'000;  // in the writer's line
  std::size_t max_batch = 512;              // writes per transaction
  std::chrono::milliseconds lease{60'000};  // how long a claim holds without a heartbeat
  int max_attempts = 4;                     // lost leases count; then the task fails
  std::size_t cache_bytes = 16U << 20;      // page cache of all connections together
  int readers = 2;                          // read connections
  std::size_t max_artefact = 32U << 20;     // bytes of a model's artefact, written or read
  // Of a store on another machine: so long may it leave anybody without an answer (4 s at the least), and so
  // long may a process that writes stand still before the others go on without it.
  std::chrono::milliseconds deadline{5'000};
  std::chrono::milliseconds most_stall{2'000};
  // Counted into when given; must outlive the store. Of the tasks: attempts that are made again (after a
  // failure or a lost lease) and tasks that failed for good.
  telemetry::StorageMetrics* metrics = nullptr;
  telemetry::TaskMetrics* task_metrics = nullptr;
  // Told of what an operator has to know (writes that fail, a damaged log) when given; must outlive the
  // store.
  telemetry::Logger* log = nullptr;
  // Embedded only: the store is read and left as it is, also by its opening; writes are refused. It has to
  // have this program's schema.
  bool look = false;
  // What happens gets its position (history_reads.h), and at the opening what has none. It costs a lock at
  // every batch of a shared store; without it nothing is positioned.
  bool histories = false;
};

class Store : public TaskLedger,
              public InferenceLedger,
              public CatalogStore,
              public Registry,
              public Experiments,
              public LearningReads,
              public Answers,
              public Persons,
              public Life {
 public:
  using InferenceLedger::counts;  // the same of LearningReads
};

// Opens by URL: "sqlite:PATH" (a file; its folder must exist and be locked by the caller) or
// "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" (the database must exist). Creates tables and migrates as
// needed; tasks that the last process left unfinished are ready again: claim() hands them out at once, and
// the first sweep() announces them. `listener` must outlive the store. kInvalidArgument: no such kind of
// store; kDataLoss: the file is damaged; kFailedPrecondition: a newer or another program made it;
// kUnavailable: it cannot be opened or reached.
Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options,
                                          const Clock& clock, StoreListener& listener);
// Where a transaction costs much beside its rows, whoever works under load on a store of this address does
// better to wait so long for others between one and the next. 0: it costs nothing.
std::chrono::milliseconds worth_gathering(const std::string& url);

}  // namespace rankloop::storage
