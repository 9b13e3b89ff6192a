// Ranks a request with all that is known.
#include "app/serve/answer.h"

#include <utility>

#include "app/serve/candidates.h"
#include "ml/interleave.h"

namespace rankloop::app {
namespace {

Answer ranked(const ServedModels& serving, const ServedModels::Assigned& assigned,
              const std::shared_ptr<const ml::Catalog>& from, ml::RankRequest wanted, int domain_version) {
  const auto rank_with = [&](const ServedModel& served) {
    Ranking ranking = rank_from(from, served, wanted);
    ranking.domain_version = domain_version;
    return ranking;
  };
  // Two orders as they are: merging them departs from both.
  Answer answer{assigned.together(wanted.wishes)
                    ? ml::interleave(rank_with(*assigned.model), rank_with(*assigned.beside), assigned.way)
                    : rank_with(assigned.alone()),
                {}};
  answer.ranking.arm = assigned.arm;
  wanted.explore = nullptr;  // a shadow shows nothing, so it need not explore
  for (const ServedModel& shadow : serving.shadows) answer.shadows.push_back(rank_with(shadow));
  return answer;
}

}  // namespace

Result<Answer> answer(const ServedModels& serving, const ServedModels::Assigned& assigned,
                      const std::shared_ptr<const ml::Catalog>& from, const storage::NewInference& request,
                      const ml::RankRequest& wanted, int domain_version, Histories& histories) {
  if (!histories.any()) return ranked(serving, assigned, from, wanted, domain_version);
  Answer answer;
  const Status looked = histories.look(request.person, [&](const KnownHistory& known) {
    RankedWith with = ranked_with(known, wanted.values, request.at, *from);
    ml::RankRequest knowing = wanted;
    knowing.values = with.values;
    knowing.past = &with.past;
    answer = ranked(serving, assigned, from, knowing, domain_version);
    answer.ranking.known = known.position;
    answer.ranking.known_hash =
        hash_of_known(known.plan, with, answer.ranking.items, items_in(known.plan, *from));
    answer.values = std::move(with.values);
  });
  if (!looked) return looked.error();
  return answer;
}

}  // namespace rankloop::app
