// What happened, folded into counters one event after the other, and what that says at a moment.
//
// What is of a person stands apart from all else, in a fold of that person's own events: it can be forgotten
// and folded again from them alone, with the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/ids.h"
#include "ml/catalog.h"
#include "ml/history/counter_table.h"
#include "ml/history/history_plan.h"
#include "ml/query.h"

namespace rankloop::ml {

// The item's words of the fields that the plan looks at, as they were then: field by field, those of a list
// in its order, each once.
struct ItemWord {
  std::size_t field = 0;  // its place in HistoryPlan::words()
  std::string text;
  bool operator==(const ItemWord&) const = default;
};
using ItemWords = std::vector<ItemWord>;
// Those of one field.
std::span<const ItemWord> of_field(const ItemWords& words, std::size_t field);
// Adds those that a field has, at most kMostHistoryWords of a list. Fields come one after another.
void append_words(const HistoryPlan& plan, std::size_t field, std::span<const std::string> texts,
                  ItemWords& words);

// What the plan looks at of an item, as it was then.
struct KnownItem {
  ItemId id;
  ItemWords words{};
  Moment since = kUnknownSince;
};

// A number for the word of a request that names a session (Domain::session); 0: it names none.
using SessionKey = std::uint64_t;
SessionKey session_number(std::string_view word);
SessionKey session_of(const Domain& domain, const ValuesView& request);

// Something that happened to one item.
struct HistoryEvent {
  std::optional<std::size_t> kind;  // HistoryPlan::kind_of; none: it counts nowhere, but somebody was there
  Moment at = 0;
  ItemId item;
  const ItemWords* words = nullptr;
  double people = 1;
  double value = 1;
  SessionKey session = 0;  // of the request that it belongs to
};

// Of everybody. Not thread-safe.
class HistoryFold {
 public:
  explicit HistoryFold(const HistoryPlan& plan) : plan_(&plan), tables_(plan.subjects().size()) {}
  void add(const HistoryEvent& event);
  const CounterTable& table(std::size_t subject) const { return tables_[subject]; }
  std::size_t bytes() const;

  // What add() has made of it, piece by piece, in this machine's order of bytes.
  void write(const std::function<void(std::span<const std::byte>)>& put) const;
  // Fills in what write() wrote of a fold of the same plan. `take` gives so many bytes, or false, and `size`
  // is how many there can be. False: they are no such fold; this one is then of no use.
  bool read(std::size_t size, const std::function<bool(std::span<std::byte>)>& take);

 private:
  const HistoryPlan* plan_;
  std::vector<CounterTable> tables_;  // by subject; those of persons stay empty
};

// Of one person. Not thread-safe.
class PersonHistory {
 public:
  explicit PersonHistory(const HistoryPlan& plan)
      : plan_(&plan), tables_(plan.subjects().size()), lists_(plan.lists().size()) {}
  // What was counted in one session of those that are named, by HistorySubject::named; nothing: it is none of
  // the last kMostSessions.
  std::span<const CounterTable> in_session(SessionKey key) const;
  void add(const HistoryEvent& event);
  const CounterTable& table(std::size_t subject) const { return tables_[subject]; }
  std::span<const std::string> list(std::size_t list) const { return lists_[list]; }
  // When the session began that runs at this moment, or kNoSession.
  Moment session(Moment now) const;
  std::size_t bytes() const;

 private:
  struct Named {
    SessionKey key = 0;
    std::vector<CounterTable> tables;  // by HistorySubject::named
  };
  void put_first(std::size_t list, const HistoryEvent& event);
  void add_to_session(const HistoryEvent& event);

  const HistoryPlan* plan_;
  std::vector<CounterTable> tables_;
  std::vector<std::vector<std::string>> lists_;  // the latest first
  std::vector<Named> sessions_;                  // likewise, by what happened in them last
  Moment session_ = kNoSession;
  Moment last_ = kNoSession;
};

// The folds at the moment of one request. Refers to all that it is given; belongs to one thread.
class KnownPast final : public Past {
 public:
  // `person`: null when nobody knows who asks. `session`: of the request. `catalog`: any snapshot whose
  // dictionary knows the items' words.
  KnownPast(const HistoryPlan& plan, const HistoryFold& fold, const PersonHistory* person, Moment now,
            SessionKey session, const Catalog& catalog);

