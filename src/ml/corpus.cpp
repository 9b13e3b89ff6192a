// Counts the words of texts.
#include "ml/corpus.h"

#include <algorithm>
#include <cstdint>
#include <memory>

#include "ml/catalog.h"

namespace rankloop::ml {
namespace {

using Chunks = std::vector<std::shared_ptr<const CatalogChunk>>;

Corpus corpus_in(const std::shared_ptr<const Chunks>& chunks, std::size_t position,
                 const Dictionary& dictionary) {
  Corpus corpus;
  for (const auto& chunk : *chunks) {
    corpus.texts += chunk->text_postings[position]->given();
    corpus.words += chunk->text_postings[position]->codes();
  }
  corpus.texts_with = [chunks, position, &dictionary](std::string_view word) {
    std::size_t texts = 0;
    if (const auto code = dictionary.find(word)) {
      for (const auto& chunk : *chunks) texts += chunk->text_postings[position]->rows_with(*code).size();
    }
    return texts;
  };
  return corpus;
}

}  // namespace

Corpora corpora_of(const Catalog& some) {
  const Catalog& catalog = some.counted();
  const auto kept = catalog.chunks();
  const auto texts = catalog.item_texts();
  return [chunks = std::make_shared<const Chunks>(kept.begin(), kept.end()),
          positions = std::vector<std::size_t>(texts.begin(), texts.end()),
          &dictionary = catalog.text_dictionary()](std::size_t text) {
    const auto found = std::ranges::find(positions, text);
    return corpus_in(chunks, static_cast<std::size_t>(found - positions.begin()), dictionary);
  };
}

void CountedTexts::add(std::span<const Words> texts) {
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (!texts[t]) continue;
    Counts& counts = counts_[t];
    ++counts.texts;
    counts.words += texts[t]->size();
    std::vector<std::uint32_t> numbers;
    for (const std::string& word : *texts[t]) numbers.push_back(counts.different.add(word));
    std::ranges::sort(numbers);
    const auto doubled = std::ranges::unique(numbers);
    numbers.erase(doubled.begin(), doubled.end());
    counts.with.resize(counts.different.size());
    for (const std::uint32_t number : numbers) ++counts.with[number - 1];
  }
}

Corpora CountedTexts::corpora() const {
  return [this](std::size_t text) {
    const Counts& counts = counts_[text];
    return Corpus{counts.texts, counts.words, [&counts](std::string_view word) {
                    const std::uint32_t number = counts.different.find(word);
                    return number == 0 ? std::size_t{0} : counts.with[number - 1];
                  }};
  };
}

}  // namespace rankloop::ml
