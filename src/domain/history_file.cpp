// Reads history features, and refuses those that say nothing of anybody.
#include "domain/history_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "domain/enum_names.h"
#include "domain/field_value.h"
#include "domain/units.h"

namespace rankloop {
namespace {

using Kind = KnownName::Kind;

constexpr std::size_t kMostHistories = 64;
constexpr std::size_t kMostLast = 100;
constexpr double kMostWeight = 1'000'000;
constexpr std::string_view kItem = "item";
constexpr std::string_view kItemField = "item.";
constexpr std::string_view kPerson = "person";
constexpr std::string_view kSession = "session";

bool is_of_words(Kind kind) {
  return kind == Kind::kWord || kind == Kind::kWords;
}

class HistoryReader {
 public:
  HistoryReader(TomlTable& table, const SchemaSide& items) : table_(table), items_(items) {}

  std::optional<HistoryTable> read() {
    HistoryFeature& feature = read_.feature;
    feature.name = table_.required_text("name");
    read_what(table_.required_text("what"));
    read_of(table_.required_text("of"));
    read_kind();
    read_own();
    read_rate();
    read_last();
    read_reach();
    table_.finish();
    good_ &= !feature.name.empty() && (is(HistoryWhat::kAge) || !feature.kind.empty());
    return good_ ? std::optional(std::move(read_)) : std::nullopt;
  }

 private:
  bool is(HistoryWhat what) const { return good_what_ && read_.feature.what == what; }

  void refuse(std::string_view key, std::string message) {
    table_.fault(key, std::move(message));
    good_ = false;
  }

  void read_what(const std::string& text) {
    const auto names = history_what_names();
    const auto found = std::ranges::find(names, text);
    good_what_ = found != names.end();
    if (good_what_) {
      read_.feature.what = static_cast<HistoryWhat>(found - names.begin());
      return;
    }
    good_ = false;
    std::string all;
    for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string{name};
    if (!text.empty())
      refuse("what", "what should be one of " + all + ", not " + quoted(text) + suggestion(text, names));
  }

  void read_of(const std::string& text) {
    if (text == kPerson) {
      read_.feature.of = HistoryOf::kPerson;
    } else if (text.starts_with(kItemField)) {
      read_.feature.of = HistoryOf::kWord;
      read_word("of", text.substr(kItemField.size()));
    } else if (text != kItem) {
      good_ = false;
      if (!text.empty())
        refuse("of", "of should be \"item\", \"item.\" with a field, or \"person\", not " + quoted(text));
    }
  }

  void read_kind() {
    HistoryFeature& feature = read_.feature;
    if (!is(HistoryWhat::kAge)) {
      feature.kind = table_.required_text("kind");
      read_.kind_at = table_.at("kind");
      return;
    }
    if (feature.of != HistoryOf::kItem) refuse("of", "an age is an item's own: of = \"item\"");
    for (const std::string_view key : {"kind", "own", "within", "half_life"}) {
      if (table_.node(key) != nullptr)
        refuse(key, "an age is of the item alone: leave " + std::string{key} + " out");
    }
  }

  void read_word(std::string_view key, const std::string& name) {
    const KnownName* known = items_.find(name);
    read_.field = name;
    read_.feature.many = known != nullptr && known->kind == Kind::kWords;
    if (known != nullptr && is_of_words(known->kind)) return;
    good_ = false;
    if (known != nullptr && known->kind == Kind::kBroken) return;
    std::vector<std::string_view> words;
    for (const KnownName& each : items_.names) {
      if (is_of_words(each.kind)) words.push_back(each.name);
    }
    refuse(key, known == nullptr
                    ? "there is no field " + quoted(name) + " in [item]" + suggestion(name, words)
                    : quoted(name) + " in [item] is " + std::string{described(known->kind)} +
                          "; histories are of strings, categories and tags");
  }

  void read_own() {
    HistoryFeature& feature = read_.feature;
    feature.own = table_.flag("own").value_or(feature.of_request());
    if (feature.of_request() && !feature.own)
      refuse("own", "what a person did is always the person's own: leave it out");
    if (is(HistoryWhat::kShare) && (!feature.own || feature.of_request()))
      refuse("what",
             "a share is of all that the person did, so it is of an item or a field, with own = true");
    if (is(HistoryWhat::kLast) && !feature.of_request())
      refuse("what", "what came last is of a person: of = \"person\"");
  }

  void read_rate() {
    HistoryFeature& feature = read_.feature;
    for (const std::string_view key : {"per", "weight"}) {
      if (table_.has(key) && good_what_ && !is(HistoryWhat::kRate))
        refuse(key, std::string{key} + " belongs to what = \"rate\"");
    }
    if (const auto per = table_.text("per")) feature.per = *per;
    read_.per_at = table_.at("per");
    if (is(HistoryWhat::kRate) && feature.per.empty())
      refuse("what", "a rate needs what it is per: per = \"shown\"");
    const auto weight = table_.number("weight");
    if (!weight) return;
    feature.weight = *weight;
    if (!(*weight >= 0 && *weight <= kMostWeight))
      refuse("weight", "weight should be 0 to 1000000, not " + describe_number(*weight));
  }

