#include <map>
#include <utility>

#include "ml/families/popularity/popularity_model.h"

namespace rankloop::ml {
namespace {

constexpr double kPriorShowings = 20;

struct Record {
  double picks = 0;
  double shown = 0;
};

float smoothed(const Record& record, double prior) {
  return static_cast<float>((record.picks + kPriorShowings * prior) / (record.shown + kPriorShowings));
}

}  // namespace

Result<std::shared_ptr<const Model>> train_popularity_family(const TrainingInput& input) {
  std::map<ItemId, Record> records;
  Record all;
  const LabelledRows& rows = input.rows;
  if (rows.items.size() != rows.rows()) {
    return Error(ErrorCode::kFailedPrecondition, "rows without items: popularity is learned per item");
  }
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto weight = static_cast<double>(rows.weight(r));
    const double picks = weight * static_cast<double>(rows.labels[r]);
    Record& record = records[rows.items[r]];
    record.shown += weight;
    record.picks += picks;
    all.shown += weight;
    all.picks += picks;
    constexpr std::size_t kRowsBetweenLooks = 4096;
    if (r % kRowsBetweenLooks == 0 && input.stop.stop_requested()) {
      return Error(ErrorCode::kAborted, "training was cancelled");
    }
  }
  const double prior = all.picks / all.shown;
  Popularity popularity;
  popularity.prior = static_cast<float>(prior);
  for (const auto& [item, record] : records) {
    popularity.items.push_back(item);
    popularity.shares.push_back(smoothed(record, prior));
  }
  return make_popularity_model(std::move(popularity));
}

}  // namespace rankloop::ml
