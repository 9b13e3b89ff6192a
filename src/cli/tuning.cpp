// Runs a search and tells what it found.
#include "cli/tuning.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "cli/progress.h"
#include "domain/strict_json.h"

namespace rankloop::cli {
namespace {

std::string figure(double number) {
  if (std::isnan(number)) return "       -";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%8.4f", number);
  return text.data();
}

// Without the blank that it begins with.
std::string set_of(const ml::Trial& trial) {
  const std::string line = ml::set_line(trial.drawn);
  return line.empty() ? line : line.substr(1);
}

}  // namespace

Result<ml::Tuning> search_hyperparameters(const Domain& domain, const ml::LabelledRows& rows,
                                          const ml::LabelledRows& validation, const ml::TrainingPlan& plan,
                                          std::size_t trials, bool quiet, const Clock& clock,
                                          const std::stop_token& stop) {
  Progress bar{std::cerr, progress_style(quiet), "tuning " + plan.family, "trials", clock};
  const auto tell = [&](const ml::TuningProgress& state) {
    const std::string note = std::isnan(state.best) ? "" : "best" + figure(state.best);
    bar.update(static_cast<double>(state.done) + state.share, static_cast<double>(trials), note);
  };
  return ml::tune(domain, rows, validation, plan, trials, tell, stop);
}

std::string to_table(const ml::Tuning& tuning, const ml::TrainingPlan& plan) {
  constexpr std::size_t kShown = 10;
  const std::string judge{ml::name_of(tuning.judged_by)};
  std::string table = "tuning of " + plan.family + ": " + std::to_string(tuning.trials.size()) +
                      " trials, judged by " + judge + " on the validation part\n";
  table += "  place " + std::string(judge.size() < 8 ? 8 - judge.size() : 0, ' ') + judge + "   set\n";
  for (std::size_t t = 0; t < std::min(kShown, tuning.trials.size()); ++t) {
    const ml::Trial& trial = tuning.trials[t];
    std::array<char, 16> place{};
    std::snprintf(place.data(), place.size(), "  %5zu ", t + 1);
    table += place.data() + figure(ml::figure_of(trial, tuning.judged_by)) + "   " +
             (trial.drawn.empty() ? "(the presets)" : set_of(trial)) + "\n";
  }
  const std::string winner = set_of(tuning.trials.front());
  return table + (winner.empty() ? "The presets are best.\n" : "The best: " + winner + "\n");
}

std::string to_json(const ml::Tuning& tuning) {
  std::string json = R"({"judged_by":)";
  append_json_string(json, ml::name_of(tuning.judged_by));
  json += R"(,"set":)";
  append_json_string(json, set_of(tuning.trials.front()));
  json += R"(,"trials":[)";
  for (const ml::Trial& trial : tuning.trials) {
    if (json.back() != '[') json += ',';
    json += R"({"hyperparameters":)" + ml::to_json(trial.drawn) + R"(,"validation":)" +
            ml::to_json(trial.metrics) + "}";
  }
  return json + "]}";
}

}  // namespace rankloop::cli
