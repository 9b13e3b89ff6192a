// Streams what was shown, looks up the values that were ranked on, and divides the requests.
#include "app/learn/dataset.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <unordered_map>
#include <utility>

#include "app/learn/corpus_history.h"
#include "domain/keyed_hash.h"
#include "ml/catalog.h"
#include "ml/feature_space.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

struct Request {
  TestRequest about;
  std::size_t first_row = 0;
  std::size_t last_row = 0;
  float weight = 1;  // of its person's requests
};

struct Row {
  std::uint32_t request = 0;  // index
  ItemId item;
  std::int64_t catalog_version = 0;
  ml::ShownAs shown;
  float label = 0;
  float weight = 1;
};

// What the choosers of one request did.
struct Outcome {
  struct Pick {
    double people = 0;  // how many picked it
    double gain = 1;    // what that was worth to them
  };
  std::map<ItemId, Pick> picks;  // by item; summed in this order
  double none = 0;
  double choosers = 1;
  bool below = false;  // something was picked further down
  bool known() const { return !picks.empty() || none > 0; }
};

// Of the first `most` ranks.
Outcome outcome_of(const storage::ShownRequest& request, std::size_t most) {
  Outcome outcome;
  double people = 0;
  bool counted = false;
  for (const storage::Feedback& feedback : request.feedback) {
    if (feedback.weight <= 0) continue;
    if (feedback.kind == FeedbackKind::kPick && feedback.item) {
      if (static_cast<std::size_t>(feedback.rank) > most) {
        outcome.below = true;
        continue;
      }
      Outcome::Pick& pick = outcome.picks[*feedback.item];
      pick.people = std::max(pick.people, feedback.weight);  // the same pick again changes nothing
      pick.gain = feedback.value;
    } else if (feedback.kind == FeedbackKind::kNone) {
      outcome.none = std::max(outcome.none, feedback.weight);
    }
    counted |= feedback.weight > 1;
  }
  for (const auto& [item, pick] : outcome.picks) people += pick.people;
  if (counted) outcome.choosers = people + outcome.none;
  return outcome;
}

std::uint64_t person_of(const storage::ShownRequest& request) {
  return request.person.empty() ? ml::mix_bits(static_cast<std::uint64_t>(request.id.value))
                                : ml::person_number(request.person);
}

class Gatherer {
 public:
  explicit Gatherer(const Domain& domain, std::size_t most_shown, bool crosses = true)
      : domain_(domain),
        most_shown_(most_shown),
        layout_(ml::Catalog::empty({std::shared_ptr<void>{}, &domain})),
        features_(domain, *layout_, crosses),
        corpus_(domain.items.texts().size()),
        matches_(crosses && !domain.items.texts().empty()) {}

  void add(const storage::ShownRequest& shown, bool outcome_needed) {
    const bool imported = shown.source == RequestSource::kImport;
    const std::size_t items = shown.ranking.items.size();
    const std::size_t most = imported || most_shown_ == 0 ? items : std::min(items, most_shown_);
    const Outcome outcome = outcome_of(shown, most);
    if (!outcome.known() && outcome_needed) {
      ++lineage_.without_outcome;
      lineage_.picked_below += outcome.below ? 1 : 0;
      return;
    }
    Result<Record> record = domain_.requests.read(shown.payload);
    if (!record) {
      ++lineage_.unreadable;
      return;
    }
    corpus_.want(record->values.texts);
    const auto index = static_cast<std::uint32_t>(requests_.size());
    Request request{{shown.id, person_of(shown), shown.ranking.model, shown.created, imported,
                     drawn_uniformly(shown.ranking.policy), std::move(record->values), !shown.person.empty()},
                    rows_.size(),
                    rows_.size() + most};
    count(request, outcome, most);
    requests_.push_back(std::move(request));
    for (std::size_t i = 0; i < most; ++i) {
      const RankedItem& ranked = shown.ranking.items[i];
      const auto picked = outcome.picks.find(ranked.item);
      const double share =
          picked == outcome.picks.end() ? 0 : std::min(1.0, picked->second.people / outcome.choosers);
      const double gain = picked == outcome.picks.end() ? 1 : picked->second.gain;
      rows_.push_back({index,
                       ranked.item,
                       shown.ranking.catalog_version,
                       {static_cast<std::int32_t>(i + 1), ranked.propensity, shown.ranking.model, 0},
                       static_cast<float>(share * gain),
                       static_cast<float>(outcome.choosers)});
      versions_.try_emplace(ranked.item);
    }
  }

