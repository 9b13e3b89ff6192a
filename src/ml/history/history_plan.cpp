// Gives every feature its counters; features that count the same share them.
#include "ml/history/history_plan.h"

#include <algorithm>

namespace rankloop::ml {

using About = HistorySubject::About;

namespace {

Counter counter_of(std::size_t kind, HistoryReach reach, std::chrono::milliseconds span) {
  return {kind, Counter::Measure::kPeople, reach, span.count()};
}

}  // namespace

HistoryPlan::HistoryPlan(const Domain& domain, std::span<const Wish> also) : domain_(domain) {
  for (const HistoryFeature& feature : domain.histories) {
    if (feature.word) words_.push_back(*feature.word);
  }
  std::ranges::sort(words_);
  const auto repeated = std::ranges::unique(words_);
  words_.erase(repeated.begin(), repeated.end());
  for (const std::size_t word : words_) {
    lists_of_words_.push_back(std::ranges::any_of(
        domain.histories, [&](const HistoryFeature& each) { return each.word == word && each.many; }));
  }
  for (const HistoryFeature& feature : domain.histories) add(feature);
  for (const Wish& wish : domain.wishes) add(wish);
  for (const Wish& wish : also) add(wish);
}

void HistoryPlan::add(const Wish& wish) {
  if (wish.how != Wish::How::kNotAgain) return;
  counter(subject(About::kItems, true, 0, wish.reach),
          counter_of(kind_named(wish.kind), wish.reach, wish.span));
}

std::optional<CounterPlace> HistoryPlan::own_counter(std::string_view kind, HistoryReach reach,
                                                     std::chrono::milliseconds span) const {
  const auto of = std::ranges::find_if(subjects_, [&](const HistorySubject& each) {
    return each.about == About::kItems && each.own && each.named.has_value() == is_named(reach);
  });
  const auto known = kind_of(kind);
  if (!known || of == subjects_.end()) return std::nullopt;
  const auto found = std::ranges::find(of->counters, counter_of(*known, reach, span));
  if (found == of->counters.end()) return std::nullopt;
  return CounterPlace{static_cast<std::size_t>(of - subjects_.begin()),
                      static_cast<std::size_t>(found - of->counters.begin())};
}

bool HistoryPlan::counts(const Wish& wish) const {
  return wish.how != Wish::How::kNotAgain || own_counter(wish.kind, wish.reach, wish.span);
}

std::optional<std::size_t> HistoryPlan::kind_of(std::string_view kind) const {
  const auto found = std::ranges::find(kinds_, kind);
  if (found == kinds_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kinds_.begin());
}

std::size_t HistoryPlan::kind_named(const std::string& kind) {
  if (const auto known = kind_of(kind)) return *known;
  kinds_.push_back(kind);
  return kinds_.size() - 1;
}

std::size_t HistoryPlan::subject(About about, bool own, std::size_t word, HistoryReach reach) {
  const auto found = std::ranges::find_if(subjects_, [&](const HistorySubject& each) {
    return each.about == about && each.own == own && each.word == word &&
           each.named.has_value() == is_named(reach);
  });
  if (found != subjects_.end()) return static_cast<std::size_t>(found - subjects_.begin());
  subjects_.push_back({about, own, word, about == About::kWords && is_list(word)});
  if (is_named(reach)) subjects_.back().named = named_++;
  return subjects_.size() - 1;
}

std::size_t HistoryPlan::counter(std::size_t subject, const Counter& counter) {
  HistorySubject& of = subjects_[subject];
  const auto found = std::ranges::find(of.counters, counter);
  if (found != of.counters.end()) return static_cast<std::size_t>(found - of.counters.begin());
  of.counters.push_back(counter);
  of.offsets.push_back(of.cells);
  of.nothing.resize(of.cells + counter.cells());
  clear(counter, of.nothing.data() + of.cells);
  of.cells += counter.cells();
  return of.counters.size() - 1;
}

CounterPlace HistoryPlan::everywhere(bool own, const Counter& wanted) {
  const std::size_t of = subject(About::kEverything, own, 0, wanted.reach);
  return {of, counter(of, wanted)};
}

void HistoryPlan::add(const HistoryFeature& feature) {
  using Measure = Counter::Measure;
  HistoryInput input{.feature = &feature};
  if (feature.what == HistoryWhat::kAge) return inputs_.push_back(input);
  std::size_t word = 0;
  if (feature.word)
    word = static_cast<std::size_t>(std::ranges::find(words_, *feature.word) - words_.begin());
  const std::size_t kind = kind_named(feature.kind);
  if (feature.makes_words()) {
    input.list = lists_.size();
    lists_.push_back({kind, feature.most, feature.word ? std::optional(word) : std::nullopt});
    inputs_.push_back(input);
    return;
  }
  const About about = feature.of == HistoryOf::kItem   ? About::kItems
                      : feature.of == HistoryOf::kWord ? About::kWords
                                                       : About::kEverything;
  input.subject = subject(about, feature.own, about == About::kWords ? word : 0, feature.reach);
  const auto counted = [&](std::size_t of, Measure measure) {
    return Counter{of, measure, feature.reach, feature.span.count()};
  };
  const Counter people = counted(kind, Measure::kPeople);
  switch (feature.what) {
    case HistoryWhat::kCount:
      input.top = counter(input.subject, people);
      break;
    case HistoryWhat::kSum:
      input.top = counter(input.subject, counted(kind, Measure::kValue));
      break;
    case HistoryWhat::kMean:
      input.top = counter(input.subject, counted(kind, Measure::kValue));
      input.bottom = counter(input.subject, people);
      break;
    case HistoryWhat::kRate: {
      const Counter per = counted(kind_named(feature.per), Measure::kPeople);
      input.top = counter(input.subject, people);
      input.bottom = counter(input.subject, per);
      if (feature.reach == HistoryReach::kSession) break;  // a session is nobody else's
      input.everywhere_top = everywhere(false, people);
      input.everywhere_bottom = everywhere(false, per);
      break;
    }
    case HistoryWhat::kSinceFirst:
      input.top = counter(input.subject, {kind, Measure::kFirst});
      break;
    case HistoryWhat::kSinceLast:
      input.top = counter(input.subject, {kind, Measure::kLast});
      break;
    case HistoryWhat::kShare:
      input.top = counter(input.subject, people);
      input.everywhere_bottom = everywhere(true, people);
      break;
    case HistoryWhat::kLast:
    case HistoryWhat::kAge:
      break;
  }
  inputs_.push_back(input);
}

std::string HistoryPlan::fingerprint() const {
  // Another number once counters fold otherwise.
  std::string text = "1";
  const auto add = [&](auto number) { text += ' ' + std::to_string(static_cast<std::int64_t>(number)); };
  for (const std::string& kind : kinds_) text += '\n' + kind;
  for (std::size_t w = 0; w < words_.size(); ++w)
    text += (is_list(w) ? "\nwords " : "\nword ") + domain_.candidates.words()[words_[w]];
  if (named_ > 0) text += "\nsession " + domain_.requests.words()[*domain_.session];
  for (const HistorySubject& subject : subjects_) {
    text += subject.named ? "\nsubject of sessions" : "\nsubject";
    add(subject.about);
    add(subject.own);
    add(subject.word);
    for (const Counter& counter : subject.counters) {
      add(counter.kind);
      add(counter.measure);
      add(counter.reach);
      add(counter.span);
    }
  }
  return text;
}

}  // namespace rankloop::ml
