// The registry's use cases: look, promote, roll back, share traffic, rank in the shadow, remove,
// export and import.
//
// Reads block; changes answer through `done`. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/serve/item_names.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/registry.h"
#include "sync/mutex.h"

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

// Who asks for a change of the registry, and why.
struct Signed {
  std::string actor;  // the role that was shown, or "cli"; see storage::ModelChange
  std::string reason;
  std::string remark{};
};

class Models {
 public:
  using KeptWith = std::optional<storage::RecordedAnswer<storage::ModelRecord>>;
  using Done = storage::Done<storage::ModelRecord>;

  Models(const Domain& domain, int domain_version, storage::Registry& store, ItemNames& names,
         const Clock& clock)
      : domain_(domain), domain_version_(domain_version), store_(store), names_(names), clock_(clock) {}

  Result<std::vector<ModelView>> list();
  Result<ModelView> get(ModelId id);  // kNotFound "Model not found"
  Result<std::vector<storage::ModelEvent>> history(std::optional<std::int64_t> before, int limit);

  // See storage/registry.h for the errors; a model that cannot be loaded with this domain is not promoted,
  // shared or made a shadow (kFailedPrecondition), so these read its artefact first.
  void promote(ModelId id, Signed by, KeptWith keep, Done done);
  void rollback(Signed by, KeptWith keep, Done done);
  void share(ModelId id, double share, Signed by, KeptWith keep, Done done);
  void shadow(ModelId id, bool on, Signed by, KeptWith keep, Done done);
  void remove(ModelId id, Signed by, KeptWith keep, Done done);

  // As it travels (keyed_model.h). The same bytes for everybody who has those of this model at the time.
  // kNotFound, and as the store; where ids are texts, as ml::load_model.
  Result<std::shared_ptr<const std::string>> artefact(ModelId id);
  // Adds a model made elsewhere; it answers nothing until it is promoted. kDataLoss, kFailedPrecondition as
  // arrived_model.
  void import(std::string artefact, Signed by, storage::Done<ModelId> done);

 private:
  using Bytes = std::shared_ptr<const std::string>;
  Result<std::string> hash_of(ModelId id);
  Result<Bytes> stored(const std::string& hash);
  Result<Bytes> with_keys(const std::string& hash);
  template <class Make>
  Result<Bytes> in_use(const std::string& name, Make make);
  Status loadable(ModelId id);
  storage::ModelChange change(Signed by) const;

  const Domain& domain_;
  const int domain_version_;
  storage::Registry& store_;
  ItemNames& names_;
  const Clock& clock_;

  // One reads an artefact, the others wait for it: nobody needs a second copy.
  Mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<const std::string>> in_use_ GUARDED_BY(mutex_);  // by name
};

}  // namespace rankloop::app
