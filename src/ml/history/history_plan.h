// Which counters the histories of a domain need, of which subjects, and how a feature is made of them.
//
//   count, sum   what the counter says
//   mean         sum / count; absent without any
//   rate         (top + w) / (bottom + w / g), where g is top / bottom of everything: w events at the rate of
//                everywhere stand beside the subject's own (additive smoothing towards a prior, as of
//                Robbins, "An Empirical Bayes Approach to Statistics", 1956). 0 while nothing anywhere has a
//                top, absent while nothing has a bottom.
//   since        days; absent when it never happened
//   age          days since the item came into the catalog: of no counter
//   share        the person's count of the subject / the person's count of everything; absent without any
//
// Of an item with several words of a field: the mean over those of which the counters say something, added in
// the order of its list; of moments the first or the last of all.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "ml/history/counter.h"

namespace rankloop::ml {

// What counters are kept of: each item, each word of a field, or everything at once; of everybody or of each
// person apart.
struct HistorySubject {
  enum class About { kEverything, kItems, kWords };
  About about = About::kEverything;
  bool own = false;
  std::size_t word = 0;  // of kWords: its place in HistoryPlan::words()
  bool many = false;     // of kWords: an item may have several
  // Of own counters of sessions, where requests name them: they are also kept apart for each of these, and
  // this is their place there.
  std::optional<std::size_t> named{};
  std::vector<Counter> counters{};
  std::vector<std::size_t> offsets{};  // of each, in cells
  std::size_t cells = 0;
  std::vector<Cell> nothing{};  // the cells of what nothing was counted of
};

// Where a counter stands.
struct CounterPlace {
  std::size_t subject = 0;
  std::size_t counter = 0;
};

struct HistoryInput {
  const HistoryFeature* feature = nullptr;
  std::size_t subject = 0;
  std::size_t top = 0;                           // counters of the subject
  std::size_t bottom = 0;                        // of a rate and a mean
  std::optional<CounterPlace> everywhere_top{};  // of a rate and a share
  std::optional<CounterPlace> everywhere_bottom{};
  std::size_t list = 0;  // of kLast: its place among the lists of a person
};

// Of kLast.
struct LastList {
  std::size_t kind = 0;
  std::size_t most = 1;
  std::optional<std::size_t> word{};  // place in HistoryPlan::words(); none: items
};

// Also of what the domain's wishes count, and `also` some others.
// Immutable; refers to the domain, which must outlive it.
class HistoryPlan {
 public:
  explicit HistoryPlan(const Domain& domain, std::span<const Wish> also = {});

  std::span<const HistorySubject> subjects() const { return subjects_; }
  std::span<const HistoryInput> inputs() const { return inputs_; }  // as Domain::histories
  std::span<const LastList> lists() const { return lists_; }
  // Among domain.candidates.words(), ascending.
  std::span<const std::size_t> words() const { return words_; }
  // Whether an item may have several words of one of them.
  bool is_list(std::size_t place) const { return lists_of_words_[place]; }
  // What is looked at at all: a place among the kinds; none: it is not.
  std::optional<std::size_t> kind_of(std::string_view kind) const;
  // Of each item, how often a person did it, where that is counted.
  std::optional<CounterPlace> own_counter(std::string_view kind, HistoryReach reach,
                                          std::chrono::milliseconds span) const;
  bool counts(const Wish& wish) const;  // whatever it wishes of what happened
  // How many subjects are counted by sessions that requests name; 0: nobody needs to know what those said.
  std::size_t named() const { return named_; }
  bool empty() const { return subjects_.empty() && inputs_.empty(); }
  const Domain& domain() const { return domain_; }
  // What a fold depends on: the same text, the same cells of the same events.
  std::string fingerprint() const;

 private:
  std::size_t kind_named(const std::string& kind);
  std::size_t subject(HistorySubject::About about, bool own, std::size_t word, HistoryReach reach);
  bool is_named(HistoryReach reach) const { return reach == HistoryReach::kSession && domain_.session; }
  std::size_t counter(std::size_t subject, const Counter& counter);
  CounterPlace everywhere(bool own, const Counter& counter);
  void add(const HistoryFeature& feature);
  void add(const Wish& wish);

  const Domain& domain_;
  std::vector<std::string> kinds_;
  std::vector<std::size_t> words_;
  std::vector<bool> lists_of_words_;  // by the place in `words_`
  std::vector<HistorySubject> subjects_;
  std::vector<HistoryInput> inputs_;
  std::vector<LastList> lists_;
  std::size_t named_ = 0;
};

}  // namespace rankloop::ml
