// What one training was asked for: read from the body of POST /train/start, kept with its task as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "domain/declared_inputs.h"
#include "error/result.h"
#include "ml/hyperparameters.h"

namespace rankloop::app {

struct TrainingRequest {
  std::string family;
  std::int64_t window = 0;
  bool promote = true;
  bool dry_run = false;                 // judge only: no model is kept
  std::string cause;                    // "request", "every 1000 outcomes", ...
  ml::Hyperparameters hyperparameters;  // of the family, before those of the settings
};

// The body of POST /train/start, member by member. Other members are refused: a misspelt one would train
// something else than what was asked for.
struct TrainingInputs {
  ChoiceInput family;
  NumberInput window;
  ChoiceInput promote;
  FlagInput dry_run;
  std::string_view hyperparameters = "hyperparameters";  // an object; see ml/hyperparameters.h
};

// `minimum`: the least window.
TrainingInputs training_inputs(std::int64_t minimum);

// What `body` (null: nothing) says, and `preset` where it says nothing; `minimum` is the least window.
// kInvalidArgument with every fault.
Result<TrainingRequest> read_training_body(const boost::json::value& body, TrainingRequest preset,
                                           std::int64_t minimum);

std::string to_json(const TrainingRequest& request);
TrainingRequest read_training_request(const std::string& json);  // what to_json() wrote

}  // namespace rankloop::app
