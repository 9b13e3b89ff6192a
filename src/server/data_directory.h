// The data directory of an embedded store: made if missing, locked by one process.
#pragma once

#include <memory>
#include <string>

#include "error/result.h"

namespace rankloop::server {

// Holds the lock until destroyed (and the kernel lets go of it when the process dies).
class DataDirectory {
 public:
  // kFailedPrecondition when another process has it; the message names its id, its address and the way out.
  static Result<std::unique_ptr<DataDirectory>> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  // Writes where this process answers, for commands that want to talk to it.
  void announce(const std::string& url);
  std::string store_url() const { return "sqlite:" + path_ + "/rankloop.db"; }

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  const std::string path_;
  const int lock_;  // file descriptor
};

// The address of the server that holds a data directory, or nothing when no process does.
Result<std::string> address_of_running_server(const std::string& path);

}  // namespace rankloop::server
