// What a running server says of its loop at one moment, from documented routes of its API only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/top/metric_text.h"
#include "client/http_client.h"
#include "domain/clock.h"
#include "error/result.h"

namespace rankloop::cli {

struct ModelState {
  std::int64_t id = 0;
  std::string family;
  std::string role;     // champion, challenger, shadow or ""
  double share = 0;     // of the people
  std::string verdict;  // "" when no gate has judged it
  std::int64_t shown = 0;
  std::int64_t picked = 0;
  std::optional<double> rate;  // of picks; with its 95 % interval
  double rate_low = 0;
  double rate_high = 0;
};

// A judgement of the gate.
struct TrainingState {
  std::string at;  // ISO 8601
  std::int64_t model_id = 0;
  std::string verdict;
  std::string reason;
};

struct DriftState {
  std::string feature;  // the one that moved most
  double stability_index = 0;
};

// Counts since the server's start.
struct LoopCounts {
  double requests = 0;  // answered; without those that a look at the state makes
  double scored = 0;
  double shown = 0;
  double picked = 0;
  double failed = 0;
};

struct ServerFigures {
  Monotonic at{};
  std::string version;
  std::string domain;
  LoopCounts counts;
  Buckets wait;   // from accepted to claimed
  Buckets score;  // features, model and top-K
  Buckets total;  // from accepted to committed
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  std::optional<std::chrono::seconds> oldest;  // how long the oldest waiting task has waited, at least
  std::string training;                        // since when one runs; "" when none does
  std::vector<ModelState> models;              // by id
  std::vector<TrainingState> trainings;        // newest first, at most kTrainings
  std::optional<DriftState> drift;
  std::vector<std::string>
      blocks;  // what keeps the newest challenger from being promoted; empty: nothing does

  static constexpr std::size_t kTrainings = 5;
};

// Asks one server. Blocks; not thread-safe.
class LoopReader {
 public:
  LoopReader(client::HttpClient server, const Clock& clock) : server_(std::move(server)), clock_(clock) {}

  // Errors as client::HttpClient; kUnauthenticated: the token is missing or wrong; kInternal: an answer is
  // none of a rankloop server.
  Result<ServerFigures> read();

 private:
  Result<std::string> fetch(const std::string& path);
  Status read_metrics(ServerFigures& state);
  Status read_tasks(ServerFigures& state);
  Status read_models(ServerFigures& state);
  Status read_drift(ServerFigures& state);

  client::HttpClient server_;
  const Clock& clock_;
  std::optional<DriftState> drift_;
  std::optional<Monotonic> drift_read_;
};

}  // namespace rankloop::cli
