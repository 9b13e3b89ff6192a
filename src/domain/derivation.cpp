// Computes the derived fields of a record.
#include "domain/derivation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "domain/enum_names.h"
#include "domain/text_words.h"
#include "domain/time_zone.h"

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 22> kNames = {
    "mean",  "stddev",  "min",     "max",    "length",   "sum",  "difference", "product",
    "ratio", "larger",  "smaller", "equals", "contains", "log",  "log1p",      "days",
    "hour",  "weekday", "month",   "bin",    "category", "words"};

constexpr double kSecondsOfDay = 86'400;

// What a calendar shows at a moment: seconds since 1970 in the derived field's zone.
double calendar_part(const DerivedField& derived, double seconds) {
  if (derived.zone != nullptr) seconds = derived.zone->local(seconds);
  const double day = std::floor(seconds / kSecondsOfDay);
  if (derived.how == Derivation::kHour) return std::floor((seconds - day * kSecondsOfDay) / 3'600);
  const std::chrono::sys_days date{std::chrono::days{static_cast<int>(day)}};
  if (derived.how == Derivation::kWeekday) return std::chrono::weekday{date}.iso_encoding();
  return static_cast<double>(static_cast<unsigned>(std::chrono::year_month_day{date}.month()));
}

double logarithm(double number) {
  return number > 0 ? std::log(number) : kAbsent;
}

double combine(const DerivedField& derived, double left, double right) {
  const auto& [left_unit, right_unit] = derived.seconds_per_unit;
  switch (derived.how) {
    case Derivation::kSum:
      return left + right;
    case Derivation::kDifference:
      return left - right;
    case Derivation::kProduct:
      return left * right;
    case Derivation::kRatio:
      return right == 0 ? 0 : left / right;
    case Derivation::kLarger:
      return std::max(left, right);
    case Derivation::kSmaller:
      return std::min(left, right);
    case Derivation::kEquals:
      return left == derived.constant ? 1 : 0;
    case Derivation::kLog:
      return logarithm(left);
    case Derivation::kLog1p:
      return left > -1 ? std::log1p(left) : kAbsent;
    case Derivation::kDays:
      return (right * right_unit - left * left_unit) / kSecondsOfDay;
    default:
      return calendar_part(derived, left * left_unit);
  }
}

// "below 10", "10 to 20", "20 or more".
std::string bin_of(std::span<const double> edges, double number) {
  const auto above = std::upper_bound(edges.begin(), edges.end(), number);
  if (above == edges.begin()) return "below " + describe_number(edges.front());
  if (above == edges.end()) return describe_number(edges.back()) + " or more";
  return describe_number(*std::prev(above)) + " to " + describe_number(*above);
}

double contains(const DerivedField& derived, const FieldValue& list) {
  const bool has = list.words ? std::ranges::find(*list.words, derived.word) != list.words->end()
                              : std::ranges::find(list.numbers, derived.constant) != list.numbers.end();
  return has ? 1 : 0;
}

}  // namespace

std::string_view name_of(Derivation how) {
  return name_among(kNames, how);
}

std::optional<Derivation> parse_derivation(std::string_view name) {
  return value_named<Derivation>(kNames, name);
}

std::span<const std::string_view> derivation_names() {
  return kNames;
}

bool is_of_list(Derivation how) {
  return how <= Derivation::kLength || how == Derivation::kContains || how == Derivation::kWords;
}

bool makes_words(Derivation how) {
  return how == Derivation::kBin || how == Derivation::kCategory || makes_set(how);
}

bool makes_set(Derivation how) {
  return how == Derivation::kWords;
}

bool is_of_moments(Derivation how) {
  return how >= Derivation::kDays && how <= Derivation::kMonth;
}

double summary_of(const DerivedField& derived, const FieldValue& list) {
  if (std::isnan(list.list.length)) return kAbsent;
  switch (derived.how) {
    case Derivation::kMean:
      return list.list.mean;
    case Derivation::kStddev:
      return list.list.stddev;
    case Derivation::kMin:
      return list.list.min;
    case Derivation::kMax:
      return list.list.max;
    case Derivation::kContains:
      return contains(derived, list);
    default:
      return list.list.length;
  }
}

double derived_number(const DerivedField& derived, double left, double right) {
  return std::isnan(left) || std::isnan(right) ? kAbsent : combine(derived, left, right);
}

Words derived_words(const DerivedField& derived, double number) {
  if (std::isnan(number)) return std::nullopt;
  const bool bin = derived.how == Derivation::kBin;
  return std::vector<std::string>{bin ? bin_of(derived.edges, number) : describe_number(number)};
}

Words words_in(const FieldValue& text) {
  if (!text.words) return std::nullopt;
  return different_words(words_of_text(text.words->front()));
}

}  // namespace rankloop
