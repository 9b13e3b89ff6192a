// The calls of libpq and their errors.
#include "storage/postgres/connection.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>

#include <poll.h>

namespace rankloop::storage::postgres {
namespace {

using std::chrono_literals::operator""ms;

constexpr int kBinary = 1;
constexpr auto kBetweenLooks = 100ms;   // at whether the server is silent, of who waits for it
constexpr int kOldestServer = 130'000;  // which has pg_current_xact_id()

template <class Unsigned>
Unsigned from_big_endian(std::string_view bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>((value << 8) | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

PGconn* connect(const std::string& url, std::chrono::milliseconds timeout) {
  const std::string seconds = std::to_string(std::max<std::int64_t>(timeout.count() / 1'000, 2));
  const std::string unacknowledged = std::to_string(timeout.count());
  const std::array<const char*, 9> keys = {"dbname",
                                           "connect_timeout",
                                           "tcp_user_timeout",
                                           "keepalives_idle",
                                           "keepalives_interval",
                                           "keepalives_count",
                                           "fallback_application_name",
                                           "client_encoding",
                                           nullptr};
  const std::array<const char*, 9> values = {
      url.c_str(), seconds.c_str(), unacknowledged.c_str(), "5", "2", "3", "rankloop", "UTF8", nullptr};
  return PQconnectdbParams(keys.data(), values.data(), 1);
}

}  // namespace

Error DatabaseError::to_error() const {
  if (is_constraint()) return {ErrorCode::kAlreadyExists, "The row is already there", detail_};
  if (state_.starts_with("22")) return {ErrorCode::kInvalidArgument, "A value cannot be stored", detail_};
  if (state_.starts_with("XX00")) return {ErrorCode::kDataLoss, "The database is damaged", detail_};
  if (state_ == "53100")
    return {ErrorCode::kUnavailable, "The store cannot write: the disk is full", detail_};
  return {ErrorCode::kUnavailable, "The store cannot be read or written at the moment", detail_};
}

std::int64_t Row::integer(Column column) const {
  const std::string_view stored = bytes(column);
  switch (stored.size()) {
    case 0:
      return 0;  // NULL
    case 1:
      return stored.front();
    case 2:
      return static_cast<std::int16_t>(from_big_endian<std::uint16_t>(stored));
    case 4:
      return static_cast<std::int32_t>(from_big_endian<std::uint32_t>(stored));
    case 8:
      return static_cast<std::int64_t>(from_big_endian<std::uint64_t>(stored));
    default:
      throw DatabaseError("XX000", "an integer has " + std::to_string(stored.size()) + " bytes");
  }
}

double Row::real(Column column) const {
  return std::bit_cast<double>(integer(column));
}

std::string_view Row::bytes(Column column) const {
  const int at = place(column);
  return {PQgetvalue(result_, row_, at), static_cast<std::size_t>(PQgetlength(result_, row_, at))};
}

Result<std::shared_ptr<const Positions>> positions_of(const PGresult* result) {
  std::vector<std::string_view> names;
  for (int i = 0; i < PQnfields(result); ++i) names.push_back(PQfname(result, i));
  Result<Positions> found = Positions::of(names);
  if (!found) return found.error();
  return std::make_shared<const Positions>(*found);
}

std::int64_t Rows::changed() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

Connection::Connection(const std::string& url, Timeout connect_timeout, const Queries& queries,
                       const std::atomic<bool>* silent)
    : queries_(queries), silent_(silent), handle_(connect(url, connect_timeout)) {
  if (handle_ == nullptr) throw DatabaseError("", "out of memory");
  if (broken()) throw DatabaseError("", PQerrorMessage(handle_.get()));
  // What the server says beside its answers stands in its own log; libpq would write it to standard error,
  // past ours.
  PQsetNoticeReceiver(handle_.get(), [](void*, const PGresult*) {}, nullptr);
  // Not the details: they quote the row that does not fit, and the log must not.
  PQsetErrorVerbosity(handle_.get(), PQERRORS_TERSE);
  if (PQserverVersion(handle_.get()) < kOldestServer) {
    throw DatabaseError("0A000", "the server is older than PostgreSQL 13");
  }
  const char* encoding = PQparameterStatus(handle_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    throw DatabaseError("0A000", "the database's encoding is not UTF8");
  }
  if (PQsetnonblocking(handle_.get(), 1) != 0) lose(PQerrorMessage(handle_.get()));
  PQenterPipelineMode(handle_.get());
  script(queries_.text("set_up"), connect_timeout);
}

bool Connection::is_answered(const std::string& url) {
  const std::array<const char*, 3> keys = {"dbname", "connect_timeout", nullptr};
  const std::array<const char*, 3> values = {url.c_str(), "2", nullptr};
  return PQpingParams(keys.data(), values.data(), 1) != PQPING_NO_RESPONSE;
}

// A server that goes says why first, so the end may stand behind something to read.
bool Connection::was_closed() {
  pollfd idle{PQsocket(handle_.get()), POLLIN, 0};
  while (!broken() && poll(&idle, 1, 0) > 0 && PQconsumeInput(handle_.get()) != 0) {
  }
  return broken();
}

void Connection::lose(const std::string& why) {
  throw DatabaseError("", why);
}

// Of a connection on which an answer may still come: it would be taken for another's.
void Connection::give_up(const std::string& why) {
  handle_.reset();
  throw DatabaseError("", why);
}

DatabaseError Connection::error_of(const PGresult* result, std::string_view name) const {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return {state == nullptr ? "" : state,
          std::string(PQresultErrorMessage(result)) + " in: " + std::string(name)};
}

void Connection::send_prepared(std::string_view name, const Parameters& parameters, Use use) {
  const std::string key(name);
  if (const auto [made, fresh] = prepared_.try_emplace(name, Prepared{use, nullptr}); fresh) {
    constexpr const char* kCursor = "DECLARE stream NO SCROLL CURSOR FOR ";
    const std::string sql = (use == Use::kStream ? kCursor : "") + std::string(queries_.text(name));
    if (PQsendPrepare(handle_.get(), key.c_str(), sql.c_str(), parameters.size(), parameters.types()) == 0) {
      lose(PQerrorMessage(handle_.get()));
    }
    sent_.push_back({name, true});
  } else if (made->second.use != use) {
    throw DatabaseError("", "a statement is once streamed and once not: " + key);
  }
  if (PQsendQueryPrepared(handle_.get(), key.c_str(), parameters.size(), parameters.values(),
                          parameters.lengths(), parameters.formats(), kBinary) == 0) {
    lose(PQerrorMessage(handle_.get()));
  }
  sent_.push_back({name, false});
}

// Until something can be read, or the rest of what is queued could be sent. What is there counts, however
// late this process comes to look.
void Connection::wait(Deadline deadline) {
  const int unsent = PQflush(handle_.get());
  if (unsent < 0) lose(PQerrorMessage(handle_.get()));
  pollfd ready{PQsocket(handle_.get()), static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), 0};
  for (;;) {
    const auto left = std::chrono::ceil<Timeout>(deadline - std::chrono::steady_clock::now());
    const int changed =
        poll(&ready, 1, static_cast<int>(std::clamp<Timeout>(left, 0ms, kBetweenLooks).count()));
    if (changed > 0) break;
    if (changed < 0 && errno == EINTR) return;
    if (changed < 0) give_up("the connection cannot be waited for");
    if (left <= 0ms) give_up("the server did not answer in time");
    if (silent_ != nullptr && *silent_) give_up("the server answers nobody");
  }
  if ((ready.revents & ~POLLOUT) != 0 && PQconsumeInput(handle_.get()) == 0)
    lose(PQerrorMessage(handle_.get()));
}

// What a cursor has is found in each of its parts: they have no statement of their own.
Result<std::shared_ptr<const Positions>> Connection::positions_for(std::string_view name,
                                                                   const PGresult* result) {
  constexpr std::string_view kPart = "fetch_stream";
  const auto prepared = prepared_.find(name);
  if (name == kPart || prepared == prepared_.end()) return positions_of(result);
  if (prepared->second.positions != nullptr) return prepared->second.positions;
  auto found = positions_of(result);
  if (found) prepared->second.positions = *found;
  return found;
}

void Connection::take(const Sent& sent, PGresult* result, std::vector<Rows>& results,
                      std::optional<DatabaseError>& failed) {
  Rows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    if (sent.prepares) return;
    auto positions = positions_for(sent.name, result);
    if (!positions && !failed)
      failed.emplace("42703", positions.error().message + " in: " + std::string(sent.name));
    if (positions) rows.name_columns(*std::move(positions));
    results.push_back(std::move(rows));
    return;
  }
  if (sent.prepares) prepared_.erase(sent.name);
  if (status != PGRES_PIPELINE_ABORTED && !failed) failed = error_of(result, sent.name);
}

std::vector<Rows> Connection::flush(Timeout timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  if (PQpipelineSync(handle_.get()) == 0) lose(PQerrorMessage(handle_.get()));
  const std::vector<Sent> sent = std::exchange(sent_, {});
  std::vector<Rows> results;
  std::optional<DatabaseError> failed;
  for (std::size_t next = 0;;) {
    wait(deadline);
    while (PQisBusy(handle_.get()) == 0) {
      PGresult* result = PQgetResult(handle_.get());
      if (result == nullptr) {
        if (broken()) lose(failed ? failed->what() : "the connection was lost");
        continue;  // parts the results of two statements
      }
      if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        if (failed) throw *failed;
        return results;
      }
      if (next == sent.size()) {
        const DatabaseError unexpected = error_of(result, "no statement");
        PQclear(result);
        throw unexpected;
      }
      take(sent[next++], result, results, failed);
    }
  }
}

void Connection::discard() {
  if (sent_.empty()) return;
  try {
    flush();
  } catch (const DatabaseError&) {
    if (broken()) throw;
  }
}

std::string Connection::script(std::string_view sql, Timeout timeout) {
  std::string answer;
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  const std::string text(sql);
  PQexitPipelineMode(handle_.get());
  if (PQsendQuery(handle_.get(), text.c_str()) == 0) lose(PQerrorMessage(handle_.get()));
  std::optional<DatabaseError> failed;
  for (bool more = true; more;) {
    while (PQisBusy(handle_.get()) != 0) wait(deadline);
    PGresult* result = PQgetResult(handle_.get());
    more = result != nullptr;
    const ExecStatusType status = PQresultStatus(result);
    if (more && !failed && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      failed = error_of(result, "a script");
    }
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0) answer = PQgetvalue(result, 0, 0);
    PQclear(result);
    if (more && broken()) lose(failed ? failed->what() : "the connection was lost");
  }
  PQenterPipelineMode(handle_.get());
  if (failed) throw *failed;
  return answer;
}

std::vector<std::string> Connection::notifications() {
  if (PQconsumeInput(handle_.get()) == 0) lose(PQerrorMessage(handle_.get()));
  std::vector<std::string> payloads;
  while (PGnotify* notice = PQnotifies(handle_.get())) {
    payloads.emplace_back(notice->extra);
    PQfreemem(notice);
  }
  return payloads;
}

}  // namespace rankloop::storage::postgres
