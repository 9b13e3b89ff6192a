#include "storage/sqlite/sqlite_tables.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "storage/migrate.h"
#include "storage/queries.h"
#include "storage/sqlite/database.h"

namespace rankloop::storage::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

struct CloseConnection {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseConnection>;
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

[[noreturn]] void fail(sqlite3* handle, int code) {
  throw DatabaseError(code, handle ? sqlite3_errmsg(handle) : "out of memory");
}

Handle open(const std::string& file, bool create) {
  sqlite3* raw = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) fail(raw, code);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return handle;
}

Statement prepared(sqlite3* handle, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) fail(handle, code);
  return Statement(statement);
}

void script(sqlite3* handle, std::string_view sql) {
  const std::string text(sql);
  if (const int code = sqlite3_exec(handle, text.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
    fail(handle, code);
}

// Errors of SQLite, for people: what they concern is said by the caller.
template <class T, class Work>
Result<T> guarded(const Work& work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    Error told = error.to_error();
    told.message += " (" + std::string(error.what()) + ")";
    return told;
  }
}
template <class Work>
Status guarded_status(const Work& work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    Error told = error.to_error();
    told.message += " (" + std::string(error.what()) + ")";
    return told;
  }
}

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

std::vector<std::string> parted(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<TableShape> tables_of(sqlite3* handle, const Queries& queries) {
  std::vector<TableShape> tables;
  const Statement statement = prepared(handle, queries.text("tables_to_move"));
  Query query(statement.get());
  while (query.step()) {
    tables.push_back({query.text(0), query.text(1), parted(query.text(2)), query.text(3), query.text(4),
                      query.text(5), query.text(6)});
  }
  return tables;
}

std::int64_t number(sqlite3* handle, std::string_view sql) {
  const Statement statement = prepared(handle, sql);
  Query query(statement.get());
  query.step();
  return query.integer(0);
}

// A new file with the schema of this program.
class NewFile final : public MigrationTarget {
 public:
  NewFile(sqlite3* handle, const Queries& queries) : handle_(handle), queries_(queries) {}
  Result<int> version() override { return 0; }
  Status apply(int version, std::string_view name, std::string_view sql) override {
    return guarded_status([&]() -> Status {
      script(handle_, sql);
      const Statement added = prepared(handle_, queries_.text("add_migration"));
      const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
      Query(added.get(), version, name, WallTime{now}).step();
      return {};
    });
  }

 private:
  sqlite3* handle_;
  const Queries& queries_;
};

class SqliteTables final : public StoreTables {
 public:
  SqliteTables(std::string file, std::string made) : file_(std::move(file)), made_(std::move(made)) {}
  ~SqliteTables() override {
    insert_.reset();
    handle_.reset();
    std::error_code ignored;
    if (!made_.empty()) std::filesystem::remove(made_, ignored);
  }

  void open_to_read() {
    handle_ = open(file_, false);
    script(handle_.get(), queries_.text("begin_reading"));
  }
  Status open_to_write() {
    std::error_code ignored;
    std::filesystem::remove(made_, ignored);  // of a move that was killed
    handle_ = open(made_, true);
    NewFile target(handle_.get(), queries_of_store());
    return migrate("sqlite", target);
  }

  Result<std::vector<TableShape>> tables() override {
    return guarded<std::vector<TableShape>>([&] { return tables_of(handle_.get(), queries_); });
  }
  Result<bool> is_used() override {
    if (!made_.empty() && !std::filesystem::exists(file_)) return false;
    return guarded<bool>([&] {
      const Handle there = open(file_, false);
      return number(there.get(), queries_.text("is_used")) != 0;
    });
  }
  Result<std::int64_t> count(const TableShape& table) override {
    return guarded<std::int64_t>([&] { return number(handle_.get(), table.count); });
  }
  Status each_row(const TableShape& table, const std::function<Status(Cells)>& visit) override;

  Status begin_writing(bool /*replace*/) override {
    return guarded_status([&]() -> Status {
      script(handle_.get(), queries_.text("begin_writing"));
      return {};
    });
  }
  Status begin_table(const TableShape& table) override {
    return guarded_status([&]() -> Status {
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
  std::string made_;  // the new file; empty when nothing is written
  Handle handle_;
  Statement insert_;
};

Status SqliteTables::each_row(const TableShape& table, const std::function<Status(Cells)>& visit) {
  return guarded_status([&]() -> Status {
    const Statement statement = prepared(handle_.get(), table.read);
    const auto columns = static_cast<std::size_t>(sqlite3_column_count(statement.get()));
    std::vector<Cell> cells(columns);
    Query query(statement.get());
    while (query.step()) {
      for (std::size_t i = 0; i < columns; ++i) cells[i] = cell_of(statement.get(), static_cast<int>(i));
      if (Status status = visit(cells); !status) return status;
    }
    return {};
  });
}

Status SqliteTables::add_row(Cells cells) {
  return guarded_status([&]() -> Status {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (const int code = bind(insert_.get(), static_cast<int>(i) + 1, cells[i]); code != SQLITE_OK)
        fail(handle_.get(), code);
    }
    Query(insert_.get()).step();
    return {};
  });
}

Status SqliteTables::end_writing() {
  Status committed = guarded_status([&]() -> Status {
    script(handle_.get(), queries_.text("end_writing"));
    return {};
  });
  if (!committed) return committed;
  insert_.reset();
  handle_.reset();
  return take_name();
}

// The new file is on the disk before its name is, and the old file's log is not left to it.
Status SqliteTables::take_name() {
  const auto refused = [&](const char* what) {
    return Error{ErrorCode::kUnavailable, std::string(what) + " '" + file_ + "': " + std::strerror(errno)};
  };
  const auto synced = [](const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    const bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    return good;
  };
  if (!synced(made_, O_RDWR)) return refused("cannot write");
  std::error_code ignored;
  for (const char* log : {"-wal", "-shm"}) std::filesystem::remove(file_ + log, ignored);
  if (std::rename(made_.c_str(), file_.c_str()) != 0) return refused("cannot make");
  made_.clear();
  const std::string folder = std::filesystem::path(file_).parent_path().string();
  return synced(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY) ? Status{} : refused("cannot keep");
}

}  // namespace

Result<std::unique_ptr<StoreTables>> open_tables_to_read(const std::string& file) {
  return guarded<std::unique_ptr<StoreTables>>([&]() -> Result<std::unique_ptr<StoreTables>> {
    auto tables = std::make_unique<SqliteTables>(file, "");
    tables->open_to_read();
    return std::unique_ptr<StoreTables>(std::move(tables));
  });
}

Result<std::unique_ptr<StoreTables>> open_tables_to_write(const std::string& file) {
  return guarded<std::unique_ptr<StoreTables>>([&]() -> Result<std::unique_ptr<StoreTables>> {
    auto tables = std::make_unique<SqliteTables>(file, file + ".moving");
    if (Status status = tables->open_to_write(); !status) return status.error();
    return std::unique_ptr<StoreTables>(std::move(tables));
  });
}

}  // namespace rankloop::storage::sqlite
