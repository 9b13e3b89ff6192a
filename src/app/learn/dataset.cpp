// Streams what was shown, looks up the values that were ranked on, and divides the requests.
#include "app/learn/dataset.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "app/learn/dataset_hash.h"
#include "app/learn/row_gatherer.h"

namespace rankloop::app {
namespace {

std::size_t share_of(double share, std::size_t count) {
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(count)));
}

Error cancelled() {
  return {ErrorCode::kAborted, "training was cancelled"};
}

// The newest `share` of the requests that may judge, in order, and all others before them.
std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> split(const RowGatherer& gatherer,
                                                                        const DatasetOptions& options) {
  const std::vector<std::uint32_t> order = gatherer.in_order();
  const auto is_ours = [&](std::uint32_t r) { return !gatherer.all_requests()[r].about.imported; };
  const bool imported_too = options.judge_imported || (options.judge_imported_alone &&
                                                       std::none_of(order.begin(), order.end(), is_ours));
  const auto judges = [&](std::uint32_t r) { return imported_too || is_ours(r); };
  const auto eligible = static_cast<std::size_t>(std::count_if(order.begin(), order.end(), judges));
  std::size_t before = eligible - share_of(options.test_share, eligible);
  std::vector<std::uint32_t> learned, test;
  for (const std::uint32_t request : order) {
    const bool judge = judges(request) && before == 0;
    if (judges(request) && before > 0) --before;
    (judge ? test : learned).push_back(request);
  }
  return {std::move(learned), std::move(test)};
}

void trace(const RowGatherer& gatherer, std::span<const std::uint32_t> learned, Lineage& lineage) {
  for (const GatheredRequest& request : gatherer.all_requests()) {
    const InferenceId id = request.about.id;
    if (lineage.first.value == 0) lineage.first = id;
    lineage.last = id;
  }
  for (const std::uint32_t r : learned) {
    const TestRequest& about = gatherer.all_requests()[r].about;
    if (about.imported) {
      lineage.last_imported = {about.at, about.id};  // they come in this order
    } else {
      lineage.trained_until = std::max(lineage.trained_until, about.id);
    }
  }
}

Result<Dataset> divided(RowGatherer& gatherer, const DatasetOptions& options) {
  const auto [learned, test] = split(gatherer, options);
  const std::span<const std::uint32_t> older{learned};
  const std::size_t validation = older.size() - share_of(options.validation_share, older.size());
  Dataset dataset;
  for (const auto& [part, of] : {std::pair(&dataset.train, older.first(validation)),
                                 std::pair(&dataset.validation, older.subspan(validation)),
                                 std::pair(&dataset.test, std::span<const std::uint32_t>{test})}) {
    Result<DatasetPart> made = gatherer.part(of);
    if (!made) return made.error();
    *part = *std::move(made);
  }
  for (const std::uint32_t r : test) dataset.test_requests.push_back(gatherer.all_requests()[r].about);
  dataset.target = options.target;
  Lineage& lineage = dataset.lineage = gatherer.lineage();
  lineage.requests = static_cast<std::int64_t>(gatherer.requests());
  lineage.train_requests = static_cast<std::int64_t>(validation);
  lineage.validation_requests = static_cast<std::int64_t>(older.size() - validation);
  lineage.test_requests = static_cast<std::int64_t>(test.size());
  lineage.rows = static_cast<std::int64_t>(dataset.train.rows.rows() + dataset.validation.rows.rows() +
                                           dataset.test.rows.rows());
  trace(gatherer, older, lineage);
  lineage.hash = hash_of(dataset);
  return dataset;
}

}  // namespace

Result<Dataset> read_dataset(storage::LearningReads& store, const Domain& domain,
                             const DatasetOptions& options, const std::stop_token& stop) {
  InferenceId after;
  if (options.window > 0) {
    const Result<InferenceId> first = store.nth_newest_outcome(options.window);
    if (!first) return first.error();
    after.value = std::max<std::int64_t>(first->value - 1, 0);
  }
  RowGatherer gatherer(domain, options.most_shown, options.target);
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    gatherer.add(request, true);
    return !stop.stop_requested();
  });
  if (!read) return read.error();
  if (stop.stop_requested()) return cancelled();
  if (const Status items = gatherer.read_items(store, stop); !items) return items.error();
  if (stop.stop_requested()) return cancelled();
  const Status histories = gatherer.read_histories(store, stop);
  if (stop.stop_requested()) return cancelled();
  if (!histories) return histories.error();
  gatherer.bound_people(options.person_limit);
  return divided(gatherer, options);
}

Result<ml::LabelledRows> read_recent_rows(storage::LearningReads& store, const Domain& domain,
                                          std::int64_t requests, RecentRows wanted,
                                          const std::stop_token& stop) {
  const InferenceId after{std::max<std::int64_t>(store.counts().inferences - requests, 0)};
  RowGatherer gatherer(domain, 0, {}, wanted == RecentRows::kWithCrosses);
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    gatherer.add(request, false);
    return !stop.stop_requested();
  });
  if (!read) return read.error();
  if (const Status items = gatherer.read_items(store, stop); !items) return items.error();
  if (stop.stop_requested()) return Error(ErrorCode::kAborted, "reading the newest requests was stopped");
  if (const Status known = gatherer.read_histories(store, stop); !known) return known.error();
  std::vector<std::uint32_t> all(gatherer.requests());
  std::iota(all.begin(), all.end(), 0U);
  Result<DatasetPart> part = gatherer.part(all);
  if (!part) return part.error();
  return std::move(part->rows);
}

}  // namespace rankloop::app