  // Nobody speaks louder than `limit` requests.
  void bound_people(std::size_t limit) {
    if (limit == 0) return;
    std::unordered_map<std::uint64_t, std::size_t> counts;
    for (const Request& request : requests_) ++counts[request.about.person];
    for (Request& request : requests_) {
      const std::size_t count = counts[request.about.person];
      if (count > limit) request.weight = static_cast<float>(limit) / static_cast<float>(count);
    }
  }

  // The values of every item that was shown, in every version, and what is known of the texts of all items;
  // not all of them when it is to stop.
  Status read_items(storage::LearningReads& store, const std::stop_token& stop) {
    Status fault;
    const auto visit = [&](const storage::ItemRecord& item) {
      if (stop.stop_requested()) return false;
      fault = take(item);
      return fault.ok();
    };
    const Status read = matches_ ? store.every_item_version(visit) : store.each_item_version(shown(), visit);
    corpus_.settle();
    return read ? fault : read;
  }

  std::size_t requests() const { return requests_.size(); }
  Lineage& lineage() { return lineage_; }
  const std::vector<Request>& all_requests() const { return requests_; }

  // All of them in order: imported ones by their own times, ours by their numbers whatever the clock said.
  std::vector<std::uint32_t> in_order() const {
    std::vector<std::pair<WallTime, std::uint32_t>> imported, ours;
    WallTime latest{};
    for (std::uint32_t r = 0; r < requests_.size(); ++r) {
      const TestRequest& about = requests_[r].about;
      if (!about.imported) latest = std::max(latest, about.at);
      (about.imported ? imported : ours).emplace_back(about.imported ? about.at : latest, r);
    }
    std::sort(imported.begin(), imported.end());
    std::vector<std::pair<WallTime, std::uint32_t>> merged;
    std::merge(imported.begin(), imported.end(), ours.begin(), ours.end(), std::back_inserter(merged),
               [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::uint32_t> order;
    for (const auto& [at, request] : merged) order.push_back(request);
    return order;
  }

  // The rows of some requests, in their order.
  DatasetPart part(std::span<const std::uint32_t> requests) const {
    DatasetPart part;
    ml::LabelledRows& rows = part.rows;
    rows = features_.no_rows();
    for (const std::uint32_t index : requests) {
      const Request& request = requests_[index];
      if (request.first_row == request.last_row) continue;
      // A list is ranked on one version of the catalog.
      const auto asked =
          features_.asked(request.about.values, corpus_.at(rows_[request.first_row].catalog_version));
      for (std::size_t r = request.first_row; r < request.last_row; ++r) {
        const Row& row = rows_[r];
        const Version* version = version_of(row);
        if (version == nullptr) continue;  // a list imported with an item that never was
        features_.append(asked, version->values, rows);
        rows.labels.push_back(row.label);
        rows.weights.push_back(row.weight * request.weight);
        rows.requests.push_back(request.about.id.value);
        rows.items.push_back(row.item);
        rows.people.push_back(request.about.known_person());
        rows.shown.push_back(row.shown);
        rows.shown.back().item_version = version->version;
        part.randomised.push_back(request.about.randomised ? 1 : 0);
      }
    }
    return part;
  }

 private:
  std::vector<ItemId> shown() const {
    std::vector<ItemId> shown;
    shown.reserve(versions_.size());
    for (const auto& [id, versions] : versions_) shown.push_back(id);
    std::sort(shown.begin(), shown.end());
    return shown;
  }

  Status take(const storage::ItemRecord& item) {
    Result<Record> record = item.deleted ? Record{} : domain_.items.read(item.payload);
    if (!record) return record.error();
    if (matches_) corpus_.add(item.id, item.version, record->values.texts);
    const auto shown = versions_.find(item.id);
    if (shown != versions_.end() && !item.deleted)
      shown->second.push_back({item.version, layout_->pick(record->values)});
    return {};
  }

  void count(const Request& request, const Outcome& outcome, std::size_t shown) {
    if (outcome.picks.empty()) ++lineage_.none_chosen;
    lineage_.imported += request.about.imported ? 1 : 0;
    lineage_.randomised += request.about.randomised ? 1 : 0;
    lineage_.lone += shown == 1 ? 1 : 0;
  }

  struct Version {
    std::int64_t version = 0;
    ml::ItemValues values;
  };

  const Version* version_of(const Row& row) const {
    const std::vector<Version>& versions = versions_.at(row.item);
    const auto after =
        std::upper_bound(versions.begin(), versions.end(), row.catalog_version,
                         [](std::int64_t at, const Version& version) { return at < version.version; });
    return after == versions.begin() ? nullptr : &*std::prev(after);
  }

  const Domain& domain_;
  const std::size_t most_shown_;
  const std::shared_ptr<const ml::Catalog> layout_;
  const ml::FeatureMaker features_;
  CorpusHistory corpus_;
  const bool matches_;
  std::vector<Request> requests_;
  std::vector<Row> rows_;
  std::unordered_map<ItemId, std::vector<Version>, KeyedHash> versions_;
  Lineage lineage_;
};

template <class T>
void add(Sha256& hash, const std::vector<T>& numbers) {
  hash.add(std::as_bytes(std::span(numbers)));
}

// By the texts: the numbers of words depend on what was read before.
void add_words(Sha256& hash, const ml::LabelledRows& rows) {
  for (const ml::CodeColumn& column : rows.codes) {
    for (std::size_t r = 0; r < column.rows(); ++r) {
      std::string text = std::to_string(column.at(r).size());
      for (const std::int32_t code : column.at(r)) {
        const bool absent = code == ml::kAbsentCode;
        const std::string_view word = absent ? std::string_view{} : rows.dictionary->word(code);
        text.append(absent ? "-" : std::to_string(word.size()) + ":").append(word);
      }
      hash.add(std::as_bytes(std::span(text)));
    }
  }
}

std::string hash_of(const Dataset& dataset) {
  Sha256 hash;
  for (const DatasetPart* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    add(hash, part->rows.values);
    add_words(hash, part->rows);
    add(hash, part->rows.labels);
    add(hash, part->rows.weights);
    add(hash, part->rows.requests);
    add(hash, part->rows.items);
    add(hash, part->rows.people);
    static_assert(sizeof(ml::ShownAs) == 24, "no byte of it is padding");
    add(hash, part->rows.shown);
    add(hash, part->randomised);
  }
  return hash.hex();
}

std::size_t share_of(double share, std::size_t count) {
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(count)));
}

