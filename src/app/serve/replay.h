// A past request, ranked again: as it was (the catalog, the model, the policy and the seed of then), which
// comes out the same bit by bit, or with something else in their place. Nothing is recorded.
//
// Blocks. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/serve/history_walk.h"
#include "app/serve/item_names.h"
#include "app/serve/list_wishes.h"
#include "app/serve/past_catalogs.h"
#include "app/serve/serving.h"
#include "domain/body_reader.h"
#include "domain/declared_inputs.h"
#include "domain/domain.h"
#include "domain/ranking.h"
#include "ml/interleave.h"
#include "ml/model.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::app {

// What is to be another than it was; all empty: a plain replay.
struct ReplayWish {
  std::optional<ModelId> model;                 // 0: a random order
  std::optional<double> explore;                // the chance of a random order, from 0 to 1
  std::optional<std::int64_t> catalog_version;  // storage::CatalogStore::kCurrentVersion: the one that serves

  bool changes_nothing() const { return !model && !explore && !catalog_version; }
};

// The members of a body that say so.
struct ReplayInputs {
  NumberInput model_id;
  RealInput explore;
  ChoiceInput catalog;  // "then" or "now"
  NumberInput catalog_version;
};
const ReplayInputs& replay_inputs();

ReplayWish read_replay_wish(BodyReader& body);  // its faults stay with the reader

struct ReplayedItem {
  RankedItem now;
  int before = 0;  // 1-based rank in the stored list; 0: it is not in it
};

struct Replay {
  TaskId task;
  ModelId model;
  std::optional<ModelId> second{};  // that made the list together with it
  std::string family;
  std::int64_t catalog_version = 0;
  bool as_it_was = false;    // nothing was changed, by a wish or since: then it has to be the same
  bool same = false;         // items, scores, propensities and who placed what are as stored, bit by bit
  int first_difference = 0;  // 1-based rank; 0: there is none as far as both reach
  std::vector<ReplayedItem> items;
  std::vector<std::string> remarks;  // sentences: what is not as it was
};

class Replays {
 public:
  // `best`: how many items a ranking keeps.
  Replays(std::shared_ptr<const Domain> domain, int domain_version, storage::Store& store,
          const Serving& serving, int best)
      : domain_(std::move(domain)),
        domain_version_(domain_version),
        store_(store),
        serving_(serving),
        best_(best),
        plan_(*domain_),
        past_(store, 1) {}

  // kNotFound: no such task or model; kFailedPrecondition: it has not succeeded, no model of ours ranked it,
  // or the model cannot be loaded any more; kInvalidArgument: there is no such catalog version.
  Result<Replay> replay(const TaskId& task, const ReplayWish& wish);
  // Likewise, of many: calls `take` with each, in any order, until it answers false or a stop is requested.
  // What happened before them is gone through once.
  using Take = std::function<bool(std::size_t, const Result<Replay>&)>;
  Status replay_all(std::span<const TaskId> tasks, const ReplayWish& wish, const Take& take,
                    const std::stop_token& stop);

 private:
  // What was asked and answered then.
  struct Past {
    storage::InferenceRecord record;
    ml::Person person = 0;
    Values values;
    HeldWishes wishes;                    // null: there were none
    const KnownHistory* known = nullptr;  // null: nothing that happened was known

    HistoryStop stop() const { return {record.ranking.known.value_or(0), person}; }
  };

  Result<Replay> replay(const Past& then, const ReplayWish& wish);
  Status replay_walking(std::vector<Past>& pasts, std::span<const std::size_t> places, const ReplayWish& wish,
                        const Take& take, const std::stop_token& stop);

  Result<Past> past(const TaskId& task);
  // Two models made the list, and they are to make it again.
  static std::optional<ml::Drafted> together(const Past& past, const ReplayWish& wish);
  Result<Ranking> rank_again(const Past& past, const ml::Model& model, ModelId id, const ReplayWish& wish);
  Result<Ranking> merge_again(const Past& past, const Ranking& first, const ml::Drafted& drafted,
                              const ReplayWish& wish);
  Result<std::shared_ptr<const ml::Model>> model_of_then(ModelId id, const ReplayWish& wish);
  Result<std::shared_ptr<const ml::Catalog>> catalog_at(std::int64_t version);
  Result<std::shared_ptr<const ml::Model>> model(ModelId id);
  std::shared_ptr<const ml::CatalogScorer> scorer(const std::shared_ptr<const ml::Catalog>& catalog,
                                                  const ml::Model& model, ModelId id);

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  storage::Store& store_;
  const Serving& serving_;
  const int best_;
  const ml::HistoryPlan plan_;

  // What was used last: replays of a window ask for the same ones again and again.
  Mutex catalogs_;  // one reads a catalog, the others wait for it
  Mutex mutex_;
  PastCatalogs past_ GUARDED_BY(catalogs_);
  std::pair<ModelId, std::shared_ptr<const ml::Model>> model_ GUARDED_BY(mutex_);
  std::pair<ModelId, std::shared_ptr<const ml::CatalogScorer>> scorer_ GUARDED_BY(mutex_);
};

// The first `limit` items.
std::string to_json(const Replay& replay, ItemNames& names, std::size_t limit);

}  // namespace rankloop::app
