// The writer's transaction: each write in a savepoint of it.
#include "storage/sqlite/transaction.h"

#include <new>

#include "error/caught.h"

namespace rankloop::storage::sqlite {
namespace {

// Under load the log grows to 64 MiB before it is copied: at SQLite's own 1,000 pages the copying would take
// half of the writer's time.
constexpr int kLogPagesUnderLoad = 16'384;

}  // namespace

Status WriteTransaction::begin() {
  try {
    changes_before_ = database_.changes();
    position_before_batch_ = position_;
    position_before_write_ = position_;
    database_.execute("begin_write");
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

// Every write of this line is one of ours.
Status WriteTransaction::run(std::span<const std::unique_ptr<Write>> writes) {
  try {
    for (const std::unique_ptr<Write>& write : writes) run_write(static_cast<LedgerWrite&>(*write));
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

void WriteTransaction::run_write(LedgerWrite& write) {
  const std::string* key = write.key();
  if (key != nullptr && has_row(database_, "kept_answer", *key)) return write.refuse(kept_already());
  database_.execute("open_savepoint");
  run_in_savepoint(write);
  if (write.refused()) {
    database_.execute("undo_savepoint");
    undo_write();
  } else {
    keep_write();
  }
  database_.execute("close_savepoint");
  if (key == nullptr) return;
  if (const auto answer = write.answer()) {
    insert_answer(database_, *key, write.fingerprint(), *answer, write.now());
  }
}

void WriteTransaction::run_in_savepoint(LedgerWrite& write) {
  try {
    write.run(*this);
  } catch (const DatabaseError& error) {
    if (!error.is_constraint()) throw;
    write.refuse(error.to_error());
  } catch (const std::bad_alloc&) {
    write.refuse(out_of_memory());  // of this write, not of those beside it
  }
}

Status WriteTransaction::commit() {
  // As late as can be: what is committed into a file that was taken away is lost.
  if (Status there = files_.check(); !there) return there;
  try {
    write_counts();
    database_.execute("commit");
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

void WriteTransaction::roll_back() noexcept {
  undo_write();
  position_ = position_before_batch_;
  counted_by_batch_.clear();
  if (!database_.in_transaction()) return;  // SQLite has already rolled back by itself (a full disk)
  try {
    database_.execute("roll_back");
  } catch (const std::exception&) {
    // The connection reports the fault again at the next begin.
  }
}

void WriteTransaction::tidy(bool idle) noexcept {
  const int pages = database_.log_pages();
  if (pages == 0 || (!idle && pages < kLogPagesUnderLoad)) return;
  try {
    database_.checkpoint(false);
  } catch (const std::exception&) {
    // Nothing is lost: the log stays as it is until the next attempt.
  }
}

void WriteTransaction::count(const ModelCounts& change) {
  counted_by_write_.push_back(change);
}

void WriteTransaction::count(const EventCount& change) {
  database_.execute("count_event", change.kind, change.minute, change.count);
}

void WriteTransaction::keep_write() {
  for (const ModelCounts& change : counted_by_write_) counted_by_batch_[change.model] += change;
  counted_by_write_.clear();
  position_before_write_ = position_;
}

void WriteTransaction::undo_write() {
  texts_.forget();
  counted_by_write_.clear();
  position_ = position_before_write_;
}

void WriteTransaction::write_counts() {
  for (const auto& [model, sum] : counted_by_batch_) {
    database_.execute("count_requests", model, sum.shown, sum.picked, sum.none, sum.value);
  }
  counted_by_batch_.clear();
}

Result<int> MigratedDatabase::version() {
  try {
    return schema_version(database_, "The database file belongs to another program");
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

// All in one transaction: a new store waits for the disk once.
Status MigratedDatabase::apply(std::span<const Migration> migrations) {
  try {
    database_.execute("begin_write");
    for (const Migration& migration : migrations) {
      database_.script(migration.sql);
      database_.execute("add_migration", migration.version, migration.name, clock_.wall());
    }
    database_.execute("commit");
    return {};
  } catch (const DatabaseError& error) {
    if (database_.in_transaction()) database_.execute("roll_back");
    return error.to_error();
  }
}

}  // namespace rankloop::storage::sqlite