  void fill(std::size_t history, const CatalogChunk& chunk, std::size_t first,
            std::span<float> values) const override;
  std::vector<ItemId> own_items(std::string_view kind, HistoryReach reach, std::chrono::milliseconds span,
                                double times) const override;
  // Of an item by itself.
  float value(std::size_t history, const KnownItem& item) const;
  // Of each history of items, in the order of the domain; 0 for those of the request.
  void append(const KnownItem& item, std::vector<float>& out) const;
  // Fills in what histories say of who asks.
  void tell(Values& request) const;

 private:
  // Of the chunk that was met last, of one subject.
  struct Rows {
    const CatalogChunk* chunk = nullptr;
    // The places of what is counted, or kNowhere: each row's item; of words those that the rows have, each
    // about once, behind kNowhere for a row that has none.
    std::vector<std::uint32_t> places;
    // Of words: those of each row, as indexes of places. One of each row, or of a list as many as there are.
    std::vector<std::uint32_t> words;
    std::vector<std::uint32_t> ends;  // of lists: where each row's words end
  };
  // What a history says of each of the words in those rows.
  struct OfWords {
    const CatalogChunk* chunk = nullptr;
    std::vector<double> values{};   // [Rows::places] of lists, whose words come together
    std::vector<float> features{};  // [Rows::places] else
  };
  const CounterTable* table_of(std::size_t subject) const;
  const Cell* cells_of(std::size_t subject, std::optional<std::uint32_t> place) const;
  const CounterAt& counter(std::size_t subject, std::size_t counter) const {
    return counters_[first_counters_[subject] + counter];
  }
  double everywhere(const CounterPlace& place) const;
  double age(Moment since) const;
  template <class Use>
  void with_maker(const HistoryInput& input, const Use& use) const;
  double made(const HistoryInput& input, std::optional<std::uint32_t> place) const;
  double made_of(const HistoryInput& input, std::span<const ItemWord> words) const;
  const Rows& places(std::size_t subject, const CatalogChunk& chunk) const;
  void find_words(const HistorySubject& subject, const CatalogChunk& chunk, Rows& rows) const;
  void fill_ages(const CatalogChunk& chunk, std::size_t first, std::span<float> values) const;
  void fill_items(std::size_t history, const Rows& rows, std::size_t first, std::span<float> values) const;
  void fill_words(std::size_t history, const Rows& rows, std::size_t first, std::span<float> values) const;
  void fill_lists(std::size_t history, const Rows& rows, std::size_t first, std::span<float> values) const;
  const OfWords& of_words(std::size_t history, const Rows& rows) const;

  const HistoryPlan& plan_;
  const HistoryFold& fold_;
  const PersonHistory* const person_;
  const Moment now_;
  const bool named_;                              // the session
  const std::span<const CounterTable> in_named_;  // what happened in it, if anything did
  const Catalog& catalog_;
  std::vector<std::size_t> first_counters_;  // by subject, among
  std::vector<CounterAt> counters_;          // ... those of all subjects, one after another
  struct Everywhere {
    double top = 0;
    double bottom = 0;
  };
  std::vector<Everywhere> everywhere_;  // by input: of a rate and a share
  std::vector<float> nothing_;          // by input: of what nothing was counted of
  mutable std::vector<Rows> rows_;      // by subject
  mutable std::vector<OfWords> words_;  // by input
};

// The words of an item that the plan looks at, where it lies in a catalog.
ItemWords words_of(const HistoryPlan& plan, const Catalog& catalog, const CatalogChunk& chunk,
                   std::size_t row);
// Likewise all that it looks at.
KnownItem known_item(const HistoryPlan& plan, const Catalog& catalog, const CatalogChunk& chunk,
                     std::size_t row);
// Likewise of its values, as a catalog of this layout holds them.
KnownItem known_item(const HistoryPlan& plan, const Catalog& layout, ItemId id, const ItemValues& item);

}  // namespace rankloop::ml
