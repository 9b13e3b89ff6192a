// What a history feature means, in words.
#include "domain/history_feature.h"

#include <array>

#include "domain/enum_names.h"
#include "domain/field_value.h"
#include "domain/units.h"

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 9> kWhat = {"count",      "sum",   "mean", "rate", "since_first",
                                                   "since_last", "share", "last", "age"};

std::string reach_text(const HistoryFeature& feature) {
  switch (feature.reach) {
    case HistoryReach::kAlways:
      return "";
    case HistoryReach::kWindow:
      return " within " + to_text(feature.span);
    case HistoryReach::kHalfLife:
      return " half-life " + to_text(feature.span);
    case HistoryReach::kSession:
      return " within the session";
  }
  return "";
}

}  // namespace

std::span<const std::string_view> history_what_names() {
  return kWhat;
}

std::string canonical_text(const HistoryFeature& feature, std::string_view word) {
  std::string text{name_among(kWhat, feature.what)};
  if (feature.what == HistoryWhat::kAge) return text + " of item";
  text += " of " + feature.kind;
  if (feature.what == HistoryWhat::kRate)
    text += " per " + feature.per + " (weight " + describe_number(feature.weight) + ")";
  if (feature.what == HistoryWhat::kLast) text += " " + std::to_string(feature.most);
  constexpr std::array<std::string_view, 3> kOf = {" of item", " of item.", " of person"};
  text += name_among(kOf, feature.of);
  if (feature.of == HistoryOf::kWord) text += word;
  if (feature.what == HistoryWhat::kLast && feature.word) text += " by item." + std::string{word};
  if (feature.own && !feature.of_request()) text += " by the person";
  return text + reach_text(feature);
}

}  // namespace rankloop
