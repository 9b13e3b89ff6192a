// Loads catalog and models, binds them, and swaps the state that answers.
#include "app/serve/serving.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "app/serve/catalog_loading.h"
#include "error/caught.h"
#include "ml/families/families.h"
#include "ml/random_numbers.h"
#include "telemetry/thread_name.h"

namespace rankloop::app {
namespace {

using std::chrono::seconds;

Result<std::vector<storage::ExperimentRecord>> running_experiments(storage::Store& store) {
  auto experiments = store.experiments();
  if (!experiments) return experiments;
  std::erase_if(*experiments, [](const storage::ExperimentRecord& experiment) {
    return experiment.state != ExperimentState::kRunning;
  });
  return experiments;
}

// Whether an arm of one of them is this model's.
bool names(const std::vector<storage::ExperimentRecord>& experiments, ModelId model) {
  return std::ranges::any_of(experiments, [model](const storage::ExperimentRecord& experiment) {
    return std::ranges::count(experiment.arms, model, &storage::ExperimentArm::model) > 0;
  });
}

// kByChampion of a model that is not there, because it cannot be loaded, or that is the champion.
std::size_t place_of(const std::vector<ServedModel>& challengers, ModelId model) {
  const auto found = std::ranges::find(challengers, model, &ServedModel::id);
  return found == challengers.end() ? kByChampion : static_cast<std::size_t>(found - challengers.begin());
}

std::vector<ServedExperiment> all_served(const std::vector<ServedModel>& challengers,
                                         const std::vector<storage::ExperimentRecord>& running,
                                         const std::vector<storage::ModelRecord>& models) {
  std::vector<ServedExperiment> experiments;
  for (const storage::ExperimentRecord& record : running) {
    ServedExperiment& experiment = experiments.emplace_back(served(record));
    for (std::size_t i = 0; i < record.arms.size(); ++i)
      experiment.arms[i].model = place_of(challengers, record.arms[i].model);
    if (auto& beside = experiment.arms.front().beside) beside->model = experiment.arms[1].model;
  }
  ServedExperiment nameless = nameless_experiment();
  for (const storage::ModelRecord& model : models) {
    if (!model.ranges.empty()) nameless.arms.push_back({{}, model.ranges, place_of(challengers, model.id)});
  }
  if (!nameless.arms.empty()) experiments.push_back(std::move(nameless));
  return experiments;
}

}  // namespace

void bind_draws(ServedModel& served, const std::shared_ptr<const ml::Catalog>& catalog, std::size_t count) {
  served.draws.clear();
  for (const auto& draw : served.model->posterior_draws(count)) {
    served.draws.push_back(draw->bind(catalog, nullptr, 0));
  }
}

Serving::Serving(std::shared_ptr<const Domain> domain, storage::Store& store, queue::HintQueue& hints,
                 telemetry::Logger& log, std::size_t item_halves_memory, std::size_t posterior_draws)
    : domain_(std::move(domain)),
      store_(store),
      log_(log),
      item_halves_memory_(item_halves_memory),
      posterior_draws_(posterior_draws),
      item_names_(std::make_unique<ItemNames>(domain_, store)) {
  subscription_ = hints.subscribe([this](const queue::Change& change) {
    if (!std::holds_alternative<queue::CatalogChanged>(change) &&
        !std::holds_alternative<queue::RegistryChanged>(change))
      return;
    {
      const Lock lock{mutex_};
      wanted_ = true;
    }
    changed_.notify_all();
  });
}

Serving::~Serving() {
  subscription_.reset();
  stop();
}

Status Serving::start() {
  if (Status status = refresh({}); !status) return status;
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    telemetry::name_this_thread("refresher");
    keep_fresh(stop);
  }};
  return {};
}

std::shared_ptr<const ServedModels> Serving::current() const {
  const Lock lock{mutex_};
  return state_;
}

bool Serving::wait_for_catalog(std::int64_t version) {
  Lock lock{mutex_};
  return changed_.wait_for(
      lock, seconds{5}, [&]() REQUIRES(mutex_) { return state_ && state_->catalog->version() >= version; });
}

void Serving::when_registry_is_served(std::function<void()> served) {
  const std::int64_t wanted = store_.registry_version();
  {
    const Lock lock{mutex_};
    if (!state_ || state_->registry_version < wanted) {
      waiting_.push_back({wanted, std::move(served)});
      return;
    }
  }
  served();
}

void Serving::keep_fresh(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      Lock lock{mutex_};
      changed_.wait_for(lock, stop, seconds{1}, [&]() REQUIRES(mutex_) { return wanted_; });
      wanted_ = false;
    }
    if (stop.stop_requested()) return;
    // Tried again with the next look when there was no memory for it.
    if (const Status status = without_throwing([&] { return refresh(stop); });
        !status && !stop.stop_requested()) {
      log_.error("catalog or model could not be refreshed", status.error());
    }
  }
}

Result<std::shared_ptr<const ml::Model>> Serving::load_model(const storage::ModelRecord& record) {
  if (const auto known = loaded_.find(record.id); known != loaded_.end()) return known->second;
  const Result<std::string> artefact = store_.artefact(record.artefact_hash);
  if (!artefact) return artefact.error();
  return ml::load_model(*artefact, *domain_);
}

