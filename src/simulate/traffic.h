// The traffic generator: many guests on one thread, each on one kept-alive connection, who ask a running
// server for a ranking, look at it, pick, and come again as somebody else.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "error/result.h"
#include "simulate/choice.h"
#include "simulate/latency.h"
#include "simulate/profile.h"
#include "simulate/value_share.h"

namespace rankloop::simulate {

// How a guest learns that its ranking is ready. A server that does not know `wait` answers at once; then, as
// with kInterval, the next poll comes after a pause of 5 ms.
enum class Polling {
  kWait,      // GET /inference/status/{id}?wait=10s
  kTight,     // plain polls without a pause
  kInterval,  // plain polls every 5 ms
};

struct TrafficOptions {
  std::string url = "http://127.0.0.1:4789";
  std::string token;             // that the server asks for; empty: none is shown
  int guests = 64;               // at the same time
  std::int64_t journeys = 1000;  // in all; 0: until stopped
  std::uint64_t seed = kDefaultSeed;
  std::int64_t first_journey = 0;  // number of the first one: a run goes on where another ended
  Profile profile = default_profile();
  Choosing choosing;
  // Journeys that begin in a second, evenly; 0: a guest who has ended asks again. Guests who are all busy are
  // not made up for.
  double rate = 0;
  // Guests wait before they ask (without a rate) and before they pick: tmin + (tmax - tmin) x beta(2, 5).
  // Both 0: no waiting.
  std::chrono::duration<double> tmin{0.1};
  std::chrono::duration<double> tmax{3};
  int limit = 10;  // results looked at
  Polling polling = Polling::kWait;
  bool bounds = true;  // measure the shares of a random and of the true order, at the end
};

struct TrafficProgress {
  std::int64_t done = 0;  // journeys ended, failed ones included
  std::int64_t failed = 0;
  std::int64_t picked = 0;
  std::chrono::duration<double> elapsed{};
};

// Called on the generator's thread; must be quick. Either may be empty.
struct TrafficObserver {
  std::function<void(const TrafficProgress&)> progress;    // about ten times a second
  std::function<void(const std::string& reason)> failure;  // for each of the first failed journeys (five)
};

struct TrafficReport {
  std::int64_t journeys = 0;  // completed ones
  std::int64_t failed = 0;
  std::int64_t requests = 0;  // answered
  std::int64_t picked = 0;
  std::chrono::duration<double> elapsed{};
  LatencyHistogram start;
  LatencyHistogram status;
  LatencyHistogram results;
  LatencyHistogram select;
  LatencyHistogram start_to_success;  // from sending start to having read SUCCESS
  ValueShare value;
  double value_share_random = 0;  // what a random order and the true order reach on the same catalog
  double value_share_oracle = 0;
};

// Runs until all journeys have ended or a stop is requested (journeys on their way then count as nothing).
// A guest's draws depend on the seed and the number of its journey alone. kInvalidArgument: a bad option, or
// a catalog of something else than places to stay; kUnavailable and kDeadlineExceeded: no server there.
Result<TrafficReport> run_traffic(const TrafficOptions& options, const TrafficObserver& observer,
                                  std::stop_token stop);

// One line of JSON, and a table for people.
std::string to_json(const TrafficReport& report);
std::string to_table(const TrafficReport& report);

}  // namespace rankloop::simulate
