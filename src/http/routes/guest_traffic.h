// Simulated guests who use this very server, in demo mode. What the routes need of them; who they are is
// known elsewhere. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "error/result.h"

namespace rankloop::http {

struct GuestTrafficState {
  std::string refusal;  // why there are none here, for people; empty: they may come
  bool running = false;
  double rate = 0;            // journeys a second that were asked for
  std::int64_t journeys = 0;  // ended ones, since the server started
  std::int64_t picked = 0;
  std::int64_t none = 0;
  std::int64_t failed = 0;
  std::string fault;  // why the last ones stopped by themselves
};

class GuestTraffic {
 public:
  virtual ~GuestTraffic() = default;
  // Lets guests come at this rate, or changes the rate. Does not block. kPermissionDenied: not on this
  // server.
  virtual Status start(double rate) = 0;
  // Does not block; journeys on their way count as nothing.
  virtual void stop() = 0;
  virtual GuestTrafficState state() const = 0;
};

}  // namespace rankloop::http
