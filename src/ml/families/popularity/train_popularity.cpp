// Counts showings and picks, and shrinks the shares of rare items.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "ml/families/popularity/popularity_model.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

struct Record {
  double picks = 0;
  double shown = 0;
};

// What holds for an item without a record, and how many showings that is worth.
struct Prior {
  double share = 0;
  double showings = 0;
};

float smoothed(const Record& record, const Prior& prior) {
  return static_cast<float>((record.picks + prior.showings * prior.share) / (record.shown + prior.showings));
}

// What an item may be at best, as its posterior sees it.
double hoped(const Record& record, const Prior& prior) {
  constexpr double kDeviations = 1.28;
  const double mean = static_cast<double>(smoothed(record, prior));
  return mean + kDeviations * std::sqrt(mean * (1 - mean) / (record.shown + prior.showings + 1));
}

// No item on trial counts as much as this: less, by more than untried ones are spread, than the eighth best
// share.
double most_of_trials(std::vector<float> shares) {
  constexpr std::size_t kProven = 8;
  constexpr double kBelow = 0.998;
  constexpr double kMost = 0.99;
  if (shares.size() < kProven) return kMost;
  const auto eighth = shares.begin() + kProven - 1;
  std::nth_element(shares.begin(), eighth, shares.end(), std::greater<>{});
  return std::min(kMost, kBelow * static_cast<double>(*eighth));
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
  const Prior prior{all.picks / all.shown, input.plan.value("popularity.prior_showings")};
  input.report.hyperparameters["popularity.prior_showings"] = prior.showings;
  Popularity popularity;
  popularity.prior = static_cast<float>(prior.share);
  for (const auto& [item, record] : records) {
    popularity.items.push_back(item);
    popularity.shares.push_back(smoothed(record, prior));
  }
  const double most = most_of_trials(popularity.shares);
  std::size_t i = 0;
  for (const auto& [item, record] : records) {
    float& share = popularity.shares[i++];
    if (record.shown < prior.showings)
      share = std::max(share, static_cast<float>(std::min(hoped(record, prior), most)));
  }
  popularity.untried = static_cast<float>(std::min(hoped({}, prior), most));
  const std::uint64_t sums =
      mix_bits(std::bit_cast<std::uint64_t>(all.picks)) ^ std::bit_cast<std::uint64_t>(all.shown);
  popularity.order = static_cast<std::uint32_t>(mix_bits(sums) >> 32) | 1U;
  return make_popularity_model(std::move(popularity));
}

}  // namespace rankloop::ml
