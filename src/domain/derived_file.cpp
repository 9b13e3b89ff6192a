// Reads the table of one derived field: what it is made of, and what is known of its values.
#include "domain/derived_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "domain/derivation.h"
#include "domain/time_zone.h"

namespace rankloop {
namespace {

using Kind = KnownName::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostEdges = 1'000;

// What a derivation is made of.
enum class Of { kIntegers, kElements, kCounted, kText, kOneNumber, kTwoNumbers, kOneMoment, kTwoMoments };

Of of(Derivation how) {
  if (how < Derivation::kLength) return Of::kIntegers;
  if (how == Derivation::kLength) return Of::kCounted;
  if (how < Derivation::kEquals) return Of::kTwoNumbers;
  if (how == Derivation::kContains) return Of::kElements;
  if (how == Derivation::kWords) return Of::kText;
  if (how == Derivation::kDays) return Of::kTwoMoments;
  return is_of_moments(how) ? Of::kOneMoment : Of::kOneNumber;
}

bool fits(const KnownName& known, Of wanted) {
  switch (wanted) {
    case Of::kIntegers:
      return known.kind == Kind::kIntegers;
    case Of::kElements:
      return known.kind == Kind::kIntegers || known.kind == Kind::kWords;
    case Of::kCounted:
      return known.kind != Kind::kNumber && known.kind != Kind::kVector && known.kind != Kind::kPlace;
    case Of::kText:
      return known.kind == Kind::kText || known.kind == Kind::kWord;
    case Of::kOneNumber:
    case Of::kTwoNumbers:
      return known.kind == Kind::kNumber;
    case Of::kOneMoment:
    case Of::kTwoMoments:
      return known.kind == Kind::kNumber && known.seconds_per_unit > 0;
  }
  return false;
}

std::string_view wanted_text(Of wanted) {
  constexpr std::array<std::string_view, 8> kTexts = {
      "a list of numbers", "a list of numbers or tags", "a list or a text", "a text", "a number",
      "a number",          "a date or a time",          "a date or a time"};
  return kTexts[static_cast<std::size_t>(wanted)];
}

// The bounds of a list's elements and its length.
void bound_by_list(const Field* list, Derivation how, KnownName& known) {
  const double least = list != nullptr ? list->minimum.value_or(kSmallestInt) : 0;
  const double largest = list != nullptr ? list->maximum.value_or(kLargestInt) : 0;
  if (list != nullptr && how < Derivation::kLength && list->min_length == 0) known.may_be_absent = true;
  known.low = least, known.high = largest;
  known.whole = how != Derivation::kMean && how != Derivation::kStddev;
  if (how == Derivation::kStddev) known.low = 0, known.high = (largest - least) / 2;
  if (how == Derivation::kContains) known.low = 0, known.high = 1;
  if (how != Derivation::kLength) return;
  known.low = list != nullptr ? static_cast<double>(list->min_length) : 0;
  known.high = list != nullptr ? static_cast<double>(list->max_length) : 0;
}

void bound_product(const KnownName& a, const KnownName& b, KnownName& known) {
  const std::array<double, 4> corners = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  if (!std::all_of(corners.begin(), corners.end(), [](double x) { return std::isfinite(x); })) return;
  known.low = *std::min_element(corners.begin(), corners.end());
  known.high = *std::max_element(corners.begin(), corners.end());
}

// Interval arithmetic; a bound that is NaN counts as none for whoever asks.
void bound_by_operands(Derivation how, const KnownName& a, const KnownName& b, KnownName& known) {
  switch (how) {
    case Derivation::kSum:
      known.low = a.low + b.low, known.high = a.high + b.high;
      break;
    case Derivation::kDifference:
      known.low = a.low - b.high, known.high = a.high - b.low;
      break;
    case Derivation::kProduct:
      bound_product(a, b, known);
      break;
    case Derivation::kLarger:
      known.low = std::max(a.low, b.low), known.high = std::max(a.high, b.high);
      break;
    case Derivation::kSmaller:
      known.low = std::min(a.low, b.low), known.high = std::min(a.high, b.high);
      break;
    case Derivation::kEquals:
      known.whole = true, known.low = 0, known.high = 1;
      break;
    case Derivation::kHour:
      known.whole = true, known.low = 0, known.high = 23;
      break;
    case Derivation::kWeekday:
      known.whole = true, known.low = 1, known.high = 7;
      break;
    case Derivation::kMonth:
      known.whole = true, known.low = 1, known.high = 12;
      break;
    case Derivation::kLog:
      known.whole = false, known.may_be_absent |= !(a.low > 0);
      break;
    case Derivation::kLog1p:
      known.whole = false, known.may_be_absent |= !(a.low > -1);
      break;
    default:  // a ratio, days
      known.whole = false;
  }
}

KnownName known_derived(const DerivedField& derived, const KnownName& a, const KnownName& b,
                        const Field* list) {
  KnownName known{derived.name,       Kind::kNumber, a.may_be_absent || b.may_be_absent,
                  a.whole && b.whole, -kInfinity,    kInfinity};
  if (a.kind == Kind::kBroken || b.kind == Kind::kBroken) return {derived.name, Kind::kBroken};
  if (makes_words(derived.how)) known.kind = makes_set(derived.how) ? Kind::kWords : Kind::kWord;
  if (is_of_list(derived.how)) {
    bound_by_list(list, derived.how, known);
  } else {
    bound_by_operands(derived.how, a, b, known);
  }
  return known;
}

class DerivedReader {
 public:
  DerivedReader(TomlTable& table, const std::string& name, const SchemaSide& above, FileFaults& faults)
      : table_(table), above_(above), faults_(faults) {
    derived_.name = name;
  }

