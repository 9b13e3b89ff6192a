// What POST /experiments is sent: declared, read and described.
#pragma once

#include <span>
#include <string>

#include <boost/json/value.hpp>

#include "app/learn/experiment_design.h"
#include "domain/feedback.h"
#include "error/result.h"

namespace rankloop::http {

// kInvalidArgument with every fault. `rules`: the domain's, whose kinds are metrics, too.
Result<app::ExperimentRequest> read_experiment(const boost::json::value& body,
                                               std::span<const FeedbackRule> rules);
// The JSON Schema of that body.
std::string experiment_schema(std::span<const FeedbackRule> rules);

}  // namespace rankloop::http
