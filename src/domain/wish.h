// Wishes of a list: what whoever runs a shop wants of every ranking, beside the order that a model gives it.
// A domain file declares them, and a request may add its own. What they do to a ranking: ml/wishes.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/clock.h"
#include "domain/history_feature.h"
#include "domain/rule.h"

namespace rankloop {

struct Wish {
  enum class How : std::uint8_t {
    kNotAgain,  // what the person did something to, or saw, is left out
    kAtMost,    // at most so many of a word among the first positions
    kBoost,     // a number is added to the log-odds of what the conditions hold for
    kPin,       // the best of what they hold for takes a position
    kBlock,     // what they hold for is left out
  };
  // The text as a rule writes it. What is undecided, because a value is absent, does not hold.
  struct Condition {
    RuleCondition holds;
    std::string text;
  };

  std::string name;
  How how = How::kNotAgain;
  std::string kind{};  // of kNotAgain: of feedback, or kShownKind
  double times = 1;    // of kNotAgain: so many or more
  HistoryReach reach = HistoryReach::kAlways;
  std::chrono::milliseconds span{0};
  std::string field{};              // of kAtMost
  std::size_t word = 0;             // of kAtMost: the field among the words of Domain::candidates
  std::size_t most = 0;             // of kAtMost
  std::size_t first = 0;            // of kAtMost: positions
  std::vector<Condition> where{};   // of kBoost, kPin and kBlock: all of them must hold
  double by = 0;                    // of kBoost
  std::size_t at = 1;               // of kPin: a position, from 1
  std::optional<WallTime> from{};   // not before
  std::optional<WallTime> until{};  // no longer from then on

  bool in_force(WallTime now) const { return (!from || now >= *from) && (!until || now < *until); }
};

std::span<const std::string_view> wish_names();  // "not_again", "at_most" ...

// Those of a request that hold at its moment, and as a ranking's policy keeps them: a JSON array of what each
// says, without its dates, the same for the same wishes. See read_kept_wishes() of wish_json.h.
struct WishesInForce {
  std::vector<Wish> wishes;
  std::string text;

  bool any(Wish::How how) const;
  bool place() const { return any(Wish::How::kPin) || any(Wish::How::kAtMost); }  // say where items stand
};
WishesInForce wishes_in_force(std::span<const Wish> wishes, WallTime now);
std::string kept_text(std::span<const Wish> wishes);  // of some, whatever their dates

// One as people read it: "at most 2 of a brand among the first 10".
std::string described(const Wish& wish);

}  // namespace rankloop
