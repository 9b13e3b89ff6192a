// Models of the registry, loaded when they are first asked for and bound to whichever catalog lists were
// ranked from. Not thread-safe; blocks where an artefact is read.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "domain/domain.h"
#include "domain/ids.h"
#include "ml/model.h"
#include "storage/registry.h"

namespace rankloop::app {

class BoundModel {
 public:
  // `memory` in bytes bounds what is computed from items alone, for each catalog.
  BoundModel(std::shared_ptr<const ml::Model> model, std::size_t memory)
      : model_(std::move(model)), memory_(memory) {}

  const ml::Model& model() const { return *model_; }
  // Bound to this catalog; that of a catalog a little older or newer makes it cheap.
  const ml::CatalogScorer& on(const std::shared_ptr<const ml::Catalog>& catalog);
  // Bound to a small catalog that is used once.
  std::shared_ptr<const ml::CatalogScorer> once_on(const std::shared_ptr<const ml::Catalog>& catalog) const {
    return model_->bind(catalog, nullptr, 0);
  }

 private:
  static constexpr std::size_t kKept = 3;  // scorers

  std::shared_ptr<const ml::Model> model_;
  std::size_t memory_;
  std::deque<std::shared_ptr<const ml::CatalogScorer>> scorers_;  // the last that was asked for in front
};

class RegistryModels {
 public:
  RegistryModels(storage::Registry& store, std::vector<storage::ModelRecord> records, const Domain& domain,
                 std::size_t memory)
      : store_(store), records_(std::move(records)), domain_(domain), memory_(memory) {}

  const std::vector<storage::ModelRecord>& records() const { return records_; }
  // Null: there is none of this number. The number 0 is the random order.
  const storage::ModelRecord* record(ModelId id) const;
  // kNotFound: it is no longer there. kDataLoss, kFailedPrecondition: as ml::load_model.
  Result<BoundModel*> get(ModelId id);

 private:
  storage::Registry& store_;
  const std::vector<storage::ModelRecord> records_;
  const Domain& domain_;
  const std::size_t memory_;
  std::map<ModelId, Result<BoundModel>> loaded_;
};

}  // namespace rankloop::app
