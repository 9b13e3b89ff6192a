// Sentences of what is counted, of what, by whom and how far back.
#include "domain/history_words.h"

#include <array>
#include <chrono>
#include <utility>

#include "domain/field_value.h"

namespace rankloop {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::pair<std::string_view, milliseconds>, 4> kUnits = {
    {{"day", std::chrono::days{1}},
     {"hour", std::chrono::hours{1}},
     {"minute", std::chrono::minutes{1}},
     {"second", std::chrono::seconds{1}}}};

// "7 days" or "hour", in the largest unit of which it is a whole number.
std::string in_words(milliseconds span) {
  for (const auto& [name, length] : kUnits) {
    if (span.count() % length.count() != 0) continue;
    const auto many = span / length;
    return many == 1 ? std::string{name} : std::to_string(many) + " " + std::string{name} + "s";
  }
  return std::to_string(span.count()) + " ms";
}

class Sentence {
 public:
  Sentence(const Domain& domain, const HistoryFeature& feature) : domain_(domain), feature_(feature) {}

  std::string text() const { return main_clause() + reach() + drawn() + over_words() + "."; }

 private:
  std::string main_clause() const {
    switch (feature_.what) {
      case HistoryWhat::kCount:
        return "How often " + happened(feature_.kind);
      case HistoryWhat::kSum:
        return "The sum of the values that came when " + happened(feature_.kind);
      case HistoryWhat::kMean:
        return "The mean of the values that came when " + happened(feature_.kind);
      case HistoryWhat::kRate:
        return "How often " + happened(feature_.kind) + ", for each time " + happened_again(feature_.per);
      case HistoryWhat::kSinceFirst:
        return "Days since " + happened(feature_.kind) + " for the first time";
      case HistoryWhat::kSinceLast:
        return "Days since " + happened(feature_.kind) + " for the last time";
      case HistoryWhat::kShare:
        return "Of all that " + got(feature_.kind, true) + ", the share that fell on " + subject();
      case HistoryWhat::kLast:
        return last();
      case HistoryWhat::kAge:
        return "Days since " + subject() + " came into the catalog";
    }
    return {};
  }

  // "this thing got “buy” from the person who asks"
  std::string happened(const std::string& kind) const {
    if (!feature_.of_request()) return subject() + " " + got(kind, feature_.own);
    return kind == kShownKind ? "something was shown to the person who asks"
                              : "the person who asks gave " + quoted(kind);
  }

  std::string happened_again(const std::string& kind) const {
    if (feature_.of_request()) return happened(kind);
    return (feature_.of == HistoryOf::kWord ? "one of them " : "it ") + got(kind, false);
  }

  // Of things.
  static std::string got(const std::string& kind, bool own) {
    if (kind == kShownKind) return own ? "was shown to the person who asks" : "was shown";
    return "got " + quoted(kind) + (own ? " from the person who asks" : "");
  }

  std::string last() const {
    const std::string of = feature_.word ? "The " + std::string{word()} + " of the " : "The ";
    const std::string most =
        feature_.most == 1 ? "" : ": the newest first, each once, at most " + std::to_string(feature_.most);
    return of + domain_.item.one + " that last " + got(feature_.kind, true) + most;
  }

  std::string subject() const {
    if (feature_.of == HistoryOf::kWord)
      return "any of the " + domain_.item.many +
             (feature_.many ? " with one of the same " : " with the same ") + std::string{word()};
    return "this " + domain_.item.one;
  }

  std::string_view word() const { return domain_.candidates.words()[*feature_.word]; }

  std::string reach() const {
    switch (feature_.reach) {
      case HistoryReach::kAlways:
        return "";
      case HistoryReach::kWindow:
        return ", in the last " + in_words(feature_.span);
      case HistoryReach::kHalfLife:
        return "; after every " + in_words(feature_.span) + " it counts half";
      case HistoryReach::kSession:
        return ", in the visit that runs: " +
               (domain_.session
                    ? "in requests with the same " + std::string{domain_.requests.words()[*domain_.session]}
                    : "since half an hour passed with nothing done");
    }
    return "";
  }

  std::string drawn() const {
    if (feature_.what != HistoryWhat::kRate || !(feature_.weight > 0)) return "";
    return "; where little is known it is near what it is of all " + domain_.item.many + " together (" +
           describe_number(feature_.weight) + " at that rate are counted beside its own)";
  }

  std::string over_words() const {
    return feature_.many && !feature_.makes_words() ? "; the mean over its " + std::string{word()} : "";
  }

  static std::string quoted(const std::string& kind) { return "“" + kind + "”"; }

  const Domain& domain_;
  const HistoryFeature& feature_;
};

}  // namespace

std::string meaning_of(const Domain& domain, const HistoryFeature& feature) {
  return Sentence(domain, feature).text();
}

std::string_view unit_of(const HistoryFeature& feature) {
  switch (feature.what) {
    case HistoryWhat::kCount:
      return "times";
    case HistoryWhat::kSum:
    case HistoryWhat::kMean:
      return "value";
    case HistoryWhat::kRate:
      return "rate";
    case HistoryWhat::kSinceFirst:
    case HistoryWhat::kSinceLast:
    case HistoryWhat::kAge:
      return "days";
    case HistoryWhat::kShare:
      return "share";
    case HistoryWhat::kLast:
      return feature.word ? "words" : "items";
  }
  return "";
}

}  // namespace rankloop
