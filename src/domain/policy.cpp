// Policies as two texts, and back.
#include "domain/policy.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <span>
#include <utility>

#include <boost/json/parse.hpp>

namespace rankloop {
namespace {

// Those that have no parameters.
constexpr std::array<std::pair<PolicyKind, std::string_view>, 4> kPlain{
    {{PolicyKind::kGreedy, "greedy"},
     {PolicyKind::kUniform, "uniform"},
     {PolicyKind::kImported, "imported"},
     {PolicyKind::kExternal, "external"}}};

// Those with parameters of their own, and the numbers that these hold at least.
struct Parametrised {
  PolicyKind kind;
  std::string_view name;
  std::array<std::string_view, 3> numbers;
};
constexpr std::array<Parametrised, 5> kParametrised{
    {{PolicyKind::kEpsilonPositions, "epsilon_positions", {"epsilon", "depth", "safe_top"}},
     {PolicyKind::kSoftmax, "softmax", {"share", "temperature", "depth"}},
     {PolicyKind::kThompson, "thompson", {"share", "draws", "depth"}},
     {PolicyKind::kSquareCb, "squarecb", {"share", "gamma", "safe_top"}},
     {PolicyKind::kInterleaved, "interleaved", {"first", "second", "depth"}}}};
constexpr std::string_view kMixture = "epsilon_greedy";
constexpr std::string_view kUniform = "uniform";
constexpr std::string_view kGreedy = "greedy";

// Nothing of a text that is neither empty nor a JSON object.
std::optional<boost::json::object> members(std::string_view parameters) {
  if (parameters.empty()) return boost::json::object{};
  boost::system::error_code fault;
  boost::json::value value = boost::json::parse(parameters, fault);
  if (fault || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<Policy> mixture(const boost::json::object& parameters, bool deterministic) {
  const boost::json::value* const epsilon = parameters.if_contains("epsilon");
  const boost::json::value* const drawn = parameters.if_contains("drawn");
  if (epsilon == nullptr || drawn == nullptr || !epsilon->is_number() || !drawn->is_string()) {
    return std::nullopt;
  }
  const std::string_view made_by{drawn->get_string()};
  if (made_by != kUniform && made_by != kGreedy) return std::nullopt;
  return Policy{PolicyKind::kEpsilonGreedy, deterministic, epsilon->to_number<double>(), made_by == kUniform};
}

bool holds(const boost::json::object& parameters, std::span<const std::string_view> numbers) {
  return std::ranges::all_of(numbers, [&](std::string_view name) {
    const boost::json::value* const value = parameters.if_contains(name);
    return value != nullptr && value->is_number();
  });
}

PolicyText plain_text(const Policy& policy) {
  if (policy.kind >= PolicyKind::kUnknown) return policy.as_stored;
  for (const auto& [kind, name] : kPlain) {
    if (kind == policy.kind) return {std::string(name), {}};
  }
  char parameters[64];
  std::snprintf(parameters, sizeof parameters, R"({"epsilon":%.6g,"drawn":"%s"})", policy.epsilon,
                policy.drew_uniform ? "uniform" : "greedy");
  return {std::string(kMixture), parameters};
}

Policy parse_plain(std::string_view name, std::string_view parameters, bool deterministic) {
  if (const auto known = members(parameters)) {
    for (const auto& [kind, plain] : kPlain) {
      if (plain == name && known->empty()) return {kind, deterministic};
    }
    if (name == kMixture) {
      if (const auto policy = mixture(*known, deterministic)) return *policy;
    }
    const auto of = std::ranges::find(kParametrised, name, &Parametrised::name);
    if (of != kParametrised.end() && holds(*known, of->numbers)) {
      return {of->kind, deterministic, 0, false, {std::string(name), std::string(parameters)}};
    }
  }
  return {PolicyKind::kUnknown, deterministic, 0, false, {std::string(name), std::string(parameters)}};
}

constexpr std::string_view kWishes = "\"wishes\":[";
constexpr std::string_view kPinned = "\"pinned\":[";

// What was wished, behind the parameters of the way in which the list was made.
void append_wishes(const Policy& policy, std::string& parameters) {
  if (parameters.empty()) parameters = "{}";
  parameters.pop_back();
  if (parameters.size() > 1) parameters += ',';
  if (!policy.pinned.empty()) {
    parameters += kPinned;
    for (const int position : policy.pinned) parameters += std::to_string(position) + ',';
    parameters.back() = ']';
    parameters += ',';
  }
  parameters.append(kWishes, 0, kWishes.size() - 1) += policy.wishes;
  parameters += '}';
}

bool bounds_positions(const boost::json::array& wishes) {
  return std::ranges::any_of(wishes, [](const boost::json::value& wish) {
    const auto* const object = wish.if_object();
    const auto* const how = object == nullptr ? nullptr : object->if_contains("how");
    return how != nullptr && how->is_string() && how->get_string() == "at_most";
  });
}

std::vector<int> positions_of(const boost::json::object& parameters) {
  std::vector<int> positions;
  const auto* const pinned = parameters.if_contains("pinned");
  if (pinned == nullptr || !pinned->is_array()) return positions;
  for (const boost::json::value& position : pinned->get_array()) {
    if (position.is_int64()) positions.push_back(static_cast<int>(position.get_int64()));
  }
  return positions;
}

// The parameters without what was wished, which stands last.
std::string without_wishes(std::string_view parameters, bool pins) {
  std::string_view kept = parameters.substr(0, parameters.find(pins ? kPinned : kWishes));
  if (kept.ends_with(',')) kept.remove_suffix(1);
  return kept == "{" ? std::string{} : std::string{kept} + "}";
}

}  // namespace

Policy Policy::with_parameters(PolicyKind kind, std::string parameters) {
  const auto of = std::ranges::find(kParametrised, kind, &Parametrised::kind);
  return {kind, false, 0, false, {std::string(of->name), std::move(parameters)}};
}

std::optional<PolicyKind> exploring_kind(std::string_view name) {
  const auto found = std::ranges::find(kParametrised, name, &Parametrised::name);
  return found == kParametrised.end() ? std::nullopt : std::optional{found->kind};
}

PolicyText to_text(const Policy& policy) {
  PolicyText text = plain_text(policy);
  if (!policy.wishes.empty()) append_wishes(policy, text.parameters);
  return text;
}

Policy parse_policy(std::string_view name, std::string_view parameters, bool deterministic) {
  const std::size_t at = parameters.find(kWishes);
  if (at == std::string_view::npos) return parse_plain(name, parameters, deterministic);
  const auto known = members(parameters);
  const auto* const wishes = known ? known->if_contains("wishes") : nullptr;
  if (wishes == nullptr || !wishes->is_array()) return parse_plain(name, parameters, deterministic);
  std::vector<int> pinned = positions_of(*known);
  Policy policy = parse_plain(name, without_wishes(parameters, !pinned.empty()), deterministic);
  if (policy.kind == PolicyKind::kUnknown) {
    policy.as_stored.parameters = parameters;
    return policy;
  }
  const std::size_t list = at + kWishes.size() - 1;
  policy.wishes = parameters.substr(list, parameters.size() - 1 - list);
  policy.bounded = bounds_positions(wishes->get_array());
  policy.pinned = std::move(pinned);
  return policy;
}

}  // namespace rankloop
