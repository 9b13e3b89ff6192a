// Finds a model's artefact and loads it.
#include "app/serve/registered_model.h"

#include <algorithm>

namespace rankloop::app {

Result<std::shared_ptr<const ml::Model>> registered_model(ModelId id, const Domain& domain,
                                                          storage::Registry& store) {
  if (id.value == 0) return ml::random_model();
  const auto models = store.models();
  if (!models) return models.error();
  const auto found =
      std::find_if(models->begin(), models->end(), [&](const auto& model) { return model.id == id; });
  if (found == models->end()) return Error(ErrorCode::kNotFound, "Model not found");
  const Result<std::string> artefact = store.artefact(found->artefact_hash);
  if (!artefact) return artefact.error();
  return ml::load_model(*artefact, domain);
}

}  // namespace rankloop::app
