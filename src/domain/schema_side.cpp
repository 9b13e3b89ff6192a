// Gathers the fields of one side and says what is wrong with their names.
#include "domain/schema_side.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "domain/field_file.h"

namespace rankloop {
namespace {

using Kind = KnownName::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct DerivationWord {
  std::string_view word;
  Derivation how;
};
constexpr std::array<DerivationWord, 12> kDerivations = {{{"mean", Derivation::kMean},
                                                          {"stddev", Derivation::kStddev},
                                                          {"min", Derivation::kMin},
                                                          {"max", Derivation::kMax},
                                                          {"length", Derivation::kLength},
                                                          {"sum", Derivation::kSum},
                                                          {"difference", Derivation::kDifference},
                                                          {"product", Derivation::kProduct},
                                                          {"ratio", Derivation::kRatio},
                                                          {"larger", Derivation::kLarger},
                                                          {"smaller", Derivation::kSmaller},
                                                          {"equals", Derivation::kEquals}}};

bool is_of_list(Derivation how) {
  return how <= Derivation::kLength;
}

KnownName known_field(const Field& field) {
  KnownName known{field.name, Kind::kNumber, !field.required && !field.preset, true, -kInfinity, kInfinity};
  switch (field.type) {
    case FieldType::kString:
      known.kind = Kind::kText;
      break;
    case FieldType::kIntList:
      known.kind = Kind::kList;
      break;
    case FieldType::kBool:
      known.low = 0, known.high = 1;
      break;
    case FieldType::kDate:
      known.low = kFirstDay, known.high = kLastDay;
      break;
    case FieldType::kTime:
    case FieldType::kFloat:
      known.whole = false;
      break;
    case FieldType::kInt:
      known.low = kSmallestInt, known.high = kLargestInt;
      break;
  }
  if (known.kind == Kind::kNumber) {
    known.low = field.minimum.value_or(known.low);
    known.high = field.maximum.value_or(known.high);
  }
  return known;
}

// Whether a derived number is always there, whole, and between which bounds (interval arithmetic; a bound
// that is NaN counts as none for whoever asks).
KnownName known_derived(const DerivedField& derived, const KnownName& a, const KnownName& b,
                        const Field* list) {
  KnownName known{derived.name,       Kind::kNumber, a.may_be_absent || b.may_be_absent,
                  a.whole && b.whole, -kInfinity,    kInfinity};
  const double least = list != nullptr ? list->minimum.value_or(kSmallestInt) : 0;
  const double largest = list != nullptr ? list->maximum.value_or(kLargestInt) : 0;
  if (list != nullptr && derived.how != Derivation::kLength && list->min_length == 0)
    known.may_be_absent = true;
  switch (derived.how) {
    case Derivation::kMean:
      known.whole = false, known.low = least, known.high = largest;
      break;
    case Derivation::kStddev:
      known.whole = false, known.low = 0, known.high = (largest - least) / 2;
      break;
    case Derivation::kMin:
    case Derivation::kMax:
      known.low = least, known.high = largest;
      break;
    case Derivation::kLength:
      known.low = list != nullptr ? static_cast<double>(list->min_length) : 0;
      known.high = list != nullptr ? static_cast<double>(list->max_length) : 0;
      break;
    case Derivation::kSum:
      known.low = a.low + b.low, known.high = a.high + b.high;
      break;
    case Derivation::kDifference:
      known.low = a.low - b.high, known.high = a.high - b.low;
      break;
    case Derivation::kProduct: {
      const std::array<double, 4> corners = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
      const bool bounded =
          std::all_of(corners.begin(), corners.end(), [](double x) { return std::isfinite(x); });
      if (bounded) known.low = *std::min_element(corners.begin(), corners.end());
      if (bounded) known.high = *std::max_element(corners.begin(), corners.end());
      break;
    }
    case Derivation::kRatio:
      known.whole = false;
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
  }
  return known;
}

class DraftReader {
 public:
  DraftReader(std::span<const std::string> reserved, FileFaults& faults)
      : reserved_(reserved), faults_(faults) {}