// Fills models and experiments; the models' scorers are bound by the caller.
Status Serving::load_models(ServedModels& state) {
  const Result<std::vector<storage::ModelRecord>> models = store_.models();
  if (!models) return models.error();
  const Result<std::vector<storage::ExperimentRecord>> experiments = running_experiments(store_);
  if (!experiments) return experiments.error();
  const ModelId before = state.champion.id;
  state.champion = {.id = {}, .model = ml::random_model(), .scorer = nullptr};
  state.challengers.clear();
  state.shadows.clear();
  std::unordered_map<ModelId, std::shared_ptr<const ml::Model>> loaded;
  for (const storage::ModelRecord& record : *models) {
    const bool in_experiment = names(*experiments, record.id);
    if (!record.champion && record.share <= 0 && !record.shadow && !in_experiment) continue;
    auto model = load_model(record);
    // A store that cannot answer now is asked again; an artefact that is no good stays so.
    const bool for_now = !model && (model.error().code == ErrorCode::kUnavailable ||
                                    model.error().code == ErrorCode::kResourceExhausted);
    if (for_now) return model.error();
    if (!model) {
      log_.error(record.champion ? "the champion cannot be loaded; random order answers"
                                 : "a challenger cannot be loaded; the champion answers instead",
                 model.error(), {{"model_id", std::to_string(record.id.value)}});
      continue;
    }
    loaded.emplace(record.id, *model);
    const ServedModel served{.id = record.id, .model = *model, .scorer = nullptr, .share = record.share};
    if (!loaded_.contains(record.id)) tell_missing_posterior(served);
    if (record.champion) {
      state.champion = served;
      continue;
    }
    if (record.share > 0 || in_experiment) state.challengers.push_back(served);
    if (record.share <= 0 && record.shadow) state.shadows.push_back(served);
  }
  state.experiments = all_served(state.challengers, *experiments, *models);
  loaded_ = std::move(loaded);
  if (state.champion.id != before) {
    log_.info("model answers", {{"model_id", std::to_string(state.champion.id.value)},
                                {"family", std::string{state.champion.model->family()}}});
  }
  return {};
}

Status Serving::refresh(const std::stop_token& stop) {
  const std::shared_ptr<const ServedModels> before = current();
  const std::int64_t registry = store_.registry_version();
  const bool catalog_is_new = !before || before->catalog->version() != store_.catalog_version();
  const bool registry_is_new = !before || registry != before->registry_version;
  if (!catalog_is_new && !registry_is_new) return {};

  auto next = before ? std::make_shared<ServedModels>(*before) : std::make_shared<ServedModels>();
  if (!next->catalog) next->catalog = ml::Catalog::empty(domain_);
  if (catalog_is_new) {
    if (Status status = bring_to(next->catalog, storage::CatalogStore::kCurrentVersion, store_, stop);
        !status)
      return status;
    if (Status status = item_names_->learn(); !status) return status;
  }
  if (registry_is_new) {
    if (Status status = load_models(*next); !status) return status;
  }
  bind(*next, before.get());
  next->registry_version = registry;
  std::vector<Waiting> served;
  {
    const Lock lock{mutex_};
    state_ = std::move(next);
    const auto later = std::ranges::partition(
        waiting_, [registry](const Waiting& one) { return one.registry_version <= registry; });
    served.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(later.begin()));
    waiting_.erase(waiting_.begin(), later.begin());
  }
  changed_.notify_all();
  for (const Waiting& one : served) one.served();
  return {};
}

void Serving::tell_missing_posterior(const ServedModel& served) const {
  if (posterior_draws_ == 0 || !served.model->posterior_draws(1).empty()) return;
  std::string families;
  for (const ml::Family& family : ml::families()) {
    if (family.keeps_posterior) families += (families.empty() ? "" : ", ") + std::string(family.name);
  }
  log_.warning("exploration.policy is thompson, and this model keeps no posterior: its own order answers",
               {{"model_id", std::to_string(served.id.value)},
                {"family", std::string{served.model->family()}},
                {"families_that_do", families}});
}

void Serving::bind(ServedModels& state, const ServedModels* before) const {
  const auto earlier = [&](const ServedModel& wanted) -> const ml::CatalogScorer* {
    if (before == nullptr) return nullptr;
    const auto same = [&](const ServedModel& served) { return served.model == wanted.model; };
    if (same(before->champion)) return before->champion.scorer.get();
    for (const auto* list : {&before->challengers, &before->shadows}) {
      const auto found = std::find_if(list->begin(), list->end(), same);
      if (found != list->end()) return found->scorer.get();
    }
    return nullptr;
  };
  const std::size_t models = 1 + state.challengers.size() + state.shadows.size();
  const auto bind_one = [&](ServedModel& served) {
    served.scorer = served.model->bind(state.catalog, earlier(served), item_halves_memory_ / models);
    bind_draws(served, state.catalog, posterior_draws_);
  };
  bind_one(state.champion);
  std::for_each(state.challengers.begin(), state.challengers.end(), bind_one);
  std::for_each(state.shadows.begin(), state.shadows.end(), bind_one);
}

ServedModels::Assigned ServedModels::assigned(std::string_view user_key, const TaskId& task) const {
  const ServedArm* arm = arm_of(experiments, user_key, task);
  if (arm == nullptr) return {&champion, {}};
  const auto at = [&](std::size_t place) { return place == kByChampion ? &champion : &challengers[place]; };
  if (!arm->beside) return {at(arm->model), arm->id};
  return {at(arm->model), arm->id, at(arm->beside->model), arm->beside->way};
}

bool ServedModels::Assigned::together() const {
  return beside != nullptr && beside->id != model->id && !model->model->draws() && !beside->model->draws();
}

const ServedModel& ServedModels::Assigned::alone() const {
  return beside != nullptr && model->model->draws() ? *beside : *model;
}

}  // namespace rankloop::app
