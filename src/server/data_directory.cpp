// Makes the directory and locks it.
#include "server/data_directory.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rankloop::server {
namespace {

constexpr const char* kLockFile = "/rankloop.lock";

std::string first_line(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

// Not every file system can lock a folder; the file is locked everywhere.
bool is_locked_by_another(int descriptor) {
  return ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string in_brackets(const std::string& who) {
  return who.empty() ? "" : " (" + who + ")";
}

Error cannot_open(const std::string& path) {
  return {ErrorCode::kUnavailable, "cannot open '" + path + "': " + std::strerror(errno)};
}

// What an older version has made could be read by everybody on the machine.
void close_to_others(const DataDirectory& directory) {
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::permissions(directory.store_file() + ending, std::filesystem::perms::others_all,
                                 std::filesystem::perm_options::remove, ignored);
  }
}

}  // namespace

std::string store_file_in(const std::string& data_dir) {
  return data_dir + "/rankloop.db";
}

Result<std::unique_ptr<DataDirectory>> DataDirectory::open(const std::string& path) {
  std::error_code fault;
  if (!std::filesystem::is_directory(path, fault)) {
    std::filesystem::create_directories(path, fault);
    if (!fault) std::filesystem::permissions(path, std::filesystem::perms::owner_all, fault);
  }
  if (fault) {
    return Error{ErrorCode::kUnavailable,
                 "cannot make the data directory '" + path + "': " + fault.message()};
  }
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return cannot_open(path);
  const std::string file = path + kLockFile;
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    Error error = cannot_open(file);
    ::close(folder);
    return error;
  }
  std::unique_ptr<DataDirectory> directory{new DataDirectory{path, folder, lock}};
  if (is_locked_by_another(folder) || is_locked_by_another(lock)) {
    directory->names_us_ = false;
    return Error{ErrorCode::kFailedPrecondition,
                 "another rankloop" + in_brackets(first_line(file)) + " uses the data directory '" + path +
                     "'. Stop it, or give this one another data_dir; several processes on the same data need "
                     "PostgreSQL (store = \"postgresql://...\")."};
  }
  close_to_others(*directory);
  directory->announce("starting");
  return directory;
}

DataDirectory::~DataDirectory() {
  // The file stays (removing it would race with another process that has just opened it), but names nobody.
  if (names_us_ && ::ftruncate(lock_, 0) == 0) ::fsync(lock_);
  ::close(lock_);
  ::close(folder_);
}

void DataDirectory::announce(const std::string& url) {
  const std::string line = "process " + std::to_string(::getpid()) + ", " + url + "\n";
  if (::ftruncate(lock_, 0) != 0) return;
  // Only a help for people and commands; a short write is found out by whoever reads it.
  if (::pwrite(lock_, line.data(), line.size(), 0) < 0) return;
}

bool is_in_use(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool in_use = folder >= 0 && ::flock(folder, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (folder >= 0) ::close(folder);
  return in_use;
}

Result<std::string> address_of_running_server(const std::string& path) {
  const std::string file = path + kLockFile;
  const int lock = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  const bool free = lock < 0 || !is_locked_by_another(lock);
  if (lock >= 0) ::close(lock);
  const std::string line = first_line(file);
  const std::size_t url = line.find("http://");
  if (free || url == std::string::npos) {
    return Error{ErrorCode::kNotFound, "no rankloop serves the data directory '" + path + "'"};
  }
  return line.substr(url);
}

}  // namespace rankloop::server
