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

}  // namespace

Result<std::unique_ptr<DataDirectory>> DataDirectory::open(const std::string& path) {
  std::error_code fault;
  std::filesystem::create_directories(path, fault);
  if (fault) {
    return Error{ErrorCode::kUnavailable,
                 "cannot make the data directory '" + path + "': " + fault.message()};
  }
  const std::string file = path + kLockFile;
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock < 0) {
    return Error{ErrorCode::kUnavailable, "cannot open '" + file + "': " + std::strerror(errno)};
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return Error{ErrorCode::kFailedPrecondition,
                 "another rankloop (" + first_line(file) + ") uses the data directory '" + path +
                     "'. Stop it, or give this one another data_dir; several processes on the same data need "
                     "PostgreSQL (store = \"postgresql://...\")."};
  }
  std::unique_ptr<DataDirectory> directory{new DataDirectory{path, lock}};
  directory->announce("starting");
  return directory;
}

DataDirectory::~DataDirectory() {
  // The file stays (removing it would race with another process that has just opened it), but names nobody.
  if (::ftruncate(lock_, 0) == 0) ::fsync(lock_);
  ::close(lock_);
}

void DataDirectory::announce(const std::string& url) {
  const std::string line = "process " + std::to_string(::getpid()) + ", " + url + "\n";
  if (::ftruncate(lock_, 0) != 0) return;
  // Only a help for people and commands; a short write is found out by whoever reads it.
  if (::pwrite(lock_, line.data(), line.size(), 0) < 0) return;
}

Result<std::string> address_of_running_server(const std::string& path) {
  const std::string file = path + kLockFile;
  const int lock = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  const bool free = lock < 0 || ::flock(lock, LOCK_EX | LOCK_NB) == 0;
  if (lock >= 0) ::close(lock);
  const std::string line = first_line(file);
  const std::size_t url = line.find("http://");
  if (free || url == std::string::npos) {
    return Error{ErrorCode::kNotFound, "no rankloop serves the data directory '" + path + "'"};
  }
  return line.substr(url);
}

}  // namespace rankloop::server
