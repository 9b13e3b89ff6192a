// Vocabularies: fitted, looked up, kept.
#include "ml/vocabulary.h"

#include <algorithm>
#include <utility>

#include "ml/artefact.h"

namespace rankloop::ml {

Vocabulary::Vocabulary(std::vector<std::string> words) : words_(std::move(words)) {
  for (std::size_t w = 0; w < words_.size(); ++w) places_.emplace(words_[w], static_cast<std::uint32_t>(w));
}

Vocabulary Vocabulary::fit(std::span<const LabelledRows* const> parts, std::size_t column) {
  std::map<std::int32_t, std::size_t> counts;
  for (const LabelledRows* rows : parts) {
    for (std::size_t r = 0; r < rows->rows(); ++r) {
      for (const std::int32_t code : rows->codes[column].at(r)) {
        if (code != kAbsentCode) ++counts[code];
      }
    }
  }
  std::vector<std::pair<std::size_t, std::string>> frequent;
  for (const auto& [code, count] : counts) {
    const std::string_view word = parts.front()->dictionary->word(code);
    if (count >= kLeastRows && word.size() <= kMostBytes) frequent.emplace_back(count, word);
  }
  std::sort(frequent.begin(), frequent.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  frequent.resize(std::min(frequent.size(), kMostWords));
  std::vector<std::string> words;
  for (auto& [count, word] : frequent) words.push_back(std::move(word));
  return Vocabulary(std::move(words));
}

std::uint32_t Vocabulary::place(std::string_view word) const {
  const auto found = places_.find(word);
  return found == places_.end() ? unknown() : found->second;
}

Vocabularies::Vocabularies(std::vector<Vocabulary> vocabularies) : vocabularies_(std::move(vocabularies)) {
  for (const Vocabulary& each : vocabularies_) {
    first_.push_back(size_);
    size_ += each.size();
  }
}

Vocabularies Vocabularies::fit(std::span<const LabelledRows* const> parts) {
  std::vector<Vocabulary> vocabularies;
  for (std::size_t column = 0; column < parts.front()->codes.size(); ++column) {
    vocabularies.push_back(Vocabulary::fit(parts, column));
  }
  return Vocabularies(std::move(vocabularies));
}

std::size_t Vocabularies::column_of(std::uint32_t place) const {
  return static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), place) - first_.begin()) - 1;
}

void Vocabularies::append(std::size_t column, const Words& words, std::vector<std::uint32_t>& places) const {
  const Vocabulary& vocabulary = vocabularies_[column];
  const std::uint32_t first = first_[column];
  if (!words) return places.push_back(first + vocabulary.absent());
  const std::size_t begin = places.size();
  for (const std::string& word : *words) places.push_back(first + vocabulary.place(word));
  std::sort(places.begin() + static_cast<std::ptrdiff_t>(begin), places.end());
  places.erase(std::unique(places.begin() + static_cast<std::ptrdiff_t>(begin), places.end()), places.end());
}

Vocabularies::Translation::Translation(const Vocabularies& vocabularies, const Dictionary& dictionary) {
  const std::size_t known = vocabularies.columns() == 0 ? 0 : dictionary.size();
  for (std::size_t c = 0; c < vocabularies.columns(); ++c) {
    const Vocabulary& vocabulary = vocabularies.of(c);
    const std::uint32_t first = vocabularies.first_[c];
    Column column{std::vector<std::uint32_t>(known, first + vocabulary.unknown()),
                  first + vocabulary.unknown(), first + vocabulary.absent()};
    for (std::size_t w = 0; w < vocabulary.words().size(); ++w) {
      const auto code = dictionary.find(vocabulary.words()[w]);
      if (code && static_cast<std::size_t>(*code) < known)
        column.places[static_cast<std::size_t>(*code)] = first + static_cast<std::uint32_t>(w);
    }
    columns_.push_back(std::move(column));
  }
}

void Vocabularies::Translation::append(std::size_t column, std::span<const std::int32_t> codes,
                                       std::vector<std::uint32_t>& places) const {
  const Column& of = columns_[column];
  bool unknown = false;
  for (const std::int32_t code : codes) {
    if (code == kAbsentCode) {
      places.push_back(of.absent);
      continue;
    }
    const auto at = static_cast<std::size_t>(code);
    const std::uint32_t place = at < of.places.size() ? of.places[at] : of.unknown;
    if (place == of.unknown && std::exchange(unknown, true)) continue;
    places.push_back(place);
  }
}

void Vocabularies::write(ByteWriter& writer) const {
  for (const Vocabulary& vocabulary : vocabularies_) {
    writer.put(static_cast<std::uint32_t>(vocabulary.words().size()));
    for (const std::string& word : vocabulary.words()) writer.put(std::string_view{word});
  }
}

Vocabularies Vocabularies::read(ByteReader& reader, std::size_t columns, bool& sound) {
  std::vector<Vocabulary> vocabularies;
  for (std::size_t c = 0; sound && c < columns; ++c) {
    const std::uint32_t count = reader.get_number();
    sound = reader.ok() && count <= Vocabulary::kMostWords;
    std::vector<std::string> words;
    for (std::uint32_t w = 0; sound && w < count; ++w) {
      words.emplace_back(reader.get_text());
      sound = reader.ok() && words.back().size() <= Vocabulary::kMostBytes;
    }
    vocabularies.emplace_back(std::move(words));
    sound = sound && vocabularies.back().differ();
  }
  return sound ? Vocabularies(std::move(vocabularies)) : Vocabularies();
}

PlacesOfRows::PlacesOfRows(const Vocabularies& vocabularies, const FeatureRows& rows, std::size_t count) {
  const std::size_t columns = std::min(vocabularies.columns(), rows.codes.size());
  if (columns == 0) {
    ends_.resize(count + 1);
    return;
  }
  const Vocabularies::Translation translation(vocabularies, *rows.dictionary);
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t c = 0; c < columns; ++c) translation.append(c, rows.codes_at(c, r), places_);
    ends_.push_back(places_.size());
  }
}

void PlacesOfRows::forget_shared(std::span<const std::int64_t> requests) {
  if (places_.empty()) return;
  std::vector<std::size_t> rows_with(*std::ranges::max_element(places_) + 1);
  std::vector<std::uint32_t> of_request;
  std::size_t at = 0;    // where places are read
  std::size_t kept = 0;  // and written
  for (std::size_t first = 0, last = 0; first < requests.size(); first = last) {
    while (last < requests.size() && requests[last] == requests[first]) ++last;
    const std::size_t begin = at;
    of_request.assign(places_.begin() + static_cast<std::ptrdiff_t>(begin),
                      places_.begin() + static_cast<std::ptrdiff_t>(ends_[last]));
    for (const std::uint32_t place : of_request) ++rows_with[place];
    for (std::size_t row = first; row < last; ++row) {
      for (const std::size_t end = ends_[row + 1]; at < end; ++at) {
        const std::uint32_t place = of_request[at - begin];
        if (rows_with[place] < last - first) places_[kept++] = place;
      }
      ends_[row + 1] = kept;
    }
    for (const std::uint32_t place : of_request) rows_with[place] = 0;
  }
  places_.resize(kept);
}

}  // namespace rankloop::ml
