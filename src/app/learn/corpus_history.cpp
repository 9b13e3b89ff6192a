// Counts by version.
#include "app/learn/corpus_history.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "domain/text_words.h"

namespace rankloop::app {

void Timeline::settle() {
  std::int64_t sum = 0;
  for (auto& [version, change] : changes_) change = sum += change;
}

std::size_t Timeline::at(std::int64_t version) const {
  const auto after = changes_.upper_bound(version);
  return after == changes_.begin() ? 0 : static_cast<std::size_t>(std::prev(after)->second);
}

void CorpusHistory::want(std::span<const Words> texts) {
  for (const Words& words : texts) {
    if (!words) continue;
    for (const std::string& word : *words) {
      for (Text& text : texts_) text.with.try_emplace(word);
    }
  }
}

void CorpusHistory::count(Text& text, const Counted& counted, std::int64_t version, std::int64_t sign) {
  if (!counted.given) return;
  text.texts.add(version, sign);
  text.words.add(version, sign * static_cast<std::int64_t>(counted.words));
  for (Timeline* with : counted.with) with->add(version, sign);
}

void CorpusHistory::add(ItemId item, std::int64_t version, std::span<const Words> texts) {
  const bool known = item == item_ && !newest_.empty();
  for (std::size_t t = 0; known && t < texts_.size(); ++t) count(texts_[t], newest_[t], version, -1);
  item_ = item;
  newest_.assign(texts_.size(), {});
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (!texts[t]) continue;
    Counted& counted = newest_[t];
    counted.given = true;
    counted.words = texts[t]->size();
    for (const std::string& word : different_words(*texts[t])) {
      const auto found = texts_[t].with.find(word);
      if (found != texts_[t].with.end()) counted.with.push_back(&found->second);
    }
    count(texts_[t], counted, version, 1);
  }
}

void CorpusHistory::settle() {
  newest_.clear();
  for (Text& text : texts_) {
    text.texts.settle();
    text.words.settle();
    for (auto& [word, with] : text.with) with.settle();
  }
}

ml::Corpora CorpusHistory::at(std::int64_t version) const {
  return [this, version](std::size_t of) {
    const Text& text = texts_[of];
    return ml::Corpus{text.texts.at(version), text.words.at(version),
                      [&text, version](std::string_view word) {
                        const auto found = text.with.find(word);
                        return found == text.with.end() ? std::size_t{0} : found->second.at(version);
                      }};
  };
}

}  // namespace rankloop::app
