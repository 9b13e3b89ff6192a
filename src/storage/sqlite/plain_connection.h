// A connection to a SQLite file without a store around it, for those who work on whole files: moving a store,
// backing it up, putting it back.
//
// Used by one thread. Errors are thrown as DatabaseError and never leave the sqlite/ folder: see guarded().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "error/result.h"
#include "storage/sqlite/database.h"

namespace rankloop::storage::sqlite {

struct CloseConnection {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

[[noreturn]] void fail(sqlite3* connection, int code);
// `flags` are SQLite's for opening.
Connection connect(const std::string& file, int flags);
// To a file that nobody changes: nothing is locked, and no log is read or made beside it.
Connection connect_unchanging(const std::string& file);
// The same as an address, for SQLITE_OPEN_URI.
std::string unchanging_address(const std::string& file);
Statement prepared(sqlite3* connection, std::string_view sql);
void script(sqlite3* connection, std::string_view sql);          // several statements, without parameters
bool step(sqlite3_stmt* statement);                              // whether there is a row
std::int64_t number(sqlite3* connection, std::string_view sql);  // of a statement that answers one

// Runs `work`, which answers a Result<T> or a Status; a DatabaseError becomes its Error, with what SQLite
// says.
template <class T, class Work>
T guarded(const Work& work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    Error told = error.to_error();
    told.message += " (" + std::string(error.what()) + ")";
    return told;
  }
}

}  // namespace rankloop::storage::sqlite
