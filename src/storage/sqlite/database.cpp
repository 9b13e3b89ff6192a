// The calls of SQLite and their errors.
#include "storage/sqlite/database.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/sqlite/plain_connection.h"

namespace rankloop::storage::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5'000;
constexpr sqlite3_destructor_type kBorrowed = nullptr;  // what is bound outlives the run
constexpr std::string_view kCacheMark = "{cache_kib}";

// SQLite counts every allocation of the process under one lock unless told before its first use not to. A
// library that was initialised earlier keeps counting, which costs time and nothing else.
void stop_counting_memory() {
  static const int kTold = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kTold);
}

int flags_of(Database::Use use) {
  switch (use) {
    case Database::Use::kWrite:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case Database::Use::kRead:
      return SQLITE_OPEN_READWRITE;
    case Database::Use::kLook:
      return SQLITE_OPEN_READONLY;
  }
  return SQLITE_OPEN_READONLY;
}

bool log_has_bytes(const std::string& path) {
  std::error_code fault;
  const std::uintmax_t size = std::filesystem::file_size(path + "-wal", fault);
  return !fault && size > 0;
}

std::string with_cache(std::string_view sql, std::size_t cache_bytes) {
  std::string text(sql);
  const std::size_t at = text.find(kCacheMark);
  if (at != std::string::npos) text.replace(at, kCacheMark.size(), std::to_string(cache_bytes / 1024));
  return text;
}

}  // namespace

Error DatabaseError::to_error() const {
  switch (code_ & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::kDataLoss, "The database file is damaged or is no SQLite database", detail_};
    case SQLITE_CONSTRAINT:
      return {ErrorCode::kAlreadyExists, "The row is already there", detail_};
    case SQLITE_FULL:
      return {ErrorCode::kUnavailable, "The store cannot write: the disk is full", detail_};
    case SQLITE_READONLY:
      return {ErrorCode::kUnavailable, "The store may only be read", detail_};
    case SQLITE_IOERR:
      return {ErrorCode::kUnavailable, "The store cannot read or write its disk", detail_};
    default:
      return {ErrorCode::kUnavailable, "The store cannot be read or written at the moment", detail_};
  }
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) check(code);
  return false;
}

void Query::check(int code) const {
  if (code == SQLITE_OK) return;
  throw DatabaseError(
      code, std::string(sqlite3_errmsg(sqlite3_db_handle(statement_))) + " in: " + sqlite3_sql(statement_));
}

std::string_view Query::bytes(Column column) const {
  const int at = place(column);
  const void* data = sqlite3_column_blob(statement_, at);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, at))};
}

void Query::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, index, value));
}
void Query::bind(int index, double value) {
  check(sqlite3_bind_double(statement_, index, value));
}
void Query::bind(int index, std::nullopt_t) {
  check(sqlite3_bind_null(statement_, index));
}

// A null pointer would bind NULL: an empty view may carry one.
void Query::bind(int index, std::string_view text) {
  check(sqlite3_bind_text64(statement_, index, text.empty() ? "" : text.data(), text.size(), kBorrowed,
                            SQLITE_UTF8));
}
void Query::bind(int index, Blob blob) {
  check(sqlite3_bind_blob64(statement_, index, blob.bytes.empty() ? "" : blob.bytes.data(), blob.bytes.size(),
                            kBorrowed));
}

void Query::bind(int index, const TaskId& id) {
  bind(index, Blob{{reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}});
}

Positions positions_of(sqlite3_stmt* statement) {
  std::vector<std::string_view> names;
  for (int i = 0; i < sqlite3_column_count(statement); ++i)
    names.push_back(sqlite3_column_name(statement, i));
  const Result<Positions> found = Positions::of(names);
  if (!found) throw DatabaseError(SQLITE_ERROR, found.error().message + " in: " + sqlite3_sql(statement));
  return *found;
}

Database::Database(const std::string& path, Use use, std::size_t cache_bytes, const Queries& queries)
    : queries_(queries) {
  stop_counting_memory();
  // Without a log there is nothing that could make the file change while it is looked at.
  const bool unchanging = use == Use::kLook && !log_has_bytes(path);
  const std::string name = unchanging ? unchanging_address(path) : path;
  const int flags =
      flags_of(use) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (unchanging ? SQLITE_OPEN_URI : 0);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  if (use == Use::kLook) leave_log();
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  script(with_cache(queries_.text(use == Use::kWrite ? "set_up_writer" : "set_up_reader"), cache_bytes));
  const auto note_log = [](void* target, sqlite3*, const char*, int pages) {
    auto& log = *static_cast<Log*>(target);
    log.pages = pages;
    log.frames = pages;
    return SQLITE_OK;
  };
  if (use == Use::kWrite) sqlite3_wal_hook(handle, +note_log, log_.get());
}

std::int64_t Database::log_end() const {
  // The default size of a page, and what the log has beside it.
  constexpr std::int64_t kFrameBytes = 4096 + 24;
  return log_->frames * kFrameBytes;
}

void Database::fail(int code) const {
  throw DatabaseError(code, handle_ != nullptr ? sqlite3_errmsg(handle_.get()) : "out of memory");
}

void Database::script(std::string_view sql) {
  const std::string text(sql);
  if (const int code = sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr);
      code != SQLITE_OK) {
    fail(code);
  }
}

const Database::Prepared& Database::statement(std::string_view name) {
  if (const auto found = statements_.find(name); found != statements_.end()) return found->second;
  const std::string_view sql = queries_.text(name);
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) fail(code);
  Prepared prepared{.statement{handle}, .positions{}};
  prepared.positions = positions_of(handle);
  return statements_.emplace(name, std::move(prepared)).first->second;
}

void Database::checkpoint(bool truncate) {
  int in_log = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      handle_.get(), nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &in_log,
      &copied);
  if (code != SQLITE_OK) fail(code);
  // Once all of it is copied, the next write starts the log anew.
  log_->pages = in_log - copied;
  log_->frames = copied < in_log ? in_log : 0;
}

}  // namespace rankloop::storage::sqlite
