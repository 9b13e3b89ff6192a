// What lies between this process and PostgreSQL: a pooler that gives each transaction whatever connection is
// free (PgBouncer's pool_mode transaction or statement) would lose what belongs to a session. Statements are
// prepared for it, it listens, and it holds locks.
#pragma once

#include "storage/postgres/connector.h"

namespace rankloop::storage::postgres {

// `connection` has prepared nothing yet. kFailedPrecondition: such a pooler, and what to do about it;
// kUnavailable: the database did not answer.
Status keeps_sessions(Connector& connector, Connection& connection);

}  // namespace rankloop::storage::postgres
