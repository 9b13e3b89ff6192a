// The guests of demo mode: they come to this server over its own HTTP API, on a thread of their own.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "http/routes/guest_traffic.h"
#include "simulate/traffic.h"
#include "sync/mutex.h"

namespace rankloop::server {

class SimulatedGuests final : public http::GuestTraffic {
 public:
  // `refusal`: why there are none on this server; empty: they may come. `url` and `token`: where they go.
  SimulatedGuests(std::string refusal, std::string url, std::string token);
  ~SimulatedGuests() override { close(); }

  Status start(double rate) override;
  void stop() override;
  http::GuestTrafficState state() const override;
  // No guest comes any more. The server must still answer. Idempotent, from any thread.
  void close();

 private:
  void run(const std::stop_token& closing);
  void hear(const simulate::TrafficProgress& progress);

  const std::string url_;
  const std::string token_;
  Mutex closing_;  // one joins the thread
  mutable Mutex mutex_;
  StoppableCondition changed_;
  http::GuestTrafficState before_ GUARDED_BY(mutex_);           // of the runs that have ended
  simulate::TrafficProgress now_ GUARDED_BY(mutex_);            // of the one that goes on
  std::uint64_t asked_ GUARDED_BY(mutex_) = 0;                  // how often something was asked for
  std::optional<std::stop_source> current_ GUARDED_BY(mutex_);  // ends the run that goes on
  std::jthread thread_;                                         // last: begins when all of the above is there
};

}  // namespace rankloop::server
