// The version and the revision that CMake names.
#include "server/version.h"

namespace rankloop::server {

std::string version() {
  return RANKLOOP_VERSION;
}
std::string revision() {
  return RANKLOOP_REVISION;
}

}  // namespace rankloop::server
