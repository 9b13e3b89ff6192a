// What a command says of an experiment that is to be drafted, as the API's body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <boost/json/object.hpp>

#include "error/result.h"

namespace rankloop::cli {

struct ExperimentDraft {
  std::string file;  // TOML or JSON, members as POST /experiments takes them; what follows goes before it
  std::string name{};
  std::vector<std::string> arms{};  // NAME=MODEL
  std::optional<double> share{};    // of each arm
  std::string method{};
  std::string interleaving{};
  std::string unit{};
  std::string primary{};
  std::optional<double> smallest_effect{};
  std::optional<std::int64_t> planned_people{};
  std::optional<double> baseline{};
  std::optional<double> deviation{};
  std::vector<std::string> guardrails{};  // METRIC=BOUND
  bool ramp = false;
};

void add_draft_options(CLI::App& command, ExperimentDraft& draft);

// kInvalidArgument: the file is no table or object, or an option has not its form; kNotFound: there is no
// file.
Result<boost::json::object> body_of(const ExperimentDraft& draft);

}  // namespace rankloop::cli
