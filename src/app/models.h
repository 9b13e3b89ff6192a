// The registry's use cases: look, promote, roll back, share traffic, cast a shadow, export and import.
//
// Reads block; changes answer through `done`. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/store.h"

namespace rankloop::app {

// A model with what became of the requests that it answered.
struct ModelView {
  storage::ModelRecord record;
  storage::ModelCounts counts;
};

// The share of the shown requests of which something was picked, with Wilson's 95 % interval (1927). Empty
// without requests.
struct PickRate {
  double rate = 0;
  double low = 0;
  double high = 1;
};
std::optional<PickRate> pick_rate(const storage::ModelCounts& counts);

class Models {
 public:
  using Keep = std::optional<storage::Keep<storage::ModelRecord>>;
  using Done = storage::Done<storage::ModelRecord>;

  Models(const Domain& domain, int domain_version, storage::Store& store, const Clock& clock)
      : domain_(domain), domain_version_(domain_version), store_(store), clock_(clock) {}

  Result<std::vector<ModelView>> list();
  Result<ModelView> get(ModelId id);  // kNotFound "Model not found"
  Result<std::vector<storage::ModelEvent>> history(std::optional<std::int64_t> before, int limit);

  // See storage/store.h for the errors; a model that cannot be loaded with this domain is not promoted,
  // shared or made a shadow (kFailedPrecondition), so these read its artefact first.
  void promote(ModelId id, std::string actor, std::string reason, Keep keep, Done done);
  void rollback(std::string actor, std::string reason, Keep keep, Done done);
  void share(ModelId id, double share, std::string actor, std::string reason, Keep keep, Done done);
  void shadow(ModelId id, bool on, std::string actor, std::string reason, Keep keep, Done done);

  Result<std::string> artefact(ModelId id);  // kNotFound
  // Adds a model made elsewhere; it answers nothing until it is promoted. kDataLoss, kFailedPrecondition as
  // load_model.
  void import(std::string artefact, std::string actor, std::string reason, storage::Done<ModelId> done);

 private:
  Status loadable(ModelId id);

  const Domain& domain_;
  const int domain_version_;
  storage::Store& store_;
  const Clock& clock_;
};

}  // namespace rankloop::app
