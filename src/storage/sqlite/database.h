// RAII for SQLite's C handles: the store's connections and their prepared statements. Who works on whole
// files has plain_connection.h.
//
// A Database is used by one thread at a time. Errors are thrown as DatabaseError and never leave the sqlite/
// folder: a write's run and a read's edge turn them into Error.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <sqlite3.h>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"
#include "storage/columns.h"
#include "storage/queries.h"
#include "storage/statements.h"

namespace rankloop::storage::sqlite {

class DatabaseError : public std::exception {
 public:
  DatabaseError(int code, std::string detail) : code_(code), detail_(std::move(detail)) {}
  const char* what() const noexcept override { return detail_.c_str(); }
  // A constraint that a row breaks concerns one write; anything else (disk, memory, damage) all of them.
  bool is_constraint() const { return (code_ & 0xff) == SQLITE_CONSTRAINT; }
  // kDataLoss for a damaged file, kAlreadyExists for a constraint, kUnavailable for the rest.
  Error to_error() const;

 private:
  int code_;
  std::string detail_;
};

// One run of a prepared statement, and the row at which it stands: bound on construction, reset on
// destruction. Bound texts must outlive it, and views of columns die with the next step.
class Query : public NamedRow<Query> {
 public:
  // `positions`: of the statement's columns; must outlive it.
  template <class... Values>
  Query(sqlite3_stmt* statement, const Positions& positions, const Values&... values)
      : statement_(statement), positions_(positions) {
    int index = 0;
    (bind(++index, values), ...);
    // A parameter that is not bound would have what the run before gave it.
    if (index > 0 && index != sqlite3_bind_parameter_count(statement)) check(SQLITE_RANGE);
  }
  ~Query() { sqlite3_reset(statement_); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool step();  // true: there is a row

  std::int64_t integer(Column column) const { return sqlite3_column_int64(statement_, place(column)); }
  double real(Column column) const { return sqlite3_column_double(statement_, place(column)); }
  bool is_null(Column column) const { return sqlite3_column_type(statement_, place(column)) == SQLITE_NULL; }
  std::string_view bytes(Column column) const;
  [[noreturn]] void damaged(const std::string& what) const { throw DatabaseError(SQLITE_CORRUPT, what); }

  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, bool value) { bind(index, std::int64_t{value}); }
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const char* text) = delete;  // would bind as a bool
  void bind(int index, Blob blob);
  void bind(int index, const TaskId& id);
  void bind(int index, std::nullopt_t);
  void bind(int index, WallTime time) { bind(index, std::int64_t{time.time_since_epoch().count()}); }
  template <class Tag>
  void bind(int index, Id<Tag> id) {
    bind(index, id.value);
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, std::nullopt);
    }
  }

 private:
  int place(Column column) const { return NamedRow::place(positions_, column); }
  void check(int code) const;

  sqlite3_stmt* statement_;
  const Positions& positions_;
};

// Throws DatabaseError when a column has no name of the ledger's.
Positions positions_of(sqlite3_stmt* statement);

class Database {
 public:
  // kLook: reads a file that nobody uses and leaves it as it is.
  enum class Use { kWrite, kRead, kLook };

  // Opens (a writer also creates) the file and gives it a page cache of `cache_bytes`.
  Database(const std::string& path, Use use, std::size_t cache_bytes, const Queries& queries);

  using Row = Query;

  // The statement is prepared at its first use and kept. Two runs of one name must not overlap.
  template <class... Values>
  Query query(std::string_view name, const Values&... values) {
    const Prepared& prepared = statement(name);
    return Query(prepared.statement.get(), prepared.positions, values...);
  }
  // As statements.h tells.
  template <class... Values>
  std::int64_t execute(std::string_view name, const Values&... values) {
    Query run = query(name, values...);
    while (run.step()) {
    }
    return sqlite3_changes64(handle_.get());
  }
  template <class Visit, class... Values>
  void each_row(std::string_view name, const Visit& visit, const Values&... values) {
    Query row = query(name, values...);
    while (row.step()) {
      if (!visit(static_cast<const Query&>(row))) return;
    }
  }
  template <class Visit, class... Values>
  void stream(std::string_view name, const Visit& visit, const Values&... values) {
    each_row(name, visit, values...);
  }
  // Several statements, without parameters.
  void script(std::string_view sql);
  void run_script(std::string_view name) { script(queries_.text(name)); }
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  // Rows this connection has changed since it was opened.
  std::int64_t changes() const noexcept { return sqlite3_total_changes64(handle_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  // Pages in the log after the last commit of this connection.
  int log_pages() const { return log_->pages; }
  // Bytes of the log up to the end of what is in use; on any thread.
  std::int64_t log_end() const;
  // Leaves the log to whoever opens the file next, instead of folding it in when the connection ends.
  void leave_log() { sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }
  // Copies the log into the database as far as readers allow; `truncate` waits for them and empties the log.
  void checkpoint(bool truncate);

 private:
  struct CloseConnection {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct EndStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, EndStatement> statement;
    Positions positions;
  };
  const Prepared& statement(std::string_view name);
  [[noreturn]] void fail(int code) const;

  struct Log {
    std::atomic<int> pages{0};
    std::atomic<int> frames{0};  // up to the end of what is in use
  };

  const Queries& queries_;
  std::unique_ptr<Log> log_ = std::make_unique<Log>();  // the log's hook holds its address
  std::unique_ptr<sqlite3, CloseConnection> handle_;
  std::unordered_map<std::string_view, Prepared> statements_;
};

}  // namespace rankloop::storage::sqlite
