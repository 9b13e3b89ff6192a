// A SQLite store as one file: copied while a server writes to it, and put back.
//
// Both calls block for as long as the disk takes and may run on any thread. Errors: kAborted (stopped),
// kUnavailable (the disk), kDataLoss (damage: what was copied does not read as it should). Whatever fails,
// nothing has its name that had it not before.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::storage {

struct CopiedTable {
  std::string name;
  std::int64_t rows = 0;
};

struct CopiedStore {
  std::int64_t bytes = 0;
  int schema = 0;                   // the version of its schema
  std::vector<CopiedTable> tables;  // by name
  std::int64_t rows(std::string_view table) const;
};

struct CopyOptions {
  // Of the whole work, in pages. May be null.
  std::function<void(std::string_view what, std::int64_t done, std::int64_t total)> progress;
  std::stop_token stop;
  bool replace = false;  // restoring: the store may be there, and goes
};

// Copies the store in `file` as it is at one moment after the call began: everything that was committed
// before is in it. Whoever writes to the store is not held up; only the store's log cannot begin anew
// meanwhile. The copy is checked (its structure, and the rows of every table) and takes the name `copy` when
// it is on the disk. kNotFound: no store; kAlreadyExists: `copy` is there.
Result<CopiedStore> back_up(const std::string& file, const std::string& copy, const CopyOptions& options);

// Puts such a copy in the place of the store in `file`, which nobody may use. The copy stays.
// kNotFound: no copy; kFailedPrecondition: it is another program's, of a newer one, or has a log beside it;
// kAlreadyExists: there is a store, and it is not to be replaced.
Result<CopiedStore> restore(const std::string& copy, const std::string& file, const CopyOptions& options);

}  // namespace rankloop::storage
