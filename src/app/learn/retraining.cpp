// When a training is due, and starting it.
#include "app/learn/retraining.h"

#include <algorithm>
#include <string>
#include <utility>

#include "app/learn/dataset.h"

namespace rankloop::app {
namespace {

constexpr std::chrono::seconds kLook{2};
constexpr std::chrono::minutes kWatch{5};  // a look at drift reads the newest requests and their items

}  // namespace

Retraining::Retraining(const RetrainingOptions& options, Training& training, Drift& drift,
                       storage::Store& store, telemetry::Logger& log, const Clock& clock)
    : options_(options),
      training_(training),
      drift_(drift),
      store_(store),
      log_(log),
      clock_(clock),
      looked_(clock.monotonic()),
      watched_(clock.monotonic()),
      trained_(clock.monotonic()) {}

std::string Retraining::due() {
  const auto counts =
      store_.outcome_counts(trained_until_, std::max({std::int64_t{1}, options_.every, options_.minimum}));
  if (!counts) return {};
  if (options_.every > 0 && counts->with_outcome >= options_.every) {
    return std::to_string(counts->with_outcome) + " new requests with an outcome";
  }
  if (counts->with_outcome == 0) return {};  // the same outcomes would make the same model
  if (options_.interval.count() > 0 && clock_.monotonic() - trained_ >= options_.interval) return "interval";
  if (options_.drift > 0 && counts->with_outcome >= options_.minimum) {
    const auto report = drift_.fresh();
    if (!report) drift_.measure_soon(log_);  // for the next look
    if (report && report->greatest() > options_.drift) {
      return "drift: a stability index of " + std::to_string(report->greatest());
    }
  }
  return {};
}

void Retraining::find_last_training() {
  const auto models = store_.models();
  if (!models) return;
  for (const storage::ModelRecord& model : *models) {
    trained_until_ = std::max(trained_until_, read_lineage(model.lineage).last);
  }
  found_ = true;
}

void Retraining::watch_drift() {
  if (clock_.monotonic() - watched_ < kWatch) return;
  watched_ = clock_.monotonic();
  drift_.measure_soon(log_);
}

void Retraining::tick() {
  watch_drift();
  if (options_.every == 0 && options_.interval.count() == 0 && options_.drift == 0) return;
  if (clock_.monotonic() - looked_ < kLook) return;
  looked_ = clock_.monotonic();
  if (!found_) find_last_training();
  const std::string cause = due();
  if (cause.empty() || !training_.enough_evidence()) return;
  const auto preset = training_.check(nullptr);
  if (!preset) return;
  TrainingRequest request = *preset;
  request.cause = cause;
  // The present end of the ledger counts as seen, also when the attempt comes to nothing: the next one needs
  // new outcomes again.
  trained_until_.value = store_.counts().inferences;
  trained_ = clock_.monotonic();
  training_.start(
      request, std::nullopt, std::nullopt, [this, cause](const Result<storage::TaskRecord>& started) {
        if (started)
          log_.info("training scheduled", {{"task_id", started->id.to_string()}, {"cause", cause}});
      });
}

}  // namespace rankloop::app
