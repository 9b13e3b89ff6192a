// The life of the store: opening, what it hears of others, closing.
#include "storage/postgres/postgres_store.h"

#include <array>
#include <charconv>
#include <chrono>

#include "storage/postgres/hints.h"
#include "storage/postgres/migrated_database.h"
#include "storage/postgres/session_check.h"

namespace rankloop::storage::postgres {
namespace {

constexpr int kLeaseConnections = 2;
constexpr std::int64_t kHeldInSilence = 5'000;  // milliseconds

std::string new_origin() {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(random_bits()));
  return digits.data();
}

// A lock of the session: it goes with the connection, also when the process dies.
class SessionLock final : public ExclusiveLock {
 public:
  explicit SessionLock(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  bool holds() override {
    try {
      return !connection_->run("answers").empty();
    } catch (const DatabaseError&) {
      return false;
    }
  }

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace

// What another process says, on its way to our listener.
class PostgresStore::Heard final : public StoreListener {
 public:
  explicit Heard(PostgresStore& store) : store_(store), of_tasks_(store.listener_.of_others()) {}
  void task_ready(TaskKind kind, const TaskId& id) noexcept override { of_tasks_.task_ready(kind, id); }
  void task_changed(const TaskId& id, TaskState state) noexcept override {
    of_tasks_.task_changed(id, state);
  }
  void catalog_changed(std::int64_t version) noexcept override { store_.catalog_moved(version); }
  void registry_changed(std::int64_t version) noexcept override { store_.registry_moved(version); }

 private:
  PostgresStore& store_;
  StoreListener& of_tasks_;
};

Result<std::unique_ptr<Store>> PostgresStore::open(const std::string& rest, const StoreOptions& options,
                                                   const Clock& clock, StoreListener& listener) {
  const std::string url = "postgresql://" + rest;
  if (Status checked = Connector::check(url); !checked) return checked.error();
  std::unique_ptr<PostgresStore> store(new PostgresStore(url, options, clock, listener));
  Result<std::unique_ptr<Connection>> connection = store->prepare();
  if (!connection) return connection.error();
  PostgresStore& opened = *store;
  try {
    opened.listening_ =
        std::make_unique<Listening>(opened.connector_, *std::move(connection), opened.callbacks());
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
  opened.line_ = std::make_unique<GroupCommit>(
      opened.batch_,
      GroupCommit::Limits{
          .max_waiting = options.max_waiting_writes, .max_batch = options.max_batch, .gather = kGather},
      options.metrics, options.log);
  return std::unique_ptr<Store>(std::move(store));
}

PostgresStore::PostgresStore(const std::string& url, const StoreOptions& options, const Clock& clock,
                             StoreListener& listener)
    : SqlWrites(options, clock, listener),
      origin_(new_origin()),
      connector_(url, options.deadline),
      readers_(connector_, options.readers),
      leases_(connector_, kLeaseConnections),
      mark_(clock),
      batch_(connector_, mark_, origin_, options_, listener_) {}

PostgresStore::~PostgresStore() {
  close();
}

// Answers the connection over which it migrated and read the versions.
Result<std::unique_ptr<Connection>> PostgresStore::prepare() {
  Result<std::unique_ptr<Connection>> connection = connector_.connect();
  if (!connection) return connection;
  if (Status keeps = keeps_sessions(connector_, **connection); !keeps) return keeps.error();
  MigratedDatabase target(**connection, connector_.queries());
  if (Status migrated = migrate("postgres", target); !migrated) {
    Error error = migrated.error();
    error.message += ": " + connector_.place();
    return error;
  }
  try {
    if (options_.histories) {
      if (Status begun = begin_history(); !begun) return begun.error();
    }
    read_versions(**connection, false);
    return connection;
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

// Positions for what has none. In one transaction: of a part of it, what comes later would not know its
// place. Over a connection of its own, whose plans are for reading everything. Others wait for the lock only
// while there is something to do.
Status PostgresStore::begin_history() {
  constexpr std::chrono::minutes kLongest{121};
  const Result<std::unique_ptr<Connection>> made = connector_.connect();
  if (!made) return made.error();
  Connection& connection = **made;
  try {
    connection.answer_within(kLongest);
    connection.send("begin_write");
    connection.send("prepare_to_read_all");
    const bool complete = !connection.run("any_unpositioned").front().boolean("is_there");
    const std::int64_t given = connection.run("given_position").front().integer("position");
    if (!complete || given < last_position(connection)) {
      connection.run("lock_history");
      connection.run("position_what_has_none", last_position(connection));
      connection.run("continue_positions", last_position(connection));
    }
    connection.run("commit");
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

// After an outage nobody loses a lease that could not be prolonged meanwhile: those who live do it first.
Listening::Callbacks PostgresStore::callbacks() {
  return {.connected =
              [this](bool again) {
                announce_all_ = true;
                if (again) take_back_from_ = std::chrono::steady_clock::now() + options_.lease / 2;
              },
          .heard = [this](const std::string& payload) { hear(payload); },
          .look = [this](Connection& connection) { look(connection); }};
}

void PostgresStore::look(Connection& connection) {
  read_versions(connection, true);
  if (batch_.takes_long()) {
    connection.run("end_halted_writers", std::int64_t{options_.most_stall.count()});
  }
  readers_.mend();
  leases_.mend();
}

void PostgresStore::read_versions(Connection& connection, bool tell) {
  const Rows rows = connection.run("versions");
  const Row row = rows.front();
  requests_grew(row.integer("number"));
  const std::int64_t position = options_.histories ? last_position(connection) : 0;
  if (tell) {
    history_moved(position);
    catalog_moved(row.integer("catalog_version"));
    registry_moved(row.integer("registry_version"));
  } else {
    const auto nobody = [](std::int64_t) {};
    history_begins(position);
    catalog_version_.raise(row.integer("catalog_version"), nobody);
    registry_version_.raise(row.integer("registry_version"), nobody);
  }
}

void PostgresStore::hear(const std::string& payload) {
  Heard heard(*this);
  unpack_hints(payload, origin_, heard);
}

void PostgresStore::catalog_moved(std::int64_t version) {
  catalog_version_.raise(version, [this](std::int64_t now) { listener_.catalog_changed(now); });
}

void PostgresStore::registry_moved(std::int64_t version) {
  registry_version_.raise(version, [this](std::int64_t now) { listener_.registry_changed(now); });
}

void PostgresStore::requests_grew(std::int64_t number) noexcept {
  std::int64_t known = requests_.load();
  while (known < number && !requests_.compare_exchange_weak(known, number)) {
  }
}

// A request makes one user and one inference.
Counts PostgresStore::counts() const noexcept {
  return {requests_.load(), requests_.load()};
}

std::optional<std::int64_t> PostgresStore::bytes() {
  const auto bytes = readers_.with<std::int64_t>([](Connection& connection) -> Result<std::int64_t> {
    return connection.run("database_bytes").front().integer("bytes");
  });
  return bytes ? std::optional{*bytes} : std::nullopt;
}

// After a failed commit a row is written to see whether it works again.
Status PostgresStore::ping() {
  const Result<bool> reads = readers_.with<bool>([](Connection& connection) -> Result<bool> {
    return has_row(connection, "counter", std::string_view("heartbeat"));
  });
  if (!reads) return reads.error();
  return line_->healthy() ? Status{} : write_heartbeat();
}

// The connection of one who did not get it is kept for the next attempt.
Result<std::unique_ptr<ExclusiveLock>> PostgresStore::try_lock(std::string_view what, LockEnds ends) {
  const Lock lock(candidate_mutex_);
  std::unique_ptr<Connection> candidate = std::move(candidate_);
  if (candidate == nullptr || candidate->was_closed()) {
    Result<std::unique_ptr<Connection>> made = connector_.connect();
    if (!made) return made.error();
    candidate = *std::move(made);
  }
  try {
    candidate->run("end_session_after", ends == LockEnds::kInSilence ? kHeldInSilence : 0);
    if (!candidate->run("try_lock", what).front().boolean("held")) {
      candidate_ = std::move(candidate);
      return std::unique_ptr<ExclusiveLock>();
    }
    read_versions(*candidate, true);
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
  return std::unique_ptr<ExclusiveLock>(std::make_unique<SessionLock>(std::move(candidate)));
}

void PostgresStore::close() {
  const Lock one_closer(close_mutex_);
  if (line_ != nullptr) line_->close();
  listening_.reset();
  readers_.close();
  leases_.close();
  const Lock lock(candidate_mutex_);
  candidate_.reset();
}

}  // namespace rankloop::storage::postgres