  std::optional<DerivedTable> read() {
    const std::string how = table_.required_text("how");
    const std::vector<PlacedText> of = table_.texts("of");
    derived_.stored = table_.flag("stored").value_or(true);
    derived_.help = table_.text("help").value_or("");
    const bool known = read_how(how);
    if (known) read_operands(of);
    if (known) read_parameters();
    if (!good_) return std::nullopt;
    const KnownName& first = *above_.find(derived_.of.front());
    const KnownName& last = *above_.find(derived_.of.back());
    for (std::size_t i = 0; i < 2 && is_of_moments(derived_.how); ++i)
      derived_.seconds_per_unit[i] = (i == 0 ? first : last).seconds_per_unit;
    KnownName known_name = known_derived(derived_, first, last, list());
    return DerivedTable{std::move(derived_), std::move(known_name)};
  }

 private:
  void refuse(std::string_view key, std::string message) {
    table_.fault(key, std::move(message));
    good_ = false;
  }

  bool read_how(const std::string& how) {
    const auto found = parse_derivation(how);
    if (found) {
      derived_.how = *found;
      return true;
    }
    good_ = false;
    for (const std::string_view key : {"value", "edges", "zone"}) table_.node(key);
    std::string all;
    for (const std::string_view each : derivation_names())
      all += (all.empty() ? "" : ", ") + std::string{each};
    if (!how.empty()) {
      refuse("how",
             "how should be one of " + all + ", not " + quoted(how) + suggestion(how, derivation_names()));
    }
    return false;
  }

  bool is_declared(std::string_view name) const {
    return std::ranges::find(above_.fields, name, &Field::name) != above_.fields.end();
  }

  // The declared list that it summarises.
  const Field* list() const {
    const auto found = std::ranges::find(above_.fields, derived_.of.front(), &Field::name);
    return is_of_list(derived_.how) && found != above_.fields.end() ? &*found : nullptr;
  }

