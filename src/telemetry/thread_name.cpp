// Names the calling thread.
#include "telemetry/thread_name.h"

#include <string>

#include <pthread.h>

namespace rankloop::telemetry {

void name_this_thread(std::string_view name) {
  constexpr std::size_t kMost = 15;  // a longer name is refused, not cut
  ::pthread_setname_np(::pthread_self(), std::string{name.substr(0, kMost)}.c_str());
}

}  // namespace rankloop::telemetry
