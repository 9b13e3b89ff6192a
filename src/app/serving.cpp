#include "app/serving.h"

#include <vector>

namespace rankloop::app {
namespace {

using std::chrono::seconds;

constexpr std::size_t kItemsPerStep = 16'384;  // changes gathered before a new snapshot is made

}  // namespace

Serving::Serving(std::shared_ptr<const Domain> domain, storage::Store& store, queue::HintQueue& hints,
                 telemetry::Logger& log, std::size_t item_halves_memory)
    : domain_(std::move(domain)), store_(store), log_(log), item_halves_memory_(item_halves_memory) {
  subscription_ = hints.subscribe([this](const queue::Change& change) {
    if (std::holds_alternative<queue::TaskChanged>(change)) return;
    {
      const std::lock_guard lock{mutex_};
      wanted_ = true;
    }
    changed_.notify_all();
  });
}

Serving::~Serving() {
  subscription_.reset();
  thread_.request_stop();
}

Status Serving::start() {
  if (Status status = refresh(); !status) return status;
  thread_ = std::jthread{[this](std::stop_token stop) { keep_fresh(std::move(stop)); }};
  return {};
}

std::shared_ptr<const ServingState> Serving::current() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

bool Serving::wait_for_catalog(std::int64_t version) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, seconds{5}, [&] { return state_ && state_->catalog->version() >= version; });
}

void Serving::keep_fresh(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, stop, seconds{1}, [&] { return wanted_; });
      wanted_ = false;
    }
    if (stop.stop_requested()) return;
    if (Status status = refresh(); !status)
      log_.error("catalog or model could not be refreshed", status.error());
  }
}

Status Serving::load_catalog(std::shared_ptr<const ml::Catalog>& catalog) {
  std::vector<ml::ItemChange> changes;
  Status fault;
  const auto apply = [&](std::int64_t version) {
    catalog = catalog->with(version, changes);
    changes.clear();
  };
  const auto visit = [&](const storage::ItemRecord& item) {
    if (!fault) return;
    ml::ItemChange change{item.id, item.version, {}};
    if (!item.deleted) {
      const Result<Record> record = domain_->items.read(item.payload);
      if (!record) {
        fault = record.error();
        return;
      }
      change.columns = catalog->pick_columns(record->columns);
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

Status Serving::load_champion(ServingState& state) {
  const Result<std::vector<storage::ModelRecord>> models = store_.models();
  if (!models) return models.error();
  state.model_id = {};
  state.model = ml::random_model();
  for (const storage::ModelRecord& record : *models) {
    if (!record.champion) continue;
    const Result<std::string> artefact = store_.artefact(record.artefact_hash);
    // A store that cannot answer now is asked again; an artefact that is no good stays so.
    if (!artefact && artefact.error().code == ErrorCode::kUnavailable) return artefact.error();
    auto model = artefact ? ml::load_model(*artefact, *domain_)
                          : Result<std::shared_ptr<const ml::Model>>{artefact.error()};
    if (!model) {
      log_.error("the champion cannot be loaded; random order answers", model.error(),
                 {{"model_id", std::to_string(record.id.value)}});
      return {};
    }
    state.model_id = record.id;
    state.model = *model;
    log_.info("model answers", {{"model_id", std::to_string(record.id.value)}, {"family", record.family}});
    return {};
  }
  return {};
}

Status Serving::refresh() {
  const std::shared_ptr<const ServingState> before = current();
  const std::int64_t registry = store_.registry_version();
  const bool catalog_is_new = !before || before->catalog->version() != store_.catalog_version();
  const bool registry_is_new = registry != registry_version_;
  if (!catalog_is_new && !registry_is_new) return {};

  auto next = before ? std::make_shared<ServingState>(*before) : std::make_shared<ServingState>();
  if (!next->catalog) next->catalog = ml::Catalog::empty(domain_);
  if (catalog_is_new) {
    if (Status status = load_catalog(next->catalog); !status) return status;
  }
  if (registry_is_new) {
    if (Status status = load_champion(*next); !status) return status;
  }
  const bool same_model = before && before->model == next->model;
  next->scorer =
      next->model->bind(next->catalog, same_model ? before->scorer.get() : nullptr, item_halves_memory_);
  registry_version_ = registry;
  {
    const std::lock_guard lock{mutex_};
    state_ = std::move(next);
  }
  changed_.notify_all();
  return {};
}

}  // namespace rankloop::app
