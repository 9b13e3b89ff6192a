// The life of the store: opening, recovery, closing.
#include "storage/sqlite/sqlite_store.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "storage/migrate.h"
#include "telemetry/log.h"

namespace rankloop::storage::sqlite {
namespace {

Error with_path(Error error, const std::string& path) {
  error.message += ": " + path;
  return error;
}

}  // namespace

Result<std::unique_ptr<Store>> SqliteStore::open(const std::string& path, const StoreOptions& options,
                                                 const Clock& clock, StoreListener& listener) {
  // Before the first look at the database, which forgets what it cannot read.
  const auto damage = find_log_damage(path);
  if (!damage) return damage.error();
  try {
    std::unique_ptr<SqliteStore> store(new SqliteStore(path, options, clock, listener));
    Status prepared = options.look ? store->look() : store->prepare(*damage);
    if (!prepared) return with_path(prepared.error(), path);
    const std::size_t cache = options.cache_bytes - options.cache_bytes / 2;
    const auto use = options.look ? Database::Use::kLook : Database::Use::kRead;
    store->readers_ = std::make_unique<ReaderPool>(path, use, options.readers, cache, store->queries_);
    store->line_ = std::make_unique<GroupCommit>(
        store->transaction_, GroupCommit::Limits{options.max_waiting_writes, options.max_batch},
        options.metrics, options.log);
    return std::unique_ptr<Store>(std::move(store));
  } catch (const DatabaseError& error) {
    return with_path(error.to_error(), path);
  }
}

SqliteStore::SqliteStore(const std::string& path, const StoreOptions& options, const Clock& clock,
                         StoreListener& listener)
    : SqlWrites(options, clock, listener),
      path_(path),
      live_(clock, options.lease, options.max_waiting_tasks),
      files_(path),
      writer_(std::make_unique<Database>(path, options.look ? Database::Use::kLook : Database::Use::kWrite,
                                         options.cache_bytes / 2, queries_)),
      transaction_(*writer_, files_) {}

SqliteStore::~SqliteStore() {
  close();
}

Status SqliteStore::prepare(const std::optional<LogDamage>& damage) {
  MigratedDatabase target(*writer_, clock_);
  if (damage) {
    if (const auto ours = target.version(); !ours) return ours.error();
    if (Status kept = keep_damaged_log(*damage); !kept) return kept;
  }
  if (Status migrated = migrate("sqlite", target); !migrated) return migrated;
  // Not before it is known that the file is ours: this already writes to it.
  writer_->script(queries_.text("use_log"));
  recover();
  if (options_.histories) begin_history();
  // The rest behind the gap must not be found again behind what is written from here on.
  if (damage) writer_->checkpoint(true);
  files_.remember();
  return {};
}

Status SqliteStore::look() {
  MigratedDatabase target(*writer_, clock_);
  const auto version = target.version();
  if (!version) return version.error();
  if (*version != newest_migration("sqlite")) {
    return Error{ErrorCode::kFailedPrecondition, "The store has schema version " + std::to_string(*version) +
                                                     ", this program " +
                                                     std::to_string(newest_migration("sqlite")) +
                                                     "; a server's start brings an older one up to date"};
  }
  read_counters();
  if (options_.histories) history_begins(last_position(*writer_));
  return {};
}

// Once, however often the start is tried: the copy has the log's own number.
Status SqliteStore::keep_damaged_log(const LogDamage& damage) {
  char number[16];
  std::snprintf(number, sizeof number, "%08x", damage.salt);
  const std::string log = path_ + "-wal";
  const std::string kept = log + ".damaged-" + number;
  std::error_code fault;
  std::filesystem::copy_file(log, kept, std::filesystem::copy_options::skip_existing, fault);
  if (fault) {
    return Error{ErrorCode::kUnavailable, in_words(damage, path_) + ", and it cannot be kept aside as '" +
                                              kept +
                                              "' before the store goes on without them: " + fault.message()};
  }
  if (options_.log == nullptr) return {};
  options_.log->error("answered requests are lost: the store's log is damaged",
                      {{"commits_lost", std::to_string(damage.lost_commits)},
                       {"frames_lost", std::to_string(damage.lost_frames)},
                       {"frame", std::to_string(damage.frame)},
                       {"log_kept", kept}});
  return {};
}

// Puts into memory what the last process left: counters and unfinished tasks. Parts of a change of the
// catalog that was never completed go.
void SqliteStore::recover() {
  read_counters();
  writer_->execute("drop_items_after", catalog_version_.load());
  writer_->execute("drop_item_keys_after", catalog_version_.load());
  Query open = writer_->query("open_tasks");
  while (open.step()) {
    auto [id, task] = live_task_of(open);
    // A retry begins at once; what was never to begin before its moment waits for it.
    const ForeignTerms terms{.not_before = open.optional_time("run_at")};
    if (task.attempt == 0) {
      const LiveTask waiting = live_task(task.kind, terms);
      task.state = waiting.state;
      task.until = waiting.until;
    }
    if (task.state == TaskState::kReady) {
      const Lock lock(recovered_mutex_);
      recovered_.emplace_back(task.kind, id);
    }
    // An id is the table's key, so it cannot be there yet.
    if (live_.add(id, std::move(task), true)) live_.announce(id);
  }
}

// Positions for what has none, in one transaction: of a part of it, what comes later would not know its
// place.
void SqliteStore::begin_history() {
  std::int64_t position = last_position(*writer_);
  if (the_row(*writer_, "any_unpositioned", [](const auto& row) {
        return row.boolean("is_there");
      }).value()) {
    writer_->execute("begin_write");
    const auto give = [&](const Query& row) {
      enum Place : int { kExposure = 0, kFeedback = 1 };
      const int place = row.small("place");
      const std::int64_t id = row.integer("id");
      ++position;
      if (place == kExposure) {
        writer_->execute("position_exposure", id, row.integer("n"), position);
      } else if (place == kFeedback) {
        writer_->execute("position_feedback", id, row.integer("n"), position);
      } else {
        writer_->execute("position_person_event", id, position);
      }
      return true;
    };
    writer_->each_row("unpositioned", give);
    writer_->execute("commit");
  }
  transaction_.give_positions(position);
  history_begins(position);
}

void SqliteStore::read_counters() {
  catalog_version_ = counter(*writer_, "catalog_version");
  registry_version_ = counter(*writer_, "registry_version");
  Query last = writer_->query("last_ids");
  last.step();
  users_ = last.integer("users");
  inferences_ = last.integer("inferences");
}

std::pair<TaskId, LiveTask> live_task_of(const Query& row) {
  LiveTask task;
  const TaskId id = row.task_id("id");
  task.kind = static_cast<TaskKind>(row.small("kind"));
  task.attempt = row.small("attempt");
  task.fence = row.integer("fence");
  task.arguments = row.text("arguments");
  task.expires = row.optional_time("expires");
  task.trace = telemetry::parse_traceparent(row.bytes("trace"));
  if (task.kind != TaskKind::kInference) return {id, std::move(task)};
  Result<NewInference> request = new_inference_of(row);
  if (!request) row.damaged(request.error().message);
  task.inference = std::make_shared<const NewInference>(*std::move(request));
  return {id, std::move(task)};
}

Counts SqliteStore::counts() const noexcept {
  return {users_.load(), inferences_.load()};
}

std::optional<std::int64_t> SqliteStore::bytes() {
  std::int64_t bytes = 0;
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::error_code fault;
    const std::uintmax_t size = std::filesystem::file_size(path_ + ending, fault);
    if (!fault) bytes += static_cast<std::int64_t>(size);
  }
  return bytes == 0 ? std::nullopt : std::optional{bytes};
}

