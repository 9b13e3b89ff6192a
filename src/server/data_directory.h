// The data directory of an embedded store: made if missing, for its user alone, and locked by one process.
#pragma once

#include <memory>
#include <string>

#include "error/result.h"

namespace rankloop::server {

std::string store_file_in(const std::string& data_dir);

// Holds the lock until destroyed (and the kernel lets go of it when the process dies). It is the folder that
// is locked, so that nobody lets a second process in by removing a file; the file rankloop.lock, which older
// versions lock, says who has it.
class DataDirectory {
 public:
  // kFailedPrecondition when another process has it; the message names its id, its address and the way out.
  static Result<std::unique_ptr<DataDirectory>> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  // Writes where this process answers, for commands that want to talk to it.
  void announce(const std::string& url);
  std::string store_file() const { return store_file_in(path_); }
  std::string store_url() const { return "sqlite:" + store_file(); }

 private:
  DataDirectory(std::string path, int folder, int lock)
      : path_(std::move(path)), folder_(folder), lock_(lock) {}

  const std::string path_;
  const int folder_;  // file descriptors
  const int lock_;
  bool names_us_ = true;  // what the lock file says
};

// Whether a process has it.
bool is_in_use(const std::string& path);
// The address of the server that holds a data directory, or nothing when no process does.
Result<std::string> address_of_running_server(const std::string& path);

}  // namespace rankloop::server
