// An event descriptor that is raised and cleared.
#include "queue/wake_signal.h"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace rankloop::queue {

WakeSignal::WakeSignal() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

WakeSignal::~WakeSignal() {
  ::close(descriptor_);
}

void WakeSignal::raise() noexcept {
  eventfd_write(descriptor_, 1);
}

void WakeSignal::clear() noexcept {
  eventfd_t count = 0;
  eventfd_read(descriptor_, &count);
}

}  // namespace rankloop::queue
