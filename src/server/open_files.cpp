// Raises the bound of open files and says how many connections fit.
#include "server/open_files.h"

#include <algorithm>

#include <sys/resource.h>

namespace rankloop::server {

std::size_t raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t connections_within(std::size_t files) {
  constexpr std::size_t kOwn = 256;  // files beside the connections, those that are being refused among them
  return files - std::min(kOwn, files / 2);
}

}  // namespace rankloop::server
