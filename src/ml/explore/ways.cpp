// The table of the ways to explore.
#include <algorithm>
#include <array>
#include <type_traits>

#include <boost/json/parse.hpp>

#include "ml/explore/exploration.h"

namespace rankloop::ml {

std::span<const Way> ways() {
  static constexpr std::array<Way, 5> kWays = {{
      {PolicyKind::kUniform, "uniform", nullptr},
      {PolicyKind::kEpsilonPositions, "epsilon_positions", epsilon_chances, true},
      {PolicyKind::kSoftmax, "softmax", softmax_chances},
      {PolicyKind::kThompson, "thompson", thompson_chances, false, true},
      {PolicyKind::kSquareCb, "squarecb", squarecb_chances},
  }};
  return kWays;
}

const Way& way_of(PolicyKind kind) {
  return *std::ranges::find(ways(), kind, &Way::kind);
}

// A segment is left out: the requests of these lists were of it.
Exploration exploration_of(const Policy& policy) {
  if (policy.kind == PolicyKind::kEpsilonGreedy) return {.share = policy.epsilon};
  if (std::ranges::find(ways(), policy.kind, &Way::kind) == ways().end()) return {};
  Exploration terms{.policy = policy.kind};
  boost::system::error_code fault;
  const boost::json::value told = boost::json::parse(policy.as_stored.parameters, fault);
  if (fault || !told.is_object()) return terms;
  const auto number = [&](std::string_view name, auto& of) {
    const boost::json::value* const value = told.get_object().if_contains(name);
    if (value != nullptr && value->is_number())
      of = value->to_number<std::remove_reference_t<decltype(of)>>();
  };
  number("share", terms.share);
  number("epsilon", terms.share);
  number("temperature", terms.temperature);
  number("gamma", terms.gamma);
  number("depth", terms.depth);
  number("safe_top", terms.safe_top);
  number("most_loss", terms.most_loss);
  return terms;
}

}  // namespace rankloop::ml
