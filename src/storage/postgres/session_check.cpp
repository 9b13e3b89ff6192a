// Asks two sessions in turn which process of the server answers each.
#include "storage/postgres/session_check.h"

#include <string>

namespace rankloop::storage::postgres {
namespace {

constexpr int kRounds = 20;  // of a pooler that is in use by others meanwhile

// The number of the server's process that answers now.
std::string process_of(Connection& connection, const Queries& queries) {
  return connection.script(queries.text("process"));
}

Error changes_sessions(const Connector& connector) {
  return {ErrorCode::kFailedPrecondition,
          "The PostgreSQL database " + connector.place() +
              " is reached through a connection pooler that changes the connection between transactions "
              "(PgBouncer's pool_mode = transaction or statement). rankloop needs sessions: let 'store' name "
              "PostgreSQL itself, or a pool with pool_mode = session"};
}

}  // namespace

// Without a pooler the process is the one that made itself known. With one, a session keeps its process to
// itself until it ends: it neither changes nor serves another meanwhile.
Status keeps_sessions(Connector& connector, Connection& connection) {
  const Queries& queries = connector.queries();
  try {
    const std::string own = process_of(connection, queries);
    if (own == std::to_string(connection.told_process())) return {};
    Result<std::unique_ptr<Connection>> other = connector.connect();
    if (!other) return other.error();
    for (int round = 0; round < kRounds; ++round) {
      if (process_of(**other, queries) == own) return changes_sessions(connector);
      if (process_of(connection, queries) != own) return changes_sessions(connector);
    }
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

}  // namespace rankloop::storage::postgres