// Reading proves little about writing: there has to be room for what a start writes, and after a failed
// commit a row is written to see whether it works again. The writer is there as long as a reader is lent.
Status SqliteStore::ping() {
  const Result<bool> reads = readers_->with<bool>([this](Database& database) -> Result<bool> {
    if (Status there = files_.check(); !there) return there.error();
    if (Status room = files_.make_room(writer_->log_end()); !room) return room.error();
    return has_row(database, "counter", std::string_view("heartbeat"));
  });
  if (!reads) return reads.error();
  return line_->healthy() ? Status{} : write_heartbeat();
}

Result<std::unique_ptr<ExclusiveLock>> SqliteStore::try_lock(std::string_view /*what*/, LockEnds /*ends*/) {
  struct Own final : ExclusiveLock {
    bool holds() override { return true; }
  };
  return std::unique_ptr<ExclusiveLock>(std::make_unique<Own>());
}

void SqliteStore::close() {
  const Lock one_closer(close_mutex_);
  if (line_ != nullptr) line_->close();
  if (readers_ != nullptr) readers_->close();
  if (writer_ == nullptr) return;
  try {
    // The names may be another store's by now: nothing of it is touched.
    if (Status there = files_.check(); there) {
      writer_->checkpoint(true);
    } else {
      writer_->leave_log();
    }
  } catch (const DatabaseError&) {
    // The log stays and is read at the next open.
  }
  writer_.reset();
}

}  // namespace rankloop::storage::sqlite
