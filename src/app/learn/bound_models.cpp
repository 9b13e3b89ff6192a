// Loads models and binds them to catalogs.
#include "app/learn/bound_models.h"

#include <algorithm>
#include <string>

namespace rankloop::app {
namespace {

Result<std::shared_ptr<const ml::Model>> loaded(storage::Registry& store, const storage::ModelRecord* record,
                                                ModelId id, const Domain& domain) {
  if (id.value == 0) return ml::random_model();
  if (record == nullptr) return Error(ErrorCode::kNotFound, "Model not found");
  const Result<std::string> artefact = store.artefact(record->artefact_hash);
  if (!artefact) return artefact.error();
  return ml::load_model(*artefact, domain);
}

}  // namespace

const ml::CatalogScorer& BoundModel::on(const std::shared_ptr<const ml::Catalog>& catalog) {
  const auto found = std::find_if(scorers_.begin(), scorers_.end(),
                                  [&](const auto& scorer) { return &scorer->catalog() == catalog.get(); });
  if (found == scorers_.end()) {
    const ml::CatalogScorer* near = scorers_.empty() ? nullptr : scorers_.front().get();
    auto scorer = model_->bind(catalog, near, memory_);
    scorers_.push_front(std::move(scorer));
    if (scorers_.size() > kKept) scorers_.pop_back();
  } else if (found != scorers_.begin()) {
    std::rotate(scorers_.begin(), found, std::next(found));
  }
  return *scorers_.front();
}

const storage::ModelRecord* RegistryModels::record(ModelId id) const {
  const auto found =
      std::find_if(records_.begin(), records_.end(), [&](const auto& record) { return record.id == id; });
  return found == records_.end() ? nullptr : &*found;
}

Result<BoundModel*> RegistryModels::get(ModelId id) {
  auto known = loaded_.find(id);
  if (known == loaded_.end()) {
    auto model = loaded(store_, record(id), id, domain_);
    known = loaded_
                .emplace(id, model ? Result<BoundModel>(BoundModel{*std::move(model), memory_})
                                   : Result<BoundModel>(model.error()))
                .first;
  }
  if (!known->second) return known->second.error();
  return &*known->second;
}

}  // namespace rankloop::app
