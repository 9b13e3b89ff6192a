// What one evaluation was asked for: read from the body of POST /evaluations, kept with its task as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "domain/clock.h"
#include "domain/declared_inputs.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "error/result.h"
#include "ml/explore/exploration.h"

namespace rankloop::app {

enum class TargetKind { kChampion, kModel, kRandom };

// The way of ranking that is asked about: a model's order, of which a share gives way to what explores.
struct Target {
  TargetKind kind = TargetKind::kChampion;
  ModelId model;                          // of kModel
  double explore = 0;                     // 0..1; of epsilon_positions, of the positions
  PolicyKind way = PolicyKind::kUniform;  // a uniform order, or one that explores by positions
  double temperature = 0;                 // of softmax
  double gamma = 0;                       // of squarecb
  bool operator==(const Target&) const = default;

  // Of a way by positions, down to the last that is looked at.
  ml::Exploration exploration() const;
};

struct EvaluationRequest {
  Target target;
  std::int64_t window = 0;        // the newest requests with an outcome; 0: all between `since` and `until`
  std::optional<WallTime> since;  // when the requests came
  std::optional<WallTime> until;
  std::size_t positions = 10;       // of a list, from the top
  bool include_trained = false;     // also requests that the model learned from
  std::string family = "logistic";  // of the reward models
  std::size_t folds = 3;            // of their cross-fitting
  double clip = 10;                 // of weights
  bool operator==(const EvaluationRequest&) const = default;
};

// The body of POST /evaluations, member by member. Other members are refused.
struct EvaluationInputs {
  NumberInput model;
  ChoiceInput policy;
  RealInput explore;
  ChoiceInput explore_by;
  RealInput temperature;
  RealInput gamma;
  NumberInput window;
  TextInput since;
  TextInput until;
  NumberInput positions;
  FlagInput include_trained;
  ChoiceInput family;
  NumberInput folds;
  RealInput clip;
};

const EvaluationInputs& evaluation_inputs();

// What `body` (null: nothing) says; `window` counts where it says neither that nor a time. kInvalidArgument
// with every fault.
Result<EvaluationRequest> read_evaluation_body(const boost::json::value& body, std::int64_t window);

// The members of the body again, as JSON text; read_evaluation_body() reads it.
std::string to_json(const EvaluationRequest& request);

}  // namespace rankloop::app
