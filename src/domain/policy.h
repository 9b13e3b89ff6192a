// How a list came about. A store keeps a policy as two texts; this is the one place that reads and writes
// them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop {

enum class PolicyKind : std::uint8_t {
  kGreedy,            // the model's order
  kUniform,           // a random one
  kEpsilonGreedy,     // one of the two, drawn for this list
  kImported,          // another system's
  kExternal,          // made by a worker of another program for a task of ours
  kUnknown,           // stored by another version of this program, perhaps: nothing is known of it
  kEpsilonPositions,  // the model's order, from which positions depart by chance: see ml/explore/, as of
  kSoftmax,           // ... the three that follow
  kThompson,
  kSquareCb,
  kInterleaved,  // two models' orders merged: see ml/interleave.h
};

struct PolicyText {
  std::string name;        // "greedy", "uniform", "epsilon_greedy", "softmax", ...
  std::string parameters;  // JSON object or empty; of an epsilon_greedy {"epsilon":0.05,"drawn":"uniform"}
  bool operator==(const PolicyText&) const = default;
};

struct Policy {
  PolicyKind kind = PolicyKind::kGreedy;
  bool deterministic = true;  // off-policy estimates refuse deterministic policies
  double epsilon = 0;         // of kEpsilonGreedy: the chance of the random order
  bool drew_uniform = false;  // of kEpsilonGreedy: the random order made this list
  PolicyText as_stored = {};  // of kUnknown and of those after it, which have parameters of their own
  // What was wished of the list (WishesInForce::text); empty: nothing. Of the wishes, whether some bound how
  // many items of a word may stand where, and the positions (from 1, ascending) of items that were pinned
  // there, which is nobody's doing but theirs.
  std::string wishes{};
  bool bounded = false;
  std::vector<int> pinned{};
  bool operator==(const Policy&) const = default;

  static Policy uniform() { return {PolicyKind::kUniform, false}; }
  static Policy epsilon_greedy(double epsilon, bool drew_uniform) {
    return {PolicyKind::kEpsilonGreedy, false, epsilon, drew_uniform};
  }
  // Of a kind after kUnknown; `parameters`: a JSON object.
  static Policy with_parameters(PolicyKind kind, std::string parameters);
};

// "softmax" and the like, as settings and stores name them; nothing of names without parameters of their own.
std::optional<PolicyKind> exploring_kind(std::string_view name);

// Its rankings keep how likely each item was given those above it, whatever the position.
inline bool explores_by_positions(PolicyKind kind) {
  return kind >= PolicyKind::kEpsilonPositions && kind <= PolicyKind::kSquareCb;
}

PolicyText to_text(const Policy& policy);
// What was wished stands at the end of the parameters, whatever the policy.
// Whatever is not written as to_text() writes it, blanks and further members of the JSON aside, is kUnknown.
Policy parse_policy(std::string_view name, std::string_view parameters, bool deterministic);

// Whether the item at a position (from 1) was pinned there.
inline bool is_pinned(const Policy& policy, std::size_t position) {
  return !policy.pinned.empty() && std::ranges::binary_search(policy.pinned, static_cast<int>(position));
}

// Was the list a uniform draw? Never of what is unknown, nor of what explores by positions: there the better
// items are the likelier ones further up.
inline bool drawn_uniformly(const Policy& policy) {
  return policy.kind == PolicyKind::kUniform ||
         (policy.kind == PolicyKind::kEpsilonGreedy && policy.drew_uniform);
}

// So that positions, but for those of pinned items, say nothing of what was in them? Where few items of a
// word may stand, the many that have it stand further down.
inline bool positions_say_nothing(const Policy& policy) {
  return drawn_uniformly(policy) && !policy.bounded;
}

}  // namespace rankloop
