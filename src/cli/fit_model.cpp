// A search where one is wanted, then the training, each with its bar.
#include "cli/fit_model.h"

#include <cstdio>
#include <iostream>

#include "cli/progress.h"
#include "cli/tuning.h"

namespace rankloop::cli {
namespace {

std::string told(const ml::TrainingProgress& progress) {
  char note[96];
  std::snprintf(note, sizeof note, "%.*s %d of %d, loss %.4f", static_cast<int>(progress.phase.size()),
                progress.phase.data(), progress.epoch, progress.epochs, progress.loss);
  return note;
}

}  // namespace

Result<FittedModel> fit_model(const Domain& domain, const ml::LabelledRows& rows,
                              const ml::LabelledRows& validation, ml::TrainingPlan& plan, std::size_t trials,
                              bool quiet, const Clock& clock, const std::stop_token& stop) {
  FittedModel fitted;
  if (trials > 0) {
    Result<ml::Tuning> tuning =
        search_hyperparameters(domain, rows, validation, plan, trials, quiet, clock, stop);
    if (!tuning) return tuning.error();
    const ml::Hyperparameters& best = tuning->trials.front().drawn;
    plan.hyperparameters.insert(best.begin(), best.end());
    fitted.tuning = *std::move(tuning);
  }
  Progress bar{std::cerr, progress_style(quiet), "training " + plan.family, "", clock};
  auto model = ml::train_model(
      domain, rows, validation, plan,
      [&](const ml::TrainingProgress& progress) { bar.update(progress.share, 1, told(progress)); }, stop,
      &fitted.report);
  bar.finish();
  if (!model) return model.error();
  fitted.model = *std::move(model);
  for (const ml::BoundedInput& bounded : fitted.report.bounded) {
    if (!quiet) std::cerr << "warning: " << ml::to_sentence(bounded) << '\n';
  }
  return fitted;
}

}  // namespace rankloop::cli
