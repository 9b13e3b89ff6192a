// Words of requests and items as places of a model's vocabularies.
#include "ml/word_plan.h"

#include "ml/feature_space.h"

namespace rankloop::ml {

WordPlan::WordPlan(const Vocabularies& vocabularies, const Catalog& catalog)
    : vocabularies_(vocabularies), translation_(vocabularies, catalog.dictionary()) {
  const FeatureSpace space(catalog.domain());
  for (std::size_t c = 0; c < vocabularies.columns(); ++c) {
    const CodeInput& code = space.codes()[c];
    if (code.side == Side::kItem) {
      items_.push_back({c, catalog.word_position_of(code.word)});
    } else {
      requests_.push_back({c, code.word});
    }
  }
}

std::vector<std::uint32_t> WordPlan::places_of(const ValuesView& request) const {
  std::vector<std::uint32_t> places;
  for (const Source& source : requests_) {
    vocabularies_.append(source.column, request.words[source.word], places);
  }
  return places;
}

}  // namespace rankloop::ml
