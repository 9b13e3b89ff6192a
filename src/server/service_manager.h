// What a service manager such as systemd is told: that the program serves, and that it is about to end.
#pragma once

#include <string_view>

namespace rankloop::server {

// Sends `state` ("READY=1", "STOPPING=1") to the socket that the variable NOTIFY_SOCKET names, as
// sd_notify(3) says; without the variable it does nothing. A manager that cannot be reached is no fault of
// ours: nothing is reported.
void tell_service_manager(std::string_view state);

}  // namespace rankloop::server
