// Reads many rows a few at a time, inside a transaction: each part has its deadline, and none of them needs
// memory for all.
#pragma once

#include <string>
#include <string_view>

#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {

// Calls `visit` with each row until it answers false. `cursor` names a text that declares the cursor
// `stream`.
template <class Visit, class... Values>
void each_row(Connection& connection, std::string_view cursor, const Visit& visit, const Values&... values) {
  connection.send(cursor, values...);
  for (bool more = true; more;) {
    const Rows rows = connection.run("fetch_stream");
    more = !rows.empty();
    for (int i = 0; i < rows.size() && more; ++i) more = visit(rows[i]);
  }
  connection.run("close_stream");
}

}  // namespace rankloop::storage::postgres
