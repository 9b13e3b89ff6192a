// Compares the open files with those of the folder.
#include "storage/sqlite/store_files.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rankloop::storage::sqlite {
namespace {

constexpr std::array kEndings = {"", "-wal", "-shm"};
// Some hundred starts with what goes with them.
constexpr std::int64_t kRoom = 1 << 20;

Error gone(const std::string& path, const char* how) {
  return {ErrorCode::kUnavailable,
          std::string("The store's file was ") + how +
              " while the server runs, so nothing can be kept. Put it back, or stop the server and restore a "
              "backup",
          path};
}

}  // namespace

void StoreFiles::remember() {
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    struct stat now{};
    if (::stat((path_ + kEndings[i]).c_str(), &now) == 0) identities_[i] = {now.st_dev, now.st_ino, true};
  }
}

Status StoreFiles::check() {
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    if (Status there = check(path_ + kEndings[i], identities_[i], i == 0); !there) return there;
  }
  return {};
}

Status StoreFiles::check(const std::string& path, const Identity& identity, bool is_database) {
  if (!identity.known) return {};
  struct stat now{};
  if (::stat(path.c_str(), &now) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) {
      return Error{ErrorCode::kUnavailable, "The store's file cannot be looked at",
                   path + ": " + std::strerror(errno)};
    }
    return gone(path, "removed");
  }
  if (now.st_dev != identity.device || now.st_ino != identity.number) return gone(path, "replaced");
  if (!is_database) return {};
  if (now.st_size < size_.load(std::memory_order_relaxed)) return gone(path, "cut off");
  size_.store(now.st_size, std::memory_order_relaxed);
  return {};
}

Status StoreFiles::make_room(std::int64_t used) {
  const std::string log = path_ + "-wal";
  const int descriptor = ::open(log.c_str(), O_WRONLY | O_CLOEXEC);
  struct stat now{};
  if (descriptor < 0 || ::fstat(descriptor, &now) != 0) {
    const Error error{ErrorCode::kUnavailable, "The store cannot write", log + ": " + std::strerror(errno)};
    if (descriptor >= 0) ::close(descriptor);
    return error;
  }
  const std::int64_t wanted = used + kRoom;
  int code = 0;
  if (now.st_size < wanted)
    code = ::fallocate(descriptor, 0, now.st_size, wanted - now.st_size) == 0 ? 0 : errno;
  ::close(descriptor);
  // Where a file system cannot tell beforehand, only writing will.
  if (code == 0 || code == EOPNOTSUPP || code == ENOSYS) return {};
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  return Error{ErrorCode::kUnavailable,
               full ? "The store cannot write: the disk is full" : "The store cannot write",
               log + ": " + std::strerror(code)};
}

}  // namespace rankloop::storage::sqlite
