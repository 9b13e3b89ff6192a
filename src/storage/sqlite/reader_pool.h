// A few connections that only read, lent to one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "error/caught.h"
#include "storage/sqlite/database.h"
#include "sync/mutex.h"

namespace rankloop::storage::sqlite {

class ReaderPool {
 public:
  // Throws DatabaseError. `cache_bytes` is for all connections together; `use` is theirs.
  ReaderPool(const std::string& path, Database::Use use, int connections, std::size_t cache_bytes,
             const Queries& queries);

  // Calls `read` with a connection inside a snapshot of the database: all that it reads belongs together.
  // kUnavailable once closed; a DatabaseError comes back as its Error.
  template <class T, class Read>
  Result<T> with(const Read& read) {
    std::unique_ptr<Database> reader = borrow();
    if (reader == nullptr) return Error{ErrorCode::kUnavailable, "The store is closed"};
    Result<T> result = in_snapshot<T>(*reader, read);
    give_back(std::move(reader));
    return result;
  }
  // Waits for the connections that are lent out and closes all.
  void close();

 private:
  template <class T, class Read>
  static Result<T> in_snapshot(Database& reader, const Read& read) {
    try {
      reader.execute("begin_read");
      Result<T> result = read(reader);
      reader.execute("commit");
      return result;
    } catch (const DatabaseError& error) {
      end_snapshot(reader);
      return error.to_error();
    } catch (...) {
      end_snapshot(reader);  // whatever happens, the connection is there for the next one
      return caught();
    }
  }
  static void end_snapshot(Database& reader) noexcept;
  std::unique_ptr<Database> borrow();
  void give_back(std::unique_ptr<Database> reader);

  Mutex mutex_;
  Condition returned_;
  std::vector<std::unique_ptr<Database>> free_ GUARDED_BY(mutex_);
  std::size_t lent_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace rankloop::storage::sqlite