  SchemaSide read(TomlTable& side) {
    for (TomlTable& table : side.tables("field")) read_field(table);
    for (TomlTable& table : side.tables("derived")) read_derived(table);
    for (TomlTable& table : side.tables("check")) read_check(table);
    if (draft_.names.size() > TomlTable::kMostTables) {
      faults_.add(side.at(), "should have at most 512 fields and derived fields together, not " +
                                 std::to_string(draft_.names.size()));
    }
    return std::move(draft_);
  }

 private:
  // False, with a fault, when the name cannot be used; it is known as broken then.
  bool accept_name(TomlTable& table, const std::string& name) {
    if (name.empty()) return false;
    if (!is_identifier(name)) {
      table.fault("name", "the name " + quoted(name) +
                              " should be a letter, then letters, digits and underscores, at most 64 in all");
      return false;
    }
    if (draft_.find(name) != nullptr) {
      table.fault("name", "the name " + quoted(name) + " is declared twice");
      return false;
    }
    if (std::find(reserved_.begin(), reserved_.end(), name) != reserved_.end()) {
      table.fault("name", "the name " + quoted(name) + " is used by the API itself; choose another");
      draft_.names.push_back({name, Kind::kBroken});
      return false;
    }
    return true;
  }

  void read_field(TomlTable& table) {
    const std::string name = table.required_text("name");
    std::optional<Field> field = read_field_table(table, name);
    table.finish();
    if (!accept_name(table, name)) return;
    if (!field) return draft_.names.push_back({name, Kind::kBroken});
    draft_.names.push_back(known_field(*field));
    draft_.fields.push_back(std::move(*field));
  }

  void read_derived(TomlTable& table) {
    DerivedField derived;
    derived.name = table.required_text("name");
    const std::string how = table.required_text("how");
    const std::vector<PlacedText> of = table.texts("of");
    derived.stored = table.flag("stored").value_or(true);
    derived.help = table.text("help").value_or("");
    const bool known_how = read_derivation(table, how, derived);
    table.finish();
    const bool known_operands = known_how && read_operands(table, of, derived);
    if (!accept_name(table, derived.name)) return;
    if (!known_operands) return draft_.names.push_back({derived.name, Kind::kBroken});
    const KnownName first = *draft_.find(derived.of.front());
    const KnownName last = *draft_.find(derived.of.back());
    const auto list = std::find_if(draft_.fields.begin(), draft_.fields.end(), [&](const Field& field) {
      return is_of_list(derived.how) && field.name == first.name;
    });
    const bool broken = first.kind == Kind::kBroken || last.kind == Kind::kBroken;
    draft_.names.push_back(
        broken ? KnownName{derived.name, Kind::kBroken}
               : known_derived(derived, first, last, list == draft_.fields.end() ? nullptr : &*list));
    draft_.derived.push_back(std::move(derived));
  }

  bool read_derivation(TomlTable& table, const std::string& how, DerivedField& derived) {
    const auto found = std::find_if(kDerivations.begin(), kDerivations.end(),
                                    [&](const DerivationWord& each) { return each.word == how; });
    if (found == kDerivations.end()) {
      std::vector<std::string_view> words;
      std::string all;
      for (const DerivationWord& each : kDerivations) {
        words.push_back(each.word);
        all += (all.empty() ? "" : ", ") + std::string{each.word};
      }
      if (!how.empty()) {
        table.fault("how", "how should be one of " + all + ", not " + quoted(how) + suggestion(how, words));
      }
      table.node("value");
      return false;
    }
    derived.how = found->how;
    if (derived.how != Derivation::kEquals) return true;
    const toml::node* value = table.node("value");
    if (value == nullptr) {
      table.fault("value", "value is missing here: equals compares a field with it");
      return false;
    }
    if (const auto flag = value->value_exact<bool>()) {
      derived.constant = *flag ? 1 : 0;
      return true;
    }
    const auto constant = table.number("value");
    derived.constant = constant.value_or(0);
    return constant.has_value();
  }

