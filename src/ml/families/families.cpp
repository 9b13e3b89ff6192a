#include "ml/families/families.h"

#include <array>

#include "ml/families/gbdt/gbdt_model.h"
#include "ml/families/gbdt/train_gbdt.h"
#include "ml/families/logistic/logistic_model.h"
#include "ml/families/logistic/train_logistic.h"
#include "ml/families/mlp/mlp_model.h"
#include "ml/families/mlp/train_mlp.h"
#include "ml/families/popularity/popularity_model.h"
#include "ml/families/random/random_model.h"

namespace rankloop::ml {

std::span<const Family> families() {
  static constexpr std::array kFamilies = {
      Family{"random", load_random_model, train_random_model},
      Family{"popularity", load_popularity_model, train_popularity_family},
      Family{"logistic", load_logistic_model, train_logistic_family},
      Family{"mlp", load_mlp_model, train_mlp_family},
      Family{"gbdt", load_gbdt_model, train_gbdt_family},
  };
  return kFamilies;
}

Result<std::shared_ptr<const Model>> load_model(std::string_view bytes, const Domain& domain) {
  const Result<Artefact> artefact = open_artefact(bytes);
  if (!artefact) return artefact.error();
  const std::string& made_for = artefact->feature_fingerprint;
  if (!made_for.empty() && made_for != domain.feature_fingerprint) {
    return Error(ErrorCode::kFailedPrecondition, "the model was made for the features " + made_for +
                                                     ", this domain has the features " +
                                                     domain.feature_fingerprint);
  }
  for (const Family& family : families()) {
    if (family.name == artefact->family) return family.load(*artefact, domain);
  }
  return Error(ErrorCode::kDataLoss, "the model artefact is of an unknown family: " + artefact->family);
}

}  // namespace rankloop::ml
