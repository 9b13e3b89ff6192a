// Copies a store's file while it is in use, checks the copy, and puts one back.
#include "storage/backup.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "storage/migrate.h"
#include "storage/new_file.h"
#include "storage/queries.h"
#include "storage/sqlite/plain_connection.h"

namespace rankloop::storage {

std::int64_t CopiedStore::rows(std::string_view table) const {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const auto& t) { return t.name == table; });
  return found == tables.end() ? 0 : found->rows;
}

namespace sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int kPagesAStep = 256;            // 1 MB between two looks at the stop token
constexpr int kStepsBetweenLooks = 20'000;  // of SQLite's machine, while it checks
constexpr std::size_t kBytesAStep = 1U << 20;
constexpr std::int64_t kPageBytes = 4096;  // the usual one
// Copying and checking each take one look at every page.
constexpr std::int64_t kPasses = 2;

const Error kStopped{ErrorCode::kAborted, "stopped; nothing was changed"};

class Meter {
 public:
  explicit Meter(const CopyOptions& options) : options_(options) {}
  void expect(std::int64_t pages) { pages_ = pages; }
  void copied(std::int64_t pages) { tell("copying", pages); }
  void checked(std::int64_t pages) { tell("checking the copy", pages_ + std::min(pages, pages_)); }
  bool stopped() const { return options_.stop.stop_requested(); }

 private:
  void tell(std::string_view what, std::int64_t done) const {
    if (options_.progress) options_.progress(what, done, pages_ * kPasses);
  }
  const CopyOptions& options_;
  std::int64_t pages_ = 0;
};

std::vector<CopiedTable> count_rows(sqlite3* connection, const Queries& queries) {
  std::vector<CopiedTable> counted;
  const Statement tables = prepared(connection, queries.text("tables"));
  const Positions positions = positions_of(tables.get());
  Query table(tables.get(), positions);
  while (table.step()) counted.push_back({table.text("name"), number(connection, table.text("count"))});
  return counted;
}

// A database of this program that it can read.
Result<int> schema_of(sqlite3* connection, const std::string& file) {
  const Queries of_store{"sqlite"};
  const Statement tables = prepared(connection, of_store.text("count_tables"));
  const Positions positions = positions_of(tables.get());
  Query ours(tables.get(), positions);
  ours.step();
  if (ours.integer("migrations") == 0)
    return Error{ErrorCode::kFailedPrecondition, "'" + file + "' is no store of rankloop"};
  const auto version = static_cast<int>(number(connection, of_store.text("schema_version")));
  if (version > newest_migration("sqlite")) {
    return Error{ErrorCode::kFailedPrecondition,
                 "'" + file + "' has schema version " + std::to_string(version) +
                     ", made by a newer rankloop; this one knows versions up to " +
                     std::to_string(newest_migration("sqlite"))};
  }
  return version;
}

int look_while_checking(void* context);

// Reads a finished copy from its first to its last page.
class Check {
 public:
  // `what` names it for people.
  Check(const std::string& file, const char* what, const Queries& queries, Meter& meter)
      : file_(file), what_(what), queries_(queries), meter_(meter), connection_(connect_unchanging(file)) {
    script(connection_.get(), queries.text("set_up_check"));
    sqlite3_progress_handler(connection_.get(), kStepsBetweenLooks, &look_while_checking, this);
  }

  Result<CopiedStore> run() {
    try {
      return read_it();
    } catch (const DatabaseError&) {
      if (meter_.stopped()) return kStopped;
      throw;
    }
  }

  // How many pages were read is how many the cache had not; some are read twice.
  bool look() {
    int pages = 0;
    int unused = 0;
    sqlite3_db_status(connection_.get(), SQLITE_DBSTATUS_CACHE_MISS, &pages, &unused, 0);
    meter_.checked(pages);
    return meter_.stopped();
  }