  bool read_operands(TomlTable& table, const std::vector<PlacedText>& of, DerivedField& derived) {
    const bool of_list = is_of_list(derived.how);
    const std::size_t wanted = of_list || derived.how == Derivation::kEquals ? 1 : 2;
    if (of.size() != wanted) {
      table.fault("of",
                  wanted == 1 ? "of should name one field" : "of should name two fields, as [\"a\", \"b\"]");
      return false;
    }
    bool good = true;
    for (const PlacedText& operand : of) {
      const KnownName* known = draft_.find(operand.text);
      if (known == nullptr) {
        std::vector<std::string_view> names;
        for (const KnownName& each : draft_.names) names.push_back(each.name);
        faults_.add(operand.at,
                    "there is no field " + quoted(operand.text) + " above" + suggestion(operand.text, names));
        good = false;
      } else if (known->kind != Kind::kBroken && known->kind != (of_list ? Kind::kList : Kind::kNumber)) {
        faults_.add(operand.at, quoted(operand.text) + (of_list ? " is no list" : " is no number"));
        good = false;
      }
      derived.of.push_back(operand.text);
    }
    return good;
  }

  void read_check(TomlTable& table) {
    const std::string must = table.required_text("must");
    Check check;
    check.message = table.required_text("message");
    table.finish();
    if (must.empty()) return;
    const auto comparison = parse_comparison(must);
    if (!comparison) {
      return table.fault("must",
                         "must should read FIELD == FIELD (or !=, <, <=, >, >=), not " + quoted(must));
    }
    check.left = comparison->left;
    check.op = comparison->op;
    bool good = is_number(table, check.left);
    if (const auto constant = parse_constant(comparison->right)) {
      check.constant = *constant;
    } else {
      check.right = comparison->right;
      good = is_number(table, check.right) && good;
    }
    if (good) draft_.checks.push_back(std::move(check));
  }

  bool is_number(TomlTable& table, const std::string& name) {
    const KnownName* known = draft_.find(name);
    if (known == nullptr) {
      table.fault("must", "there is no field " + quoted(name) + suggestion(name, draft_.numbers()));
      return false;
    }
    if (known->kind == Kind::kText || known->kind == Kind::kList) {
      table.fault("must", quoted(name) + " is no number");
    }
    return known->kind == Kind::kNumber;
  }

  std::span<const std::string> reserved_;
  FileFaults& faults_;
  SchemaSide draft_;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

const KnownName* SchemaSide::find(std::string_view name) const {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const KnownName& each) { return each.name == name; });
  return found == names.end() ? nullptr : &*found;
}

std::vector<std::string_view> SchemaSide::numbers() const {
  std::vector<std::string_view> numbers;
  for (const KnownName& each : names) {
    if (each.kind == Kind::kNumber) numbers.push_back(each.name);
  }
  return numbers;
}

SchemaSide read_schema_side(TomlTable& side, std::span<const std::string> reserved, FileFaults& faults) {
  return DraftReader(reserved, faults).read(side);
}

std::optional<Comparison> parse_comparison_symbol(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Comparison::kGreaterEqual); ++i) {
    if (symbol(static_cast<Comparison>(i)) == text) return static_cast<Comparison>(i);
  }
  return std::nullopt;
}

std::optional<ComparisonText> parse_comparison(std::string_view text) {
  constexpr std::string_view kSigns = "=!<>";
  const std::size_t begin = text.find_first_of(kSigns);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = text.find_first_not_of(kSigns, begin);
  if (end == std::string_view::npos) return std::nullopt;
  const auto op = parse_comparison_symbol(text.substr(begin, end - begin));
  const std::string_view left = trimmed(text.substr(0, begin));
  const std::string_view right = trimmed(text.substr(end));
  if (!op || left.empty() || right.empty()) return std::nullopt;
  return ComparisonText{std::string{left}, *op, std::string{right}};
}

std::optional<double> parse_constant(std::string_view text) {
  if (text == "true") return 1;
  if (text == "false") return 0;
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

bool is_identifier(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kLongest && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), inner);
}

}  // namespace rankloop
