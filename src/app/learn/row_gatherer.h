// Rows of what was shown, as they were ranked on: gathered request by request, then the values that their
// items had, then what histories said, then divided into parts. What a dataset is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "app/learn/corpus_history.h"
#include "app/learn/dataset.h"
#include "app/learn/outcome.h"
#include "app/serve/histories.h"
#include "domain/candidate_fields.h"
#include "domain/keyed_hash.h"
#include "ml/catalog.h"
#include "ml/feature_space.h"

namespace rankloop::app {

struct GatheredRequest {
  TestRequest about;
  std::size_t first_row = 0;
  std::size_t last_row = 0;
  float weight = 1;    // of its person's requests
  std::string said{};  // what it says of the items that were shown (domain/candidate_fields.h)
};

struct GatheredRow {
  std::uint32_t request = 0;  // index
  ItemId item;
  std::int64_t catalog_version = 0;
  ml::ShownAs shown;
  float label = 0;
  float weight = 1;
};

// Not thread-safe. Refers to the domain.
class RowGatherer {
 public:
  explicit RowGatherer(const Domain& domain, std::size_t most_shown, LearningTarget target,
                       bool crosses = true)
      : domain_(domain),
        most_shown_(most_shown),
        target_(std::move(target)),
        layout_(ml::Catalog::empty({std::shared_ptr<void>{}, &domain})),
        features_(domain, *layout_, crosses),
        corpus_(domain.candidates.texts().size()),
        history_(domain),
        matches_(crosses && !domain.candidates.texts().empty()) {}

  void add(const storage::ShownRequest& shown, bool outcome_needed);

  // Nobody speaks louder than `limit` requests.
  void bound_people(std::size_t limit);

  // The values of every item that was shown, in every version, and what is known of the texts of all items;
  // not all of them when it is to stop.
  Status read_items(storage::LearningReads& store, const std::stop_token& stop);

  // What histories said of each request and its items when they were ranked. After read_items().
  Status read_histories(storage::LearningReads& store, const std::stop_token& stop);

  std::size_t requests() const { return requests_.size(); }
  Lineage& lineage() { return lineage_; }
  const std::vector<GatheredRequest>& all_requests() const { return requests_; }

  // All of them in order: imported ones by their own times, ours by their numbers whatever the clock said.
  std::vector<std::uint32_t> in_order() const;

  // The rows of some requests, in their order. kDataLoss, kInvalidArgument: what a request says of an item
  // cannot be read.
  Result<DatasetPart> part(std::span<const std::uint32_t> requests) const;

 private:
  std::vector<ItemId> shown() const;

  Status take(const storage::ItemRecord& item);

  void add_rows(const storage::ShownRequest& shown, const Outcome& outcome, const CandidateFields& fields_of,
                std::size_t most, std::uint32_t index, std::string& said);
  void count(const GatheredRequest& request, const Outcome& outcome);

  struct Version {
    std::int64_t version = 0;
    ml::ItemValues values;
    std::string payload;  // of an item of which some request says something
  };

  // What an item was ranked on.
  Result<ml::ItemValues> values_of(const Version& item, std::string_view said) const;

  std::span<float> known_of(std::size_t row);
  std::span<const float> known_of(std::size_t row) const;

  Status know(GatheredRequest& request, const KnownHistory& known);

  const Version* version_of(const GatheredRow& row) const;

  const Domain& domain_;
  const std::size_t most_shown_;
  const LearningTarget target_;
  const std::shared_ptr<const ml::Catalog> layout_;
  const ml::FeatureMaker features_;
  CorpusHistory corpus_;
  const ml::HistoryPlan history_;
  std::vector<float> known_;  // [rows][histories of the domain]; empty: it has none
  const bool matches_;
  std::vector<GatheredRequest> requests_;
  std::vector<GatheredRow> rows_;
  std::unordered_map<ItemId, std::vector<Version>, KeyedHash> versions_;
  std::unordered_set<ItemId, KeyedHash> spoken_of_;  // items of which some request says something
  Lineage lineage_;
};

}  // namespace rankloop::app
