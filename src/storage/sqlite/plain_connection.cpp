// Opens a file and runs statements on it.
#include "storage/sqlite/plain_connection.h"

namespace rankloop::storage::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

// As part of an address: every byte but the plainest as %xx.
std::string escaped(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  std::string text;
  for (const char c : path) {
    if (kPlain.find(c) != std::string_view::npos) {
      text.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text.append({'%', kDigits[byte >> 4], kDigits[byte & 0xf]});
  }
  return text;
}

}  // namespace

void fail(sqlite3* connection, int code) {
  throw DatabaseError(code, connection ? sqlite3_errmsg(connection) : "out of memory");
}

Connection connect(const std::string& file, int flags) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection connection(raw);
  if (code != SQLITE_OK) fail(raw, code);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return connection;
}

std::string unchanging_address(const std::string& file) {
  return "file:" + escaped(file) + "?immutable=1";
}

Connection connect_unchanging(const std::string& file) {
  return connect(unchanging_address(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Statement prepared(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) fail(connection, code);
  return Statement(statement);
}

void script(sqlite3* connection, std::string_view sql) {
  const std::string text(sql);
  if (const int code = sqlite3_exec(connection, text.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
    fail(connection, code);
}

bool step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(sqlite3_db_handle(statement), code);
  return code == SQLITE_ROW;
}

std::int64_t number(sqlite3* connection, std::string_view sql) {
  const Statement statement = prepared(connection, sql);
  step(statement.get());
  return sqlite3_column_int64(statement.get(), 0);
}

}  // namespace rankloop::storage::sqlite
