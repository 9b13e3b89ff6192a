// `rankloop evaluate policy --model ID`: what a model of the registry would have earned, told from the ledger
// of a running server or of a stopped store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "cli/registry.h"

namespace rankloop::cli {

struct EvaluateModelOptions {
  RegistryPlace place;
  std::string model;  // its number, "champion" or "random"; empty: a file is asked instead
  std::optional<double> explore;
  std::string explore_by;
  std::optional<double> temperature;
  std::optional<double> gamma;
  std::optional<std::int64_t> window;
  std::string since;
  std::string until;
  std::optional<std::int64_t> positions;
  bool include_trained = false;
  std::string family;
  std::optional<std::int64_t> folds;
  std::string log;  // file to write the lists to
};

// The options but --clip and --json, which files have, too.
void add_evaluate_model_options(CLI::App& command, EvaluateModelOptions& options);

// The exit code: 0 with an answer, 1 where the ledger gives none, 2 for wrong input.
int run_evaluate_model(const EvaluateModelOptions& options, double clip, bool json);

}  // namespace rankloop::cli
