#include "storage/sqlite/transaction.h"

namespace rankloop::storage::sqlite {
namespace {

// Under load the log grows to 64 MiB before it is copied: at SQLite's own 1,000 pages the copying would take
// half of the writer's time.
constexpr int kLogPagesUnderLoad = 16'384;

}  // namespace

Status WriteTransaction::begin() {
  try {
    changes_before_ = database_.changes();
    database_.run("begin_write");
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

Status WriteTransaction::commit() {
  // As late as can be: what is committed into a file that was taken away is lost.
  if (Status there = files_.check(); !there) return there;
  try {
    write_counts();
    database_.run("commit");
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

void WriteTransaction::roll_back() noexcept {
  undo_write();
  counted_by_batch_.clear();
  if (!database_.in_transaction()) return;  // SQLite has already rolled back by itself (a full disk)
  try {
    database_.run("roll_back");
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

std::int64_t WriteTransaction::source_number(const std::string& name) {
  if (const auto known = sources_.find(name); known != sources_.end()) return known->second;
  std::int64_t number = 0;
  if (Query found = database_.query("find_source", name); found.step()) number = found.integer(0);
  if (number == 0) {
    database_.run("add_source", name);
    number = database_.last_id();
  }
  return sources_[name] = number;
}

std::int64_t WriteTransaction::policy_number(const Policy& policy) {
  const PolicyText text = to_text(policy);
  const std::string key = (policy.deterministic ? "1" : "0") + text.name + '\0' + text.parameters;
  if (const auto known = policies_.find(key); known != policies_.end()) return known->second;
  std::int64_t number = 0;
  if (Query found = database_.query("find_policy", text.name, text.parameters, policy.deterministic);
      found.step()) {
    number = found.integer(0);
  }
  if (number == 0) {
    database_.run("add_policy", text.name, text.parameters, policy.deterministic);
    number = database_.last_id();
  }
  return policies_[key] = number;
}

void WriteTransaction::forget_numbers() {
  sources_.clear();
  policies_.clear();
}

void WriteTransaction::count(const ModelCounts& change) {
  counted_by_write_.push_back(change);
}

void WriteTransaction::keep_write() {
  for (const ModelCounts& change : counted_by_write_) {
    ModelCounts& sum = counted_by_batch_[change.model];
    sum.shown += change.shown;
    sum.picked += change.picked;
    sum.none += change.none;
    sum.value += change.value;
  }
  counted_by_write_.clear();
}

void WriteTransaction::undo_write() {
  forget_numbers();
  counted_by_write_.clear();
}

void WriteTransaction::write_counts() {
  for (const auto& [model, sum] : counted_by_batch_) {
    database_.run("count_requests", model, sum.shown, sum.picked, sum.none, sum.value);
  }
  counted_by_batch_.clear();
}

Result<int> MigratedDatabase::version() {
  try {
    {
      Query tables = database_.query("count_tables");
      tables.step();
      if (tables.integer(0) == 0) return 0;
      if (tables.integer(1) == 0) {
        return Error{ErrorCode::kFailedPrecondition, "The database file belongs to another program"};
      }
    }
    Query newest = database_.query("schema_version");
    newest.step();
    return newest.small(0);
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

Status MigratedDatabase::apply(int version, std::string_view name, std::string_view sql) {
  try {
    database_.run("begin_write");
    database_.script(sql);
    database_.run("add_migration", version, name, clock_.wall());
    database_.run("commit");
    return {};
  } catch (const DatabaseError& error) {
    if (database_.in_transaction()) database_.run("roll_back");
    return error.to_error();
  }
}

}  // namespace rankloop::storage::sqlite
