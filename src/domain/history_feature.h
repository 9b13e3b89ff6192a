// Features of what happened before a request, as [[history]] tables declare them: of an item, of all items
// that share a word, or of the person who asks. What they are computed from is the ledger in its own order,
// up to the position that was known when the request was ranked; how: ml/history/history_plan.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop {

// In place of a kind of feedback: an item was shown.
inline constexpr const char* kShownKind = "shown";
// Of an item's list of words, the first so many are looked at.
inline constexpr std::size_t kMostHistoryWords = 64;

enum class HistoryOf {
  kItem,
  kWord,    // all items that have the item's word of a field, "item.brand", or one of its words
  kPerson,  // a value of the request, the same for every item
};

enum class HistoryWhat {
  kCount,       // how many people did it, or how often it was shown
  kSum,         // of the values that came with it
  kMean,        // likewise
  kRate,        // of one kind per another, drawn towards what it is everywhere
  kSinceFirst,  // days; absent when it never happened
  kSinceLast,   // likewise
  kShare,       // of all that the person did of the kind, how much fell on the item or its word
  kLast,        // words: what the person did it to last, each once, the latest first
  kAge,         // days since the item came into the catalog; absent where nobody knows when it did
};

// How far back it looks.
enum class HistoryReach {
  kAlways,
  kWindow,    // `span`, in steps of its sixteenth: between 15 and 16 of them
  kHalfLife,  // all of it, each event worth half after every `span`
  kSession,   // what happened to the person in rankings of one session, or since the last gap
};
// In which a person did nothing: it ends a session where no key of the request names it (Domain::session).
inline constexpr std::chrono::minutes kSessionGap{30};
// Of so many keys of a person, the latest, it is known what happened.
inline constexpr std::size_t kMostSessions = 8;

struct HistoryFeature {
  std::string name;
  HistoryOf of = HistoryOf::kItem;
  bool own = false;                   // only what the person who asks did, or was shown
  std::optional<std::size_t> word{};  // of the item's words: of kWord, and of kLast unless it lists items
  bool many = false;                  // its field is a list of words
  HistoryWhat what = HistoryWhat::kCount;
  std::string kind;    // of feedback, or kShownKind; empty of kAge
  std::string per{};   // of a rate
  double weight = 10;  // of a rate: so many events of `kind` at the rate of everywhere count beside its own
  HistoryReach reach = HistoryReach::kAlways;
  std::chrono::milliseconds span{0};
  std::size_t most = 1;    // of kLast: how many words
  std::size_t column = 0;  // of kPerson: among the request's numbers; of kLast among its words

  bool of_request() const { return of == HistoryOf::kPerson; }
  bool makes_words() const { return what == HistoryWhat::kLast; }
};

// "rate of pick per shown of item.brand (weight 10) within 7d": equal for equal meaning, but for the name.
// `word`: the name of its word.
std::string canonical_text(const HistoryFeature& feature, std::string_view word);

std::span<const std::string_view> history_what_names();  // "count", "since_last" ...

}  // namespace rankloop