  void read_operands(const std::vector<PlacedText>& names) {
    const Of wanted = of(derived_.how);
    const std::size_t count = wanted == Of::kTwoNumbers || wanted == Of::kTwoMoments ? 2 : 1;
    if (names.size() != count) {
      return refuse("of",
                    count == 1 ? "of should name one field" : "of should name two fields, as [\"a\", \"b\"]");
    }
    for (const PlacedText& operand : names) {
      derived_.of.push_back(operand.text);
      const KnownName* known = above_.find(operand.text);
      if (known == nullptr) {
        std::vector<std::string_view> all;
        for (const KnownName& each : above_.names) all.push_back(each.name);
        faults_.add(operand.at,
                    "there is no field " + quoted(operand.text) + " above" + suggestion(operand.text, all));
        good_ = false;
      } else if (known->kind != Kind::kBroken && !fits(*known, wanted)) {
        faults_.add(operand.at, quoted(operand.text) + " is " + std::string{described(known->kind)} +
                                    ", not " + std::string{wanted_text(wanted)});
        good_ = false;
      } else if (known->kind != Kind::kBroken && is_of_list(derived_.how) && !is_declared(operand.text)) {
        faults_.add(operand.at, quoted(operand.text) + " is derived itself; name a declared field");
        good_ = false;
      }
    }
  }

  void read_parameters() {
    if (derived_.how == Derivation::kEquals || derived_.how == Derivation::kContains)
      read_value();
    else
      refuse_key("value");
    if (derived_.how == Derivation::kBin)
      read_edges();
    else
      refuse_key("edges");
    if (derived_.how == Derivation::kHour || derived_.how == Derivation::kWeekday ||
        derived_.how == Derivation::kMonth)
      read_zone();
    else
      refuse_key("zone");
  }

  void refuse_key(std::string_view key) {
    if (table_.node(key) == nullptr) return;
    refuse(key, std::string{key} + " does not fit a derived field of " + std::string{name_of(derived_.how)});
  }

  void read_value() {
    const toml::node* value = table_.node("value");
    if (value == nullptr) {
      return refuse("value",
                    "value is missing here: " + std::string{name_of(derived_.how)} + " compares with it");
    }
    const KnownName* list = derived_.of.empty() ? nullptr : above_.find(derived_.of.front());
    if (derived_.how == Derivation::kContains && list != nullptr && list->kind == Kind::kWords) {
      const auto word = table_.text("value");
      if (word && word->empty()) return refuse("value", "value should be a word, not \"\"");
      derived_.word = word.value_or("");
      good_ &= word.has_value();
    } else if (const auto flag = value->value_exact<bool>()) {
      derived_.constant = *flag ? 1 : 0;
    } else {
      const auto constant = table_.number("value");
      derived_.constant = constant.value_or(0);
      good_ &= constant.has_value();
    }
  }

  void read_edges() {
    derived_.edges = table_.numbers("edges");
    const bool ascending = std::adjacent_find(derived_.edges.begin(), derived_.edges.end(),
                                              std::greater_equal<>{}) == derived_.edges.end();
    if (derived_.edges.empty() || derived_.edges.size() > kMostEdges || !ascending) {
      refuse("edges", "edges should be 1 to " + std::to_string(kMostEdges) +
                          " numbers, each larger than the one before, as [10, 20, 50]");
    }
  }

  void read_zone() {
    const auto name = table_.text("zone");
    if (!name) return;
    auto zone = TimeZone::find(*name);
    if (!zone) return refuse("zone", "zone " + quoted(*name) + ": " + zone.error().message);
    derived_.zone = *std::move(zone);
  }

  TomlTable& table_;
  const SchemaSide& above_;
  FileFaults& faults_;
  DerivedField derived_;
  bool good_ = true;
};

}  // namespace

std::optional<DerivedTable> read_derived_table(TomlTable& table, const std::string& name,
                                               const SchemaSide& above, FileFaults& faults) {
  return DerivedReader(table, name, above, faults).read();
}

}  // namespace rankloop
