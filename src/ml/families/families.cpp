// The table of families, a line each.
#include "ml/families/families.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ml/families/factorization/factorization_model.h"
#include "ml/families/factorization/train_factorization.h"
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
      Family{"random", false, load_random_model, train_random_model},
      Family{"popularity", false, load_popularity_model, train_popularity_family},
      Family{"logistic", true, load_logistic_model, train_logistic_family, true},
      Family{"mlp", true, load_mlp_model, train_mlp_family},
      Family{"gbdt", true, load_gbdt_model, train_gbdt_family},
      Family{"factorization", true, load_factorization_model, train_factorization_family},
  };
  return kFamilies;
}

namespace {

Error unusable(std::string what) {
  return {ErrorCode::kDataLoss, std::move(what)};
}

Status check_features(const Artefact& artefact, bool uses_features, const Domain& domain) {
  const std::string& made_for = artefact.feature_fingerprint;
  if (made_for.empty() && uses_features) {
    return unusable("the artefact of the " + artefact.family +
                    " model does not say for which features it was made");
  }
  if (!made_for.empty() && made_for != domain.feature_fingerprint) {
    return Error(ErrorCode::kFailedPrecondition, "the model was made for the features " + made_for +
                                                     ", this domain has the features " +
                                                     domain.feature_fingerprint);
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const Model>> load_model(std::string_view bytes, const Domain& domain) {
  const Result<Artefact> artefact = open_artefact(bytes);
  if (!artefact) return artefact.error();
  const auto family = std::ranges::find(families(), artefact->family, &Family::name);
  if (family == families().end()) {
    return unusable("the model artefact is of an unknown family: " + artefact->family);
  }
  if (const Status fits = check_features(*artefact, family->uses_features, domain); !fits)
    return fits.error();
  return family->load(*artefact, domain);
}

}  // namespace rankloop::ml
