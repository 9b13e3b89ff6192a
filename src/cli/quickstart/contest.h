// Families of models trained on one history and judged on its newest requests, side by side; the best one
// becomes the champion.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/ids.h"
#include "ml/standing.h"
#include "server/offline.h"

namespace rankloop::cli {

struct ContestOptions {
  std::vector<std::string> families;  // beside popularity and random, which always take part; empty: all
  std::size_t trials = 0;             // of each one's search for hyperparameters
  bool quiet = false;
};

struct Contestant {
  std::string family;
  std::string fault;  // why there is no model; empty: there is one
  ml::Standing standing;
  ModelId id;  // in the registry; 0: not there
  double seconds = 0;
};

struct Contest {
  ml::MetricName metric = ml::MetricName::kNdcg10;
  std::size_t learned = 0;        // requests with an outcome that models learned from
  std::size_t judged = 0;         // newer ones
  std::size_t people = 0;         // who asked those
  std::vector<Contestant> ranks;  // the best first; none: there was too little to learn from
  ModelId champion;               // 0: none
  std::string reason;             // why it is, or why there is none
};

// kAlreadyExists: models were registered before, so the store is in use.
Status check_no_models(server::Offline& offline);

// Trains by the settings of the workspace; imported history judges here. Adds all models but a random order
// to the registry and promotes the best, with its reason. kInvalidArgument: nothing was picked in any
// request; kAborted: a stop was requested, and nothing is added.
Result<Contest> hold_contest(server::Offline& offline, const ContestOptions& options,
                             const std::stop_token& stop);

// "ndcg@10 0.6120 (0.5901 to 0.6340) on the newest 400 requests of imported history, popularity 0.4412, ...".
std::string reason_for(const Contestant& contestant, const Contest& contest);
std::string to_table(const Contest& contest);
boost::json::object to_json(const Contest& contest);

}  // namespace rankloop::cli
