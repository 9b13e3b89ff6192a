// What a request is answered with: the ranking of the model or the arms that it belongs to, and those of the
// models that rank unseen beside it.
#pragma once

#include <memory>
#include <vector>

#include "app/serve/histories.h"
#include "app/serve/serving.h"
#include "domain/ranking.h"
#include "ml/rank.h"
#include "storage/records.h"

namespace rankloop::app {

struct Answer {
  Ranking ranking;
  std::vector<Ranking> shadows;
  Values values{};  // of the request, with what histories say of who asks; empty where the domain has none
};

// `wanted`: but for what is known of what happened before, which is found here. Blocks where the person has
// not asked for long; kUnavailable: the store.
Result<Answer> answer(const ServedModels& serving, const ServedModels::Assigned& assigned,
                      const std::shared_ptr<const ml::Catalog>& from, const storage::NewInference& request,
                      const ml::RankRequest& wanted, int domain_version, Histories& histories);

}  // namespace rankloop::app
