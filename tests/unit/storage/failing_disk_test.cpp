// A store whose disk fails.
#include "unit/storage/failing_disk.h"

#include <atomic>
#include <mutex>

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace rankloop::storage {
namespace {

// SQLite takes plain functions, so what they need stands here.
std::atomic<FailingDisk::Fault> current_fault{FailingDisk::Fault::kNone};
sqlite3_vfs* real_disk = nullptr;
sqlite3_vfs failing_disk;

// SQLite has one table of methods for the database itself and another for its log and journals.
struct Methods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods failing{};
  std::once_flag copied;
};
Methods database_methods;
Methods log_methods;

template <Methods& kMethods>
int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  if (current_fault == FailingDisk::Fault::kFull) return SQLITE_FULL;
  return kMethods.real->xWrite(file, data, amount, offset);
}

template <Methods& kMethods>
int sync(sqlite3_file* file, int flags) {
  if (current_fault == FailingDisk::Fault::kSync) return SQLITE_IOERR_FSYNC;
  return kMethods.real->xSync(file, flags);
}

template <Methods& kMethods>
void replace_methods(sqlite3_file* file) {
  std::call_once(kMethods.copied, [&] {
    kMethods.real = file->pMethods;
    kMethods.failing = *file->pMethods;
    kMethods.failing.xWrite = &write<kMethods>;
    kMethods.failing.xSync = &sync<kMethods>;
  });
  file->pMethods = &kMethods.failing;
}

// The real file, with two of its methods replaced.
int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = real_disk->xOpen(real_disk, name, file, flags, out_flags);
  if (code != SQLITE_OK) return code;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    replace_methods<database_methods>(file);
  } else {
    replace_methods<log_methods>(file);
  }
  return SQLITE_OK;
}

}  // namespace

FailingDisk::FailingDisk() {
  real_disk = sqlite3_vfs_find(nullptr);
  failing_disk = *real_disk;
  failing_disk.zName = "failing";
  failing_disk.pNext = nullptr;
  failing_disk.xOpen = &open;
  sqlite3_vfs_register(&failing_disk, 1);
}

FailingDisk::~FailingDisk() {
  set(Fault::kNone);
  sqlite3_vfs_register(real_disk, 1);
}

void FailingDisk::set(Fault fault) {
  current_fault = fault;
}

}  // namespace rankloop::storage
