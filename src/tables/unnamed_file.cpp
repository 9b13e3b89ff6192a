// Makes files without names, and appends to them.
#include "tables/unnamed_file.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tables/file_descriptor.h"

namespace rankloop::tables {
namespace {

Error refused(const std::string& folder) {
  const std::string reason = std::generic_category().message(errno);
  return {ErrorCode::kUnavailable, "a temporary file cannot be written: " + reason, "in '" + folder + "'"};
}

// Some file systems know none without a name: there one is made, and its name taken off.
int open_unnamed(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = folder + "/rankloop-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

Result<std::unique_ptr<UnnamedFile>> UnnamedFile::make(const std::string& folder) {
  auto file = std::make_shared<const FileDescriptor>(open_unnamed(folder));
  if (file->number() < 0) return refused(folder);
  return std::unique_ptr<UnnamedFile>(new UnnamedFile(folder, std::move(file)));
}

Status UnnamedFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::pwrite(file_->number(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return refused(folder_);
    size_ += static_cast<std::uint64_t>(put);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace rankloop::tables
