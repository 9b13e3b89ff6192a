// RAII for libpq's C handles: results and connections. Beside its .cpp, only postgres_tables.cpp calls
// PQ*, too.
//
// A Connection is used by one thread at a time and stands in pipeline mode: send() queues statements, flush()
// sends them in one go and waits for all their results. Every call that waits has a deadline. Errors are
// thrown as DatabaseError and never leave the postgres/ folder: a write's run and a read's edge turn them
// into Error.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include "error/result.h"
#include "storage/columns.h"
#include "storage/postgres/parameters.h"
#include "storage/queries.h"

namespace rankloop::storage::postgres {

class DatabaseError : public std::exception {
 public:
  // `state`: the SQLSTATE, empty when the connection failed.
  DatabaseError(std::string state, std::string detail)
      : state_(std::move(state)), detail_(std::move(detail)) {}
  const char* what() const noexcept override { return detail_.c_str(); }
  bool is_constraint() const { return state_.starts_with("23"); }
  // kAlreadyExists for a constraint, kInvalidArgument for a value that cannot be stored, kDataLoss for
  // damage, kUnavailable for the rest.
  Error to_error() const;

 private:
  std::string state_;
  std::string detail_;
};

// A row of a result; views of it live as long as the result.
class Row : public NamedRow<Row> {
 public:
  Row(const PGresult* result, const Positions& positions, int row)
      : result_(result), positions_(positions), row_(row) {}

  std::int64_t integer(Column column) const;  // of any integer type, or bool
  double real(Column column) const;
  bool is_null(Column column) const { return PQgetisnull(result_, row_, place(column)) != 0; }
  std::string_view bytes(Column column) const;
  [[noreturn]] void damaged(const std::string& what) const { throw DatabaseError("XX000", what); }

 private:
  int place(Column column) const { return NamedRow::place(positions_, column); }

  const PGresult* result_;
  const Positions& positions_;
  int row_;
};

// kInternal: a column has no name of the ledger's.
Result<std::shared_ptr<const Positions>> positions_of(const PGresult* result);

// The result of one statement.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result) {}
  // Before any row is asked for.
  void name_columns(std::shared_ptr<const Positions> positions) { positions_ = std::move(positions); }
  bool empty() const { return size() == 0; }
  int size() const { return PQntuples(result_.get()); }
  Row operator[](int row) const { return {result_.get(), *positions_, row}; }
  Row front() const { return (*this)[0]; }
  std::int64_t changed() const;  // rows that the statement changed
  std::string_view command() const { return PQcmdStatus(result_.get()); }
  // Calls `visit` with each row until it answers false; whether it never did.
  template <class Visit>
  bool each(const Visit& visit) const {
    for (int i = 0; i < size(); ++i) {
      if (!visit((*this)[i])) return false;
    }
    return true;
  }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
  std::shared_ptr<const Positions> positions_;
};

// Some neighbouring rows of a result, which must outlive it.
class RowSpan {
 public:
  RowSpan(const Rows& rows, int first, int size) : rows_(rows), first_(first), size_(size) {}
  bool empty() const { return size_ == 0; }
  int size() const { return size_; }
  Row operator[](int row) const { return rows_[first_ + row]; }
  Row front() const { return rows_[first_]; }

 private:
  const Rows& rows_;
  int first_;
  int size_;
};

class Connection {
 public:
  using Timeout = std::chrono::milliseconds;

  // Connects; throws DatabaseError. `url` is a libpq connection URI. Whoever waits for an answer gives up
  // soon after `silent` has become true; it must outlive the connection.
  Connection(const std::string& url, Timeout connect_timeout, const Queries& queries,
             const std::atomic<bool>* silent = nullptr);
  // Whether a server answers there at all, be it by a refusal. Waits for two seconds at the most.
  static bool is_answered(const std::string& url);

  using Row = postgres::Row;

  // Queues a statement; it is prepared at its first use and kept. Texts may go once this returns.
  template <class... Values>
  void send(std::string_view name, const Values&... values) {
    send_prepared(name, Parameters(values...), Use::kAsItStands);
  }
  // Sends what is queued; the results in order. When one fails, those after it have not run.
  std::vector<Rows> flush() { return flush(timeout_); }
  std::vector<Rows> flush(Timeout timeout);
  // How long flush() and run() wait from now on.
  void answer_within(Timeout timeout) { timeout_ = timeout; }
  // One statement, with all that was queued before it; its result.
  template <class... Values>
  Rows run(std::string_view name, const Values&... values) {
    send(name, values...);
    return std::move(flush().back());
  }
  // As statements.h tells. A stream reads a part after another, so each has its deadline, and none of them
  // needs memory for all; one stream at a time.
  template <class... Values>
  std::int64_t execute(std::string_view name, const Values&... values) {
    return run(name, values...).changed();
  }
  template <class Visit, class... Values>
  void each_row(std::string_view name, const Visit& visit, const Values&... values) {
    run(name, values...).each(visit);
  }
  template <class Visit, class... Values>
  void stream(std::string_view name, const Visit& visit, const Values&... values) {
    send_prepared(name, Parameters(values...), Use::kStream);
    for (bool more = true; more;) {
      const Rows rows = run("fetch_stream");
      more = !rows.empty() && rows.each(visit);
    }
    run("close_stream");
  }
  // Runs what is queued, whatever comes of it.
  void discard();
  // Several statements, without parameters; the first value of the last one's rows, as text.
  std::string script(std::string_view sql, Timeout timeout = kTimeout);

  bool broken() const { return PQstatus(handle_.get()) == CONNECTION_BAD; }
  // The same of a connection that lay idle: looks whether the other side has closed it meanwhile. Does not
  // wait.
  bool was_closed();
  bool in_transaction() const { return PQtransactionStatus(handle_.get()) != PQTRANS_IDLE; }
  // The number of the server's process, as it was told when the connection was made.
  int told_process() const { return PQbackendPID(handle_.get()); }
  int socket() const { return PQsocket(handle_.get()); }
  // What the other side notified of since the last call; throws when the connection is lost.
  std::vector<std::string> notifications();

  static constexpr Timeout kTimeout{40'000};  // beyond the server's own limit on a statement

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct CloseConnection {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  // Of a statement's text: it is run as it stands, or it is what a cursor reads.
  enum class Use { kAsItStands, kStream };
  struct Prepared {
    Use use = Use::kAsItStands;
    std::shared_ptr<const Positions> positions;  // found with the first answer
  };
  struct Sent {
    std::string_view name;
    bool prepares = false;
  };

  void send_prepared(std::string_view name, const Parameters& parameters, Use use);
  Result<std::shared_ptr<const Positions>> positions_for(std::string_view name, const PGresult* result);
  void wait(Deadline deadline);
  void take(const Sent& sent, PGresult* result, std::vector<Rows>& results,
            std::optional<DatabaseError>& failed);
  DatabaseError error_of(const PGresult* result, std::string_view name) const;
  [[noreturn]] void lose(const std::string& why);
  [[noreturn]] void give_up(const std::string& why);

  const Queries& queries_;
  const std::atomic<bool>* const silent_;  // borrowed; may be null
  std::unique_ptr<PGconn, CloseConnection> handle_;
  std::unordered_map<std::string_view, Prepared> prepared_;
  std::vector<Sent> sent_;  // queued since the last flush
  Timeout timeout_ = kTimeout;
};

}  // namespace rankloop::storage::postgres
