// Exploration: the ways of showing something else than a model's own order, so that it becomes known how the
// rest does. A way is one file of this folder and a line in ways.cpp.
//
// A way departs from the model's order position by position: it says of each item that is left how likely it
// is to stand there, given those above. What is chosen from are the items that a ranking keeps
// (ranking.best). Below `depth` what is left stands in the model's order. By this every stored propensity is
// exact: P(item at this position | those above it). The uniform way is the one that orders the whole catalog.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "domain/policy.h"
#include "domain/schema.h"
#include "error/result.h"

namespace rankloop::ml {

// The requests whose field has this value.
struct Segment {
  std::string text;        // as it was set: "trip=business"
  bool is_word = false;    // of a field of words: one of them
  std::size_t column = 0;  // of domain.requests: columns(), or words()
  double number = 0;
  std::string word;

  bool holds(const ValuesView& request) const;
};

// "field=value" of a domain's requests. kInvalidArgument: no such field, or no value of it.
Result<Segment> parse_segment(std::string_view text, const Schema& requests);

struct Exploration {
  PolicyKind policy = PolicyKind::kUniform;  // or one that explores by positions
  // 0..1: of the requests, those that the way answers; the model's own order answers the others, and the
  // policy is the mixture of both. Of epsilon_positions, of the positions.
  double share = 0;
  double temperature = 0.15;       // of softmax, in log-odds
  double gamma = 1000;             // of squarecb
  int depth = 10;                  // the last position that explores
  int safe_top = 0;                // the first positions, which keep the model's own items; below depth
  double most_loss = 1;            // 0..1: see bounded_share() in explore.h
  std::optional<Segment> segment;  // other requests get the model's own order
};

// How the lists of a policy came about, to be drawn again; none at all for one that did not explore.
Exploration exploration_of(const Policy& policy);

// What is ranked, the model's best first.
struct Slate {
  std::vector<double> log_odds;           // of the calibrated scores, finite
  std::vector<double> probability;        // likewise
  std::vector<std::vector<float>> draws;  // of each draw of the model's posterior, the scores; see Model
};

// A position and what may stand there.
struct Position {
  const Slate& slate;
  std::span<const std::uint32_t> left;  // places in the slate, ascending; at least one
  int index = 0;                        // from 0
};

struct Way {
  PolicyKind kind{};
  std::string_view name;
  // chances[i]: that of left[i]; they sum to 1. Null: the uniform order, see rank.cpp.
  void (*chances)(const Position& position, const Exploration& terms, std::span<double> chances) = nullptr;
  bool share_of_positions = false;  // Exploration::share is one of positions, and `chances` knows of it
  bool needs_posterior = false;
};

std::span<const Way> ways();
const Way& way_of(PolicyKind kind);  // of ways()

// Draws that the posterior of a model is told by; see thompson.cpp.
inline constexpr std::size_t kPosteriorDraws = 64;

// The ways.
void epsilon_chances(const Position& position, const Exploration& terms, std::span<double> chances);
void softmax_chances(const Position& position, const Exploration& terms, std::span<double> chances);
void thompson_chances(const Position& position, const Exploration& terms, std::span<double> chances);
void squarecb_chances(const Position& position, const Exploration& terms, std::span<double> chances);

}  // namespace rankloop::ml
