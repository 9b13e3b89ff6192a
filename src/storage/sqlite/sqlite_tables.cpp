// The tables of a SQLite file, read and written row by row.
#include "storage/sqlite/sqlite_tables.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/migrate.h"
#include "storage/new_file.h"
#include "storage/queries.h"
#include "storage/sqlite/plain_connection.h"
#include "storage/table_shapes.h"

namespace rankloop::storage::sqlite {
namespace {

Cell cell_of(sqlite3_stmt* statement, int column) {
  const auto bytes = [&] {
    const void* data = sqlite3_column_blob(statement, column);
    return std::string_view(static_cast<const char*>(data),
                            data ? static_cast<std::size_t>(sqlite3_column_bytes(statement, column)) : 0);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return {.kind = Cell::Kind::kInteger, .integer = sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return {.kind = Cell::Kind::kReal, .real = sqlite3_column_double(statement, column)};
    case SQLITE_TEXT:
      return {.kind = Cell::Kind::kText, .bytes = bytes()};
    case SQLITE_BLOB:
      return {.kind = Cell::Kind::kBytes, .bytes = bytes()};
    default:
      return {};
  }
}

int bind(sqlite3_stmt* statement, int place, const Cell& cell) {
  const char* data = cell.bytes.empty() ? "" : cell.bytes.data();  // a null pointer would bind NULL
  switch (cell.kind) {
    case Cell::Kind::kInteger:
      return sqlite3_bind_int64(statement, place, cell.integer);
    case Cell::Kind::kReal:
      return sqlite3_bind_double(statement, place, cell.real);
    case Cell::Kind::kText:
      return sqlite3_bind_text64(statement, place, data, cell.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
    case Cell::Kind::kBytes:
      return sqlite3_bind_blob64(statement, place, data, cell.bytes.size(), SQLITE_STATIC);
    case Cell::Kind::kNull:
      break;
  }
  return sqlite3_bind_null(statement, place);
}

std::vector<TableShape> tables_of(sqlite3* handle, const Queries& queries) {
  std::vector<TableShape> tables;
  const Statement statement = prepared(handle, queries.text("tables_to_move"));
  const Positions positions = positions_of(statement.get());
  Query row(statement.get(), positions);
  while (row.step()) tables.push_back(table_shape_of(row));
  return tables;
}

// Gives a new file the schema of this program.
class NewSchema final : public MigrationTarget {
 public:
  NewSchema(sqlite3* handle, const Queries& queries) : handle_(handle), queries_(queries) {}
  Result<int> version() override { return 0; }
  // What stops half-way leaves a file without a name, which goes.
  Status apply(std::span<const Migration> migrations) override {
    return guarded<Status>([&]() -> Status {
      for (const Migration& migration : migrations) {
        script(handle_, migration.sql);
        const Statement added = prepared(handle_, queries_.text("add_migration"));
        const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        Query(added.get(), Positions{}, migration.version, migration.name, WallTime{now}).step();
      }
      return {};
    });
  }

 private:
  sqlite3* handle_;
  const Queries& queries_;
};

class SqliteTables final : public StoreTables {
 public:
  explicit SqliteTables(std::string file) : file_(std::move(file)) {}

  void open_to_read() {
    handle_ = connect(file_, SQLITE_OPEN_READWRITE);
    script(handle_.get(), queries_.text("begin_reading"));
  }
  Status open_to_write() {
    auto made = NewFile::make(file_ + ".moving");
    if (!made) return made.error();
    made_ = *std::move(made);
    handle_ = connect(made_->path(), SQLITE_OPEN_READWRITE);
    NewSchema target(handle_.get(), queries_of_store());
    return migrate("sqlite", target);
  }

  Result<std::vector<TableShape>> tables() override {
    using Tables = Result<std::vector<TableShape>>;
    return guarded<Tables>([&]() -> Tables { return tables_of(handle_.get(), queries_); });
  }
  Result<bool> is_open_elsewhere() override { return false; }
  Result<bool> is_used() override {
    if (made_ != nullptr && !std::filesystem::exists(file_)) return false;
    return guarded<Result<bool>>([&]() -> Result<bool> {
      const Connection there = connect(file_, SQLITE_OPEN_READWRITE);
      return number(there.get(), queries_.text("is_used")) != 0;
    });
  }
  Result<std::int64_t> count(const TableShape& table) override {
    using Count = Result<std::int64_t>;
    return guarded<Count>([&]() -> Count { return number(handle_.get(), table.count); });
  }
  Status each_row(const TableShape& table, const std::function<Status(Cells)>& visit) override;

  Status begin_writing(bool /*replace*/) override {
    return guarded<Status>([&]() -> Status {
      script(handle_.get(), queries_.text("begin_writing"));
      return {};
    });
  }
  Status begin_table(const TableShape& table) override {
    return guarded<Status>([&]() -> Status {
      script(handle_.get(), table.empty);
      insert_ = prepared(handle_.get(), table.write);
      return {};
    });
  }
  Status add_row(Cells cells) override;
  Status end_table() override {
    insert_.reset();
    return {};
  }
  Status continue_numbers() override { return {}; }  // SQLite counts on from the rows by itself
  Status end_writing() override;

 private:
  static const Queries& queries_of_store() {
    static const Queries queries("sqlite");
    return queries;
  }
  Status take_name();

  const Queries queries_{"moving_sqlite"};
  const std::string file_;
  std::unique_ptr<NewFile> made_;  // none when nothing is written
  Connection handle_;              // closed before it
  Statement insert_;
};

Status SqliteTables::each_row(const TableShape& table, const std::function<Status(Cells)>& visit) {
  return guarded<Status>([&]() -> Status {
    const Statement statement = prepared(handle_.get(), table.read);
    const auto columns = static_cast<std::size_t>(sqlite3_column_count(statement.get()));
    std::vector<Cell> cells(columns);
    while (step(statement.get())) {
      for (std::size_t i = 0; i < columns; ++i) cells[i] = cell_of(statement.get(), static_cast<int>(i));
      if (Status status = visit(cells); !status) return status;
    }
    return {};
  });
}

Status SqliteTables::add_row(Cells cells) {
  return guarded<Status>([&]() -> Status {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (const int code = bind(insert_.get(), static_cast<int>(i) + 1, cells[i]); code != SQLITE_OK)
        fail(handle_.get(), code);
    }
    step(insert_.get());
    sqlite3_reset(insert_.get());
    return {};
  });
}

Status SqliteTables::end_writing() {
  Status committed = guarded<Status>([&]() -> Status {
    script(handle_.get(), queries_.text("end_writing"));
    return {};
  });
  if (!committed) return committed;
  insert_.reset();
  handle_.reset();
  return take_name();
}

// The old file's log is not left to the new one.
Status SqliteTables::take_name() {
  if (Status flushed = made_->flush(); !flushed) return flushed;
  std::error_code ignored;
  for (const char* log : {"-wal", "-shm"}) std::filesystem::remove(file_ + log, ignored);
  return made_->take_name(file_, true);
}

}  // namespace

Result<std::unique_ptr<StoreTables>> open_tables_to_read(const std::string& file) {
  using Opened = Result<std::unique_ptr<StoreTables>>;
  return guarded<Opened>([&]() -> Opened {
    auto tables = std::make_unique<SqliteTables>(file);
    tables->open_to_read();
    return std::unique_ptr<StoreTables>(std::move(tables));
  });
}

Result<std::unique_ptr<StoreTables>> open_tables_to_write(const std::string& file) {
  using Opened = Result<std::unique_ptr<StoreTables>>;
  return guarded<Opened>([&]() -> Opened {
    auto tables = std::make_unique<SqliteTables>(file);
    if (Status status = tables->open_to_write(); !status) return status.error();
    return std::unique_ptr<StoreTables>(std::move(tables));
  });
}

}  // namespace rankloop::storage::sqlite
