// The files of an open store, as the folder has them: SQLite goes on writing to a file that was removed or
// replaced, and whatever is answered then is lost with the process.
//
// Thread-safe once remember() was called.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include <sys/types.h>

#include "error/result.h"

namespace rankloop::storage::sqlite {

class StoreFiles {
 public:
  explicit StoreFiles(std::string path) : path_(std::move(path)) {}

  // Which files they are; once all of them are open.
  void remember();
  // kUnavailable: the database, its log or the log's index is not there any more, is another file, or was cut
  // off. Three looks at the folder, no read.
  Status check();
  // Makes sure that the log can grow by what a batch of starts needs, from the end of what it has; the room
  // stays with it. kUnavailable: the disk is full.
  Status make_room(std::int64_t used);

 private:
  struct Identity {
    ::dev_t device = 0;
    ::ino_t number = 0;
    bool known = false;
  };
  Status check(const std::string& path, const Identity& identity, bool is_database);

  const std::string path_;
  std::array<Identity, 3> identities_;
  std::atomic<std::int64_t> size_{0};  // of the database; it never shrinks
};

}  // namespace rankloop::storage::sqlite
