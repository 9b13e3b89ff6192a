// Words of requests and items as places of a model's vocabularies.
#include "ml/word_plan.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ml/feature_space.h"

namespace rankloop::ml {

WordPlan::WordPlan(const Vocabularies& vocabularies, const Catalog& catalog)
    : vocabularies_(vocabularies),
      dictionary_(catalog.dictionary()),
      translation_(vocabularies, catalog.dictionary()) {
  const FeatureSpace space(catalog.domain());
  for (std::size_t c = 0; c < vocabularies.columns(); ++c) {
    const CodeInput& code = space.codes()[c];
    if (code.pair != nullptr) {
      pairs_.push_back({c, code.pair->request_column, catalog.word_position_of(code.word)});
    } else if (code.side == Side::kItem) {
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

std::vector<AskedPairs> WordPlan::pairs_of(const ValuesView& request) const {
  std::vector<AskedPairs> pairs;
  for (const PairSource& source : pairs_) pairs.push_back(pairs_of(source, request.words[source.request]));
  return pairs;
}

AskedPairs WordPlan::pairs_of(const PairSource& source, const Words& request) const {
  const Vocabulary& vocabulary = vocabularies_.of(source.column);
  const std::uint32_t first = vocabularies_.first_of(source.column);
  AskedPairs pairs{.position = source.item,
                   .unknown = first + vocabulary.unknown(),
                   .absent = first + vocabulary.absent()};
  const Words begin = pair_of(request, std::string_view{});
  if (!begin) pairs.unknown = pairs.absent;
  std::vector<std::pair<std::int32_t, std::uint32_t>> known;
  for (std::uint32_t w = 0; begin && w < vocabulary.words().size(); ++w) {
    const std::string_view word = vocabulary.words()[w];
    if (!word.starts_with(begin->front())) continue;
    if (const auto code = dictionary_.find(word.substr(begin->front().size())))
      known.emplace_back(*code, first + w);
  }
  if (known.empty()) return pairs;
  const auto [least, greatest] = std::ranges::minmax_element(known);
  pairs.first = least->first;
  pairs.places.assign(static_cast<std::size_t>(greatest->first - least->first) + 1, pairs.unknown);
  for (const auto& [code, place] : known) pairs.places[static_cast<std::size_t>(code - pairs.first)] = place;
  return pairs;
}

}  // namespace rankloop::ml