  void read_last() {
    HistoryFeature& feature = read_.feature;
    for (const std::string_view key : {"most", "by"}) {
      if (table_.has(key) && good_what_ && !is(HistoryWhat::kLast))
        refuse(key, std::string{key} + " belongs to what = \"last\"");
    }
    if (const auto most = table_.count("most")) feature.most = *most;
    if (feature.most < 1 || feature.most > kMostLast)
      refuse("most", "most should be 1 to 100, not " + std::to_string(feature.most));
    const auto by = table_.text("by");
    if (!by || *by == kItem) return;
    if (by->starts_with(kItemField))
      read_word("by", by->substr(kItemField.size()));
    else
      refuse("by", "by should be \"item\" or \"item.\" with a field, not " + quoted(*by));
  }

  void read_reach() {
    HistoryFeature& feature = read_.feature;
    const auto within = table_.text("within");
    const auto half_life = table_.text("half_life");
    const bool of_moments =
        is(HistoryWhat::kSinceFirst) || is(HistoryWhat::kSinceLast) || is(HistoryWhat::kLast);
    if (of_moments && (within || half_life)) {
      refuse(within ? "within" : "half_life", "this looks back at everything: leave it out");
    } else if (within && half_life) {
      refuse("half_life", "a history has a window or a half-life, not both");
    } else if (within && *within == kSession) {
      feature.reach = HistoryReach::kSession;
      if (!feature.own) refuse("within", "a session is a person's: own = true");
    } else if (within || half_life) {
      feature.reach = within ? HistoryReach::kWindow : HistoryReach::kHalfLife;
      read_span(within ? "within" : "half_life", within ? *within : *half_life);
    }
  }

  void read_span(std::string_view key, const std::string& text) {
    constexpr std::chrono::seconds kLeast{1};
    const auto span = parse_duration(text);
    if (span && *span >= kLeast) {
      read_.feature.span = *span;
      return;
    }
    refuse(key, std::string{key} + " should be a time of a second or more, as \"7d\"" +
                    (key == "within" ? ", or \"session\"" : "") + ", not " + quoted(text));
  }

  TomlTable& table_;
  const SchemaSide& items_;
  HistoryTable read_;
  bool good_what_ = false;
  bool good_ = true;
};

// What the request has by it.
KnownName known_name(const HistoryFeature& feature) {
  KnownName known{.name = feature.name, .may_be_absent = true};
  if (feature.makes_words()) {
    known.kind = Kind::kWords;
    return known;
  }
  const bool counts = feature.what != HistoryWhat::kSum && feature.what != HistoryWhat::kMean;
  known.low = counts ? 0 : -std::numeric_limits<double>::infinity();
  known.high = std::numeric_limits<double>::infinity();
  return known;
}

}  // namespace

std::vector<HistoryTable> read_history_tables(std::vector<TomlTable> tables, SchemaSide& requests,
                                              const SchemaSide& items,
                                              std::set<std::string, std::less<>>& input_names,
                                              FileFaults& faults) {
  std::vector<HistoryTable> read;
  for (TomlTable& table : tables) {
    auto one = HistoryReader(table, items).read();
    if (!one) continue;
    const HistoryFeature& feature = one->feature;
    if (feature.of_request()) {
      if (!accept_name(table, feature.name, {}, requests)) continue;
      requests.names.push_back(known_name(feature));
    } else if (!is_identifier(feature.name)) {
      table.fault("name", "the history's name " + quoted(feature.name) +
                              " should be letters, digits and underscores");
    } else if (!input_names.insert(feature.name).second) {
      table.fault("name", "the name " + quoted(feature.name) + " is already used by another history");
    }
    read.push_back(*std::move(one));
  }
  if (read.size() > kMostHistories)
    faults.add(tables[kMostHistories].at(), "more than 64 histories; this is one too many");
  return read;
}

void check_history_kinds(const std::vector<HistoryTable>& tables, std::span<const FeedbackRule> kinds,
                         FileFaults& faults) {
  std::vector<std::string_view> names{kShownKind};
  for (const FeedbackRule& rule : kinds) names.push_back(rule.name);
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string{name};
  const auto check = [&](const std::string& kind, FilePlace at) {
    if (kind.empty() || std::ranges::count(names, kind) > 0) return;
    faults.add(at, "should be one of " + all + ", not " + quoted(kind) + suggestion(kind, names));
  };
  for (const HistoryTable& table : tables) {
    const HistoryFeature& feature = table.feature;
    check(feature.kind, table.kind_at);
    check(feature.per, table.per_at);
    const FeedbackRule* rule = rule_of(kinds, feature.kind);
    const bool of_values = feature.what == HistoryWhat::kSum || feature.what == HistoryWhat::kMean;
    if (of_values && (feature.kind == kShownKind || (rule != nullptr && !rule->valued)))
      faults.add(table.kind_at, quoted(feature.kind) +
                                    " comes without a value; count it, or give the kind of "
                                    "feedback value = [least, greatest]");
  }
}

}  // namespace rankloop
