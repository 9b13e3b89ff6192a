// Loads catalog and models, binds them, and swaps the state that answers.
#include "app/serve/serving.h"

#include <algorithm>
#include <vector>

#include "error/caught.h"
#include "ml/random_numbers.h"
#include "telemetry/thread_name.h"

namespace rankloop::app {
namespace {

using std::chrono::seconds;

constexpr std::size_t kItemsPerStep = 16'384;  // changes gathered before a new snapshot is made

}  // namespace

Serving::Serving(std::shared_ptr<const Domain> domain, storage::Store& store, queue::HintQueue& hints,
                 telemetry::Logger& log, std::size_t item_halves_memory)
    : domain_(std::move(domain)),
      store_(store),
      log_(log),
      item_halves_memory_(item_halves_memory),
      item_names_(std::make_unique<ItemNames>(domain_, store)) {
  subscription_ = hints.subscribe([this](const queue::Change& change) {
    if (std::holds_alternative<queue::TaskChanged>(change)) return;
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

Status Serving::load_catalog(std::shared_ptr<const ml::Catalog>& catalog, const std::stop_token& stop) {
  std::vector<ml::ItemChange> changes;
  Status fault;
  const auto apply = [&](std::int64_t version) {
    catalog = catalog->with(version, changes);
    changes.clear();
  };
  const auto visit = [&](const storage::ItemRecord& item) {
    if (fault && stop.stop_requested())
      fault = Error{ErrorCode::kUnavailable, "the catalog is not loaded to its end"};
    if (!fault) return;
    ml::ItemChange change{item.id, item.version, {}};
    if (!item.deleted) {
      const Result<Record> record = domain_->items.read(item.payload);
      if (!record) {
        fault = record.error();
        return;
      }
      change.values = catalog->pick(record->values);
    }
    changes.push_back(std::move(change));
    if (changes.size() == kItemsPerStep) apply(catalog->version());
  };
  const bool first = catalog->rows() == 0;
  const Result<std::int64_t> version =
      first ? store_.each_item(visit) : store_.each_change(catalog->version(), visit);
  if (!version) return version.error();
  if (!fault) return fault;
  apply(*version);
  return {};
}

Result<std::shared_ptr<const ml::Model>> Serving::load_model(const storage::ModelRecord& record) {
  if (const auto known = loaded_.find(record.id); known != loaded_.end()) return known->second;
  const Result<std::string> artefact = store_.artefact(record.artefact_hash);
  if (!artefact) return artefact.error();
  return ml::load_model(*artefact, *domain_);
}

// Fills the models; their scorers are bound by the caller.
Status Serving::load_models(ServedModels& state) {
  const Result<std::vector<storage::ModelRecord>> models = store_.models();
  if (!models) return models.error();
  const ModelId before = state.champion.id;
  state.champion = {{}, ml::random_model(), nullptr, 1};
  state.challengers.clear();
  state.shadows.clear();
  std::unordered_map<ModelId, std::shared_ptr<const ml::Model>> loaded;
  for (const storage::ModelRecord& record : *models) {
    if (!record.champion && record.share <= 0 && !record.shadow) continue;
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
    const ServedModel served{record.id, *model, nullptr, record.share};
    if (record.champion) {
      state.champion = served;
    } else {
      (record.share > 0 ? state.challengers : state.shadows).push_back(served);
    }
  }
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
  const bool registry_is_new = registry != registry_version_;
  if (!catalog_is_new && !registry_is_new) return {};

  auto next = before ? std::make_shared<ServedModels>(*before) : std::make_shared<ServedModels>();
  if (!next->catalog) next->catalog = ml::Catalog::empty(domain_);
  if (catalog_is_new) {
    if (Status status = load_catalog(next->catalog, stop); !status) return status;
    if (Status status = item_names_->learn(); !status) return status;
  }
  if (registry_is_new) {
    if (Status status = load_models(*next); !status) return status;
  }
  bind(*next, before.get());
  registry_version_ = registry;
  {
    const Lock lock{mutex_};
    state_ = std::move(next);
  }
  changed_.notify_all();
  return {};
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
  };
  bind_one(state.champion);
  std::for_each(state.challengers.begin(), state.challengers.end(), bind_one);
  std::for_each(state.shadows.begin(), state.shadows.end(), bind_one);
}

const ServedModel& ServedModels::assigned(std::string_view user_key, const TaskId& task) const {
  constexpr std::uint64_t kAssignment = 0x61737369676eU;  // apart from the other draws of a task
  const std::uint64_t key = (user_key.empty() ? task.seed() : ml::hash_text(user_key)) ^ kAssignment;
  double left = 1;  // of the traffic, for those that nobody before has drawn
  for (const ServedModel& challenger : challengers) {
    const auto salt = ml::mix_bits(static_cast<std::uint64_t>(challenger.id.value));
    if (ml::RandomNumbers(ml::mix_bits(key ^ salt)).uniform(0, left) < challenger.share) return challenger;
    left -= challenger.share;
  }
  return champion;
}

}  // namespace rankloop::app
