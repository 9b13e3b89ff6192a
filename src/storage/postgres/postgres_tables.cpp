// The tables of a PostgreSQL database, read and written by COPY.
#include "storage/postgres/postgres_tables.h"

#include <chrono>
#include <thread>
#include <utility>

#include <libpq-fe.h>

#include "storage/postgres/connection.h"
#include "storage/postgres/copy_format.h"
#include "storage/queries.h"
#include "storage/table_shapes.h"

namespace rankloop::storage::postgres {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;

struct Close {
  void operator()(PGconn* handle) const { PQfinish(handle); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(char* buffer) const { PQfreemem(buffer); }
};
using Outcome = std::unique_ptr<PGresult, Close>;

// A connection of its own without pipeline mode, which COPY does not know. What it has begun goes with it.
class PostgresTables final : public StoreTables {
 public:
  Status open(const std::string& url, bool write);

  Result<std::vector<TableShape>> tables() override;
  Result<bool> is_open_elsewhere() override;
  Result<bool> is_used() override;
  Result<std::int64_t> count(const TableShape& table) override;
  Status each_row(const TableShape& table, const std::function<Status(Cells)>& visit) override;

  Status begin_writing(bool replace) override;
  Status begin_table(const TableShape& table) override;
  Status add_row(Cells cells) override;
  Status end_table() override;
  Status continue_numbers() override { return script(queries_.text("continue_numbers")); }
  Status end_writing() override;

 private:
  Error error_of(const PGresult* result) const;
  Result<Outcome> run(std::string_view sql, ExecStatusType wanted);
  Result<bool> asks(std::string_view name);  // a query of one yes or no
  // Of a statement that answers one, as text.
  Result<std::string> only_value(std::string_view sql);
  Status script(std::string_view sql);
  Status send_piece();
  Status end_copy();
  static Result<std::vector<CopyType>> types_of(const TableShape& table);

