// The only file of the tests that is compiled with a path of this machine, so that the compiler cache serves
// every checkout with the others.
#include "support/checkout.h"

namespace rankloop {

std::string in_checkout(const std::string& path) {
  return RANKLOOP_SOURCE_DIR "/" + path;
}

}  // namespace rankloop
