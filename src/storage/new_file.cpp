// Writes, flushes and renames a file.
#include "storage/new_file.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rankloop::storage {

Error refused_by_system(const std::string& what, const std::string& file) {
  return {ErrorCode::kUnavailable, what + " '" + file + "': " + std::strerror(errno)};
}

Result<std::unique_ptr<NewFile>> NewFile::make(const std::string& made) {
  const int descriptor = ::open(made.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return refused_by_system("cannot make", made);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return Error{ErrorCode::kFailedPrecondition, "another process is writing '" + made + "'"};
  }
  std::unique_ptr<NewFile> file{new NewFile{made, descriptor}};
  if (::fchmod(descriptor, 0600) != 0 || ::ftruncate(descriptor, 0) != 0)
    return refused_by_system("cannot write", made);
  return file;
}

NewFile::~NewFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
  ::close(descriptor_);
}

Status NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0) return refused_by_system("cannot write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Status NewFile::allow(::mode_t permissions) {
  return ::fchmod(descriptor_, permissions) == 0 ? Status{}
                                                 : refused_by_system("cannot set the rights of", path_);
}

Status NewFile::flush() {
  return ::fsync(descriptor_) == 0 ? Status{} : refused_by_system("cannot write", path_);
}

Status NewFile::take_name(const std::string& name, bool replace) {
  if (Status flushed = flush(); !flushed) return flushed;
  int code = ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), replace ? 0 : RENAME_NOREPLACE);
  if (code != 0 && errno == EINVAL && !replace) {
    // A file system that cannot do both at once.
    if (std::filesystem::exists(name)) {
      errno = EEXIST;
    } else {
      code = std::rename(path_.c_str(), name.c_str());
    }
  }
  if (code != 0 && errno == EEXIST)
    return Error{ErrorCode::kAlreadyExists, "'" + name + "' is there already and is left as it is"};
  if (code != 0) return refused_by_system("cannot make", name);
  path_.clear();
  return flush_folder_of(name);
}

Status flush_folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  const std::string path = folder.empty() ? "." : folder;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
  const Status status = good ? Status{} : Status{refused_by_system("cannot keep the names in", path)};
  if (descriptor >= 0) ::close(descriptor);
  return status;
}

}  // namespace rankloop::storage
