// What answers now: the catalog in memory and the models that share the traffic, bound to that catalog.
//
// One thread keeps it up to date: it is woken by "catalog version" and "registry version" hints and looks at
// the store's versions once a second besides. A task takes the state once and keeps it to its end, so that a
// promotion or a catalog change never touches a running task.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "app/serve/assignment.h"
#include "app/serve/item_names.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "ml/model.h"
#include "queue/queue.h"
#include "storage/store.h"
#include "sync/mutex.h"
#include "telemetry/log.h"

namespace rankloop::app {

struct ServedModel {
  ModelId id;  // 0: no trained model, the random family answers
  std::shared_ptr<const ml::Model> model;
  std::shared_ptr<const ml::CatalogScorer> scorer;
  double share = 1;                                               // of the traffic
  std::vector<std::shared_ptr<const ml::CatalogScorer>> draws{};  // of its posterior, where they are wanted
};

// Binds draws of the model's posterior, as many as it keeps of these.
void bind_draws(ServedModel& served, const std::shared_ptr<const ml::Catalog>& catalog, std::size_t count);

struct ServedModels {
  std::shared_ptr<const ml::Catalog> catalog;
  std::int64_t registry_version = -1;
  ServedModel champion;
  std::vector<ServedModel> challengers;  // with a share of the traffic or in an experiment, by id
  std::vector<ServedModel> shadows;      // rank beside whatever answers, by id

  // Those that run, then the nameless one of the challengers' shares, if any has one.
  std::vector<ServedExperiment> experiments;

  // The model for a request, and the arm of a named experiment that it belongs to (0: of none).
  struct Assigned {
    const ServedModel* model;
    ArmId arm;
    const ServedModel* beside = nullptr;  // of interleaved arms: who answers together with it
    Interleaving way{};
    // Both have an order of their own, and they are not the same model.
    bool together() const;
    // What wishes place cannot be merged.
    bool together(const WishesInForce* wishes) const {
      return together() && (wishes == nullptr || !wishes->place());
    }
    // Who answers where they do not answer together: rather one that orders than one that draws.
    const ServedModel& alone() const;
  };
  Assigned assigned(std::string_view user_key, const TaskId& task) const;
};

// Thread-safe.
class Serving {
 public:
  Serving(std::shared_ptr<const Domain> domain, storage::Store& store, queue::HintQueue& hints,
          telemetry::Logger& log, std::size_t item_halves_memory, std::size_t posterior_draws = 0);
  ~Serving();

  // Loads catalog and models; then the thread keeps them fresh. A model that cannot be loaded (another
  // feature schema, a damaged artefact) is logged; instead of a champion the random family answers, and the
  // champion instead of a challenger.
  Status start();

  // No more is loaded; a load under way ends early. What answers stays.
  void stop() { thread_.request_stop(); }

  std::shared_ptr<const ServedModels> current() const;

  // Of the items that are served, and of all that ever were.
  ItemNames& item_names() const { return *item_names_; }

  // Blocks until the catalog in memory is at least at `version`, at most five seconds. True when it is.
  bool wait_for_catalog(std::int64_t version);

  // Calls `served`, once, when what the registry says now is what answers: inline, or on the thread that
  // brings it, where it is short and does not block. Not at all when that never happens.
  void when_registry_is_served(std::function<void()> served);

 private:
  struct Waiting {
    std::int64_t registry_version;
    std::function<void()> served;
  };
  Status refresh(const std::stop_token& stop);
  Status load_models(ServedModels& state);
  Result<std::shared_ptr<const ml::Model>> load_model(const storage::ModelRecord& record);
  void tell_missing_posterior(const ServedModel& served) const;
  void bind(ServedModels& state, const ServedModels* before) const;
  void keep_fresh(const std::stop_token& stop);

  // Constant after construction.
  const std::shared_ptr<const Domain> domain_;
  storage::Store& store_;
  telemetry::Logger& log_;
  const std::size_t item_halves_memory_;
  const std::size_t posterior_draws_;  // that are wanted of each model
  const std::unique_ptr<ItemNames> item_names_;

  // Touched by start() and then by the thread only.
  std::unordered_map<ModelId, std::shared_ptr<const ml::Model>> loaded_;  // of the present state

  mutable Mutex mutex_;
  StoppableCondition changed_;
  std::shared_ptr<const ServedModels> state_ GUARDED_BY(mutex_);
  bool wanted_ GUARDED_BY(mutex_) = false;
  std::vector<Waiting> waiting_ GUARDED_BY(mutex_);

  std::unique_ptr<queue::Subscription> subscription_;
  std::jthread thread_;
};

}  // namespace rankloop::app