  const Queries queries_{"moving_postgres"};
  std::unique_ptr<PGconn, Close> handle_;
  std::vector<CopyType> types_;  // of the table that is being written
  std::string piece_;
};

Error PostgresTables::error_of(const PGresult* result) const {
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  std::string detail = result ? PQresultErrorMessage(result) : PQerrorMessage(handle_.get());
  while (!detail.empty() && detail.back() == '\n') detail.pop_back();
  Error error = DatabaseError(state ? state : "", detail).to_error();
  error.message += " (" + detail + ")";
  return error;
}

Result<Outcome> PostgresTables::run(std::string_view sql, ExecStatusType wanted) {
  Outcome result(PQexec(handle_.get(), std::string(sql).c_str()));
  if (PQresultStatus(result.get()) != wanted) return error_of(result.get());
  return result;
}

Result<std::string> PostgresTables::only_value(std::string_view sql) {
  const auto row = run(sql, PGRES_TUPLES_OK);
  if (!row) return row.error();
  return std::string(PQgetvalue(row->get(), 0, 0));
}

// Ends in a statement with or without rows.
Status PostgresTables::script(std::string_view sql) {
  const Outcome result(PQexec(handle_.get(), std::string(sql).c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? Status{} : error_of(result.get());
}

Status PostgresTables::open(const std::string& url, bool write) {
  const char* keys[] = {"dbname", "connect_timeout", "fallback_application_name", "client_encoding", nullptr};
  const char* values[] = {url.c_str(), "10", "rankloop migrate-store", "UTF8", nullptr};
  handle_.reset(PQconnectdbParams(keys, values, 1));
  if (PQstatus(handle_.get()) != CONNECTION_OK) return error_of(nullptr);
  return write ? Status{} : script(queries_.text("begin_reading"));
}

Result<std::vector<TableShape>> PostgresTables::tables() {
  const auto rows = run(queries_.text("tables_to_move"), PGRES_TUPLES_OK);
  if (!rows) return rows.error();
  const auto positions = positions_of(rows->get());
  if (!positions) return positions.error();
  std::vector<TableShape> tables;
  for (int row = 0; row < PQntuples(rows->get()); ++row) {
    tables.push_back(table_shape_of(Row(rows->get(), **positions, row)));
  }
  return tables;
}

Result<bool> PostgresTables::asks(std::string_view name) {
  const auto answer = only_value(queries_.text(name));
  if (!answer) return answer.error();
  return *answer == "t";
}

Result<bool> PostgresTables::is_open_elsewhere() {
  constexpr std::chrono::milliseconds kPause{100};
  constexpr int kAttempts = 20;
  for (int attempt = 1;; ++attempt) {
    const Result<bool> open = asks("is_open_elsewhere");
    if (!open || !*open || attempt == kAttempts) return open;
    std::this_thread::sleep_for(kPause);
  }
}

Result<bool> PostgresTables::is_used() {
  return asks("is_used");
}

Result<std::int64_t> PostgresTables::count(const TableShape& table) {
  const auto rows = only_value(table.count);
  if (!rows) return rows.error();
  return std::stoll(*rows);
}

Result<std::vector<CopyType>> PostgresTables::types_of(const TableShape& table) {
  std::vector<CopyType> types;
  for (const std::string& name : table.types) {
    const auto type = copy_type(name);
    if (!type)
      return Error{ErrorCode::kInternal, "a column has the type " + name + ", which cannot be moved"};
    types.push_back(*type);
  }
  return types;
}

Status PostgresTables::each_row(const TableShape& table, const std::function<Status(Cells)>& visit) {
  auto types = types_of(table);
  if (!types) return types.error();
  if (const auto begun = run(table.read, PGRES_COPY_OUT); !begun) return begun.error();
  CopyReader reader(*std::move(types));
  while (true) {
    char* raw = nullptr;
    const int size = PQgetCopyData(handle_.get(), &raw, 0);
    const std::unique_ptr<char, Close> piece(raw);
    if (size < 0) return end_copy();
    if (Status status = reader.take({piece.get(), static_cast<std::size_t>(size)}, visit); !status) {
      handle_.reset();  // rather than read the rest of the table; the move has failed
      return status;
    }
  }
}

Status PostgresTables::end_copy() {
  Status status;
  while (const Outcome result{PQgetResult(handle_.get())}) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && status) status = error_of(result.get());
  }
  return status;
}

Status PostgresTables::begin_writing(bool replace) {
  if (Status status = script(queries_.text("begin_writing")); !status) return status;
  const auto tables = this->tables();
  if (!tables) return tables.error();
  if (!replace) return {};
  if (Status status = script(queries_.text("allow_emptying")); !status) return status;
  for (const TableShape& table : *tables) {
    if (Status status = script(table.empty); !status) return status;
  }
  return script(queries_.text("forbid_emptying"));
}

Status PostgresTables::begin_table(const TableShape& table) {
  auto types = types_of(table);
  if (!types) return types.error();
  types_ = *std::move(types);
  if (table.name == "counters") {  // made with the schema
    if (Status status = script(table.empty); !status) return status;
  }
  if (const auto begun = run(table.write, PGRES_COPY_IN); !begun) return begun.error();
  piece_ = copy_header();
  return {};
}

// What is moved stays moved, whatever becomes of the statistics.
Status PostgresTables::end_writing() {
  if (Status status = script(queries_.text("end_writing")); !status) return status;
  static_cast<void>(script(queries_.text("gather_statistics")));
  return {};
}

Status PostgresTables::send_piece() {
  const int sent = PQputCopyData(handle_.get(), piece_.data(), static_cast<int>(piece_.size()));
  piece_.clear();
  return sent == 1 ? Status{} : error_of(nullptr);
}

Status PostgresTables::add_row(Cells cells) {
  if (Status status = append_copy_row(piece_, cells, types_); !status) return status;
  return piece_.size() < kPieceBytes ? Status{} : send_piece();
}

Status PostgresTables::end_table() {
  piece_ += copy_trailer();
  if (Status status = send_piece(); !status) return status;
  if (PQputCopyEnd(handle_.get(), nullptr) != 1) return error_of(nullptr);
  return end_copy();
}

}  // namespace

Result<std::unique_ptr<StoreTables>> open_tables(const std::string& url, bool write) {
  auto tables = std::make_unique<PostgresTables>();
  if (Status status = tables->open(url, write); !status) return status.error();
  return std::unique_ptr<StoreTables>(std::move(tables));
}

}  // namespace rankloop::storage::postgres