 private:
  Result<CopiedStore> read_it() {
    CopiedStore copied;
    const auto schema = schema_of(connection_.get(), file_);
    if (!schema) return schema.error();
    copied.schema = *schema;
    if (Status whole = check_structure(); !whole) return whole.error();
    copied.tables = count_rows(connection_.get(), queries_);
    copied.bytes = static_cast<std::int64_t>(fs::file_size(file_));
    return copied;
  }
  Status check_structure() {
    const Statement check = prepared(connection_.get(), queries_.text("check"));
    const Positions positions = positions_of(check.get());
    Query first(check.get(), positions);
    const std::string found = first.step() ? first.text("integrity_check") : "nothing could be read";
    if (found == "ok") return {};
    return Error{ErrorCode::kDataLoss,
                 std::string{what_} + " is damaged: " + found.substr(0, found.find('\n'))};
  }

  const std::string file_;
  const char* const what_;
  const Queries& queries_;
  Meter& meter_;
  const Connection connection_;
};

int look_while_checking(void* context) {
  return static_cast<Check*>(context)->look() ? 1 : 0;
}

// A store that others may write to, held at one moment.
class Snapshot {
 public:
  Snapshot(const std::string& file, const Queries& queries)
      : queries_(queries), connection_(connect(file, SQLITE_OPEN_READONLY)) {
    // Should the server end before us, its log stays for its next start to read.
    sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    script(connection_.get(), queries.text("begin_snapshot"));
  }
  Status copy_to(sqlite3* target, Meter& meter) {
    const std::unique_ptr<sqlite3_backup, EndBackup> backup(
        sqlite3_backup_init(target, "main", connection_.get(), "main"));
    if (backup == nullptr) fail(target, sqlite3_errcode(target));
    for (int code = SQLITE_OK; code != SQLITE_DONE;) {
      if (meter.stopped()) return kStopped;
      code = sqlite3_backup_step(backup.get(), kPagesAStep);
      if (code != SQLITE_OK && code != SQLITE_DONE) throw DatabaseError(code, sqlite3_errstr(code));
      const std::int64_t pages = sqlite3_backup_pagecount(backup.get());
      meter.expect(pages);
      meter.copied(pages - sqlite3_backup_remaining(backup.get()));
    }
    return {};
  }
  Result<int> schema(const std::string& file) { return schema_of(connection_.get(), file); }
  std::vector<CopiedTable> rows() { return count_rows(connection_.get(), queries_); }

 private:
  struct EndBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
  };
  const Queries& queries_;
  const Connection connection_;
};

Status same_rows(const std::vector<CopiedTable>& store, const std::vector<CopiedTable>& copy) {
  const auto same = [](const CopiedTable& a, const CopiedTable& b) {
    return a.name == b.name && a.rows == b.rows;
  };
  if (std::equal(store.begin(), store.end(), copy.begin(), copy.end(), same)) return {};
  return Error{ErrorCode::kDataLoss, "the copy has other rows than the store; nothing was kept"};
}

Result<CopiedStore> copy_store(const std::string& file, NewFile& made, const CopyOptions& options) {
  const Queries queries{"backup_sqlite"};
  Meter meter{options};
  std::vector<CopiedTable> rows;
  {
    Snapshot store{file, queries};
    if (const auto ours = store.schema(file); !ours) return ours.error();
    const Connection target = connect(made.path(), SQLITE_OPEN_READWRITE);
    script(target.get(), queries.text("set_up_copy"));
    if (Status copied = store.copy_to(target.get(), meter); !copied) return copied.error();
    rows = store.rows();
    script(target.get(), queries.text("leave_log"));
  }
  if (Status flushed = made.flush(); !flushed) return flushed.error();
  auto checked = Check(made.path(), "the store", queries, meter).run();
  if (!checked) return checked;
  if (Status same = same_rows(rows, checked->tables); !same) return same.error();
  return checked;
}

Status copy_bytes(int from, const std::string& file, NewFile& made, Meter& meter) {
  std::string bytes(kBytesAStep, '\0');
  for (std::int64_t done = 0;;) {
    if (meter.stopped()) return kStopped;
    const ssize_t got = ::read(from, bytes.data(), bytes.size());
    if (got < 0) return refused_by_system("cannot read", file);
    if (got == 0) return {};
    const std::string_view piece{bytes.data(), static_cast<std::size_t>(got)};
    if (Status written = made.write(piece); !written) return written;
    done += got;
    meter.copied(done / kPageBytes);
  }
}