Error cancelled() {
  return {ErrorCode::kAborted, "training was cancelled"};
}

// The newest `share` of the requests that may judge, in order, and all others before them.
std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> split(const Gatherer& gatherer,
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

void trace(const Gatherer& gatherer, std::span<const std::uint32_t> learned, Lineage& lineage) {
  for (const Request& request : gatherer.all_requests()) {
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

Dataset divided(Gatherer& gatherer, const DatasetOptions& options) {
  const auto [learned, test] = split(gatherer, options);
  const std::span<const std::uint32_t> older{learned};
  const std::size_t validation = older.size() - share_of(options.validation_share, older.size());
  Dataset dataset;
  dataset.train = gatherer.part(older.first(validation));
  dataset.validation = gatherer.part(older.subspan(validation));
  dataset.test = gatherer.part(test);
  for (const std::uint32_t r : test) dataset.test_requests.push_back(gatherer.all_requests()[r].about);
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
  Gatherer gatherer(domain, options.most_shown);
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    gatherer.add(request, true);
    return !stop.stop_requested();
  });
  if (!read) return read.error();
  if (stop.stop_requested()) return cancelled();
  if (const Status items = gatherer.read_items(store, stop); !items) return items.error();
  if (stop.stop_requested()) return cancelled();
  gatherer.bound_people(options.person_limit);
  return divided(gatherer, options);
}

Result<ml::LabelledRows> read_recent_rows(storage::LearningReads& store, const Domain& domain,
                                          std::int64_t requests, RecentRows wanted,
                                          const std::stop_token& stop) {
  const InferenceId after{std::max<std::int64_t>(store.counts().inferences - requests, 0)};
  Gatherer gatherer(domain, 0, wanted == RecentRows::kWithCrosses);
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    gatherer.add(request, false);
    return !stop.stop_requested();
  });
  if (!read) return read.error();
  if (const Status items = gatherer.read_items(store, stop); !items) return items.error();
  if (stop.stop_requested()) return Error(ErrorCode::kAborted, "reading the newest requests was stopped");
  std::vector<std::uint32_t> all(gatherer.requests());
  std::iota(all.begin(), all.end(), 0U);
  return gatherer.part(all).rows;
}

}  // namespace rankloop::app