// What can be said of a copy before its bytes are.
Status look_at_copy(const std::string& copy, const std::string& file) {
  std::error_code fault;
  if (!fs::is_regular_file(copy, fault))
    return Error{ErrorCode::kNotFound, "there is no backup '" + copy + "'"};
  if (fs::equivalent(copy, file, fault))
    return Error{ErrorCode::kInvalidArgument, "'" + copy + "' is the store itself"};
  const std::uintmax_t log = fs::file_size(copy + "-wal", fault);
  if (!fault && log > 0) {
    return Error{ErrorCode::kFailedPrecondition,
                 "'" + copy + "' has a log beside it ('" + copy +
                     "-wal'), so it is a store in use or a killed server's, not a backup. Make one with: "
                     "rankloop backup FILE --data-dir FOLDER"};
  }
  return {};
}

// The log of the store that goes would be taken for one of the new file. What it has is folded in first, so
// that the old store stays whole until the very moment of the change.
Status put_log_away(const std::string& file) {
  std::error_code fault;
  if (fs::file_size(file + "-wal", fault) > 0 && !fault && fs::exists(file, fault)) {
    const Status folded = guarded<Status>([&]() -> Status {
      const Queries queries{"backup_sqlite"};
      const Connection old = connect(file, SQLITE_OPEN_READWRITE);
      script(old.get(), queries.text("fold_log"));
      return {};
    });
    static_cast<void>(folded);  // a damaged store may be what a restore is for
  }
  for (const char* ending : {"-wal", "-shm"}) {
    fs::remove(file + ending, fault);
    if (fault)
      return Error{ErrorCode::kUnavailable, "cannot remove '" + file + ending + "': " + fault.message()};
  }
  return flush_folder_of(file);
}

Result<CopiedStore> copy_back(const std::string& copy, NewFile& made, const CopyOptions& options) {
  const Queries queries{"backup_sqlite"};
  Meter meter{options};
  meter.expect(static_cast<std::int64_t>(fs::file_size(copy)) / kPageBytes);
  {
    const Connection source = connect_unchanging(copy);
    if (const auto ours = schema_of(source.get(), copy); !ours) return ours.error();
  }
  const int from = ::open(copy.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return refused_by_system("cannot read", copy);
  Status copied = copy_bytes(from, copy, made, meter);
  ::close(from);
  if (copied) copied = made.flush();
  if (!copied) return copied.error();
  return Check(made.path(), "the backup", queries, meter).run();
}

}  // namespace
}  // namespace sqlite

Result<CopiedStore> back_up(const std::string& file, const std::string& copy, const CopyOptions& options) {
  using namespace sqlite;
  std::error_code fault;
  if (!fs::exists(file, fault)) return Error{ErrorCode::kNotFound, "there is no store at '" + file + "'"};
  if (fs::exists(copy, fault))
    return Error{ErrorCode::kAlreadyExists, "'" + copy + "' is there already and is left as it is"};
  auto made = NewFile::make(copy + ".partial");
  if (!made) return made.error();
  auto copied = guarded<Result<CopiedStore>>([&] { return copy_store(file, **made, options); });
  if (!copied) return copied;
  if (Status named = (*made)->take_name(copy, false); !named) return named.error();
  return copied;
}

Result<CopiedStore> restore(const std::string& copy, const std::string& file, const CopyOptions& options) {
  using namespace sqlite;
  if (Status good = look_at_copy(copy, file); !good) return good.error();
  std::error_code fault;
  if (!options.replace && fs::file_size(file, fault) > 0 && !fault) {
    return Error{
        ErrorCode::kAlreadyExists,
        "there is a store at '" + file + "'; restore into another data_dir, or say --replace to lose it"};
  }
  auto made = NewFile::make(file + ".restoring");
  if (!made) return made.error();
  auto copied = guarded<Result<CopiedStore>>([&] { return copy_back(copy, **made, options); });
  if (!copied) return copied;
  if (Status away = put_log_away(file); !away) return away.error();
  if (Status named = (*made)->take_name(file, true); !named) return named.error();
  return copied;
}

}  // namespace rankloop::storage
