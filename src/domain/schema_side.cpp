// Gathers the fields of one side and says what is wrong with their names.
#include "domain/schema_side.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "domain/derived_file.h"
#include "domain/field_file.h"

namespace rankloop {
namespace {

using Kind = KnownName::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kSecondsOfDay = 86'400;
constexpr std::size_t kMostColumns = 16'384;  // numbers of one side, those of vectors with them

Kind kind_of(FieldType type) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kCategory:
      return Kind::kWord;
    case FieldType::kTags:
      return Kind::kWords;
    case FieldType::kText:
      return Kind::kText;
    case FieldType::kIntList:
      return Kind::kIntegers;
    case FieldType::kVector:
      return Kind::kVector;
    case FieldType::kPlace:
      return Kind::kPlace;
    default:
      return Kind::kNumber;
  }
}

KnownName known_field(const Field& field) {
  KnownName known{field.name, kind_of(field.type), !field.required && !field.preset && !field.preset_now,
                  true,       -kInfinity,          kInfinity};
  known.field_type = field.type;
  if (field.type == FieldType::kVector) known.size = field.size;
  if (field.type == FieldType::kFloat || field.type == FieldType::kTime) known.whole = false;
  if (field.type == FieldType::kBool) known.low = 0, known.high = 1;
  if (field.type == FieldType::kInt) known.low = kSmallestInt, known.high = kLargestInt;
  if (field.type == FieldType::kDate) {
    known.low = kFirstDay, known.high = kLastDay;
    known.seconds_per_unit = kSecondsOfDay;
  }
  if (field.type == FieldType::kTime) known.seconds_per_unit = 1;
  if (known.kind == Kind::kNumber) {
    known.low = field.minimum.value_or(known.low);
    known.high = field.maximum.value_or(known.high);
  }
  return known;
}

// The numbers of a place have names of their own.
std::vector<KnownName> numbers_of_place(const KnownName& place) {
  KnownName latitude{place.name + ".lat", Kind::kNumber, place.may_be_absent, false, -90, 90};
  KnownName longitude{place.name + ".lon", Kind::kNumber, place.may_be_absent, false, -180, 180};
  return {std::move(latitude), std::move(longitude)};
}

// Reads the checks of a side whose fields and derived fields are known.
class CheckReader {
 public:
  explicit CheckReader(SchemaSide& side) : side_(side) {}

  void read(TomlTable& table) {
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
    if (good) side_.checks.push_back(std::move(check));
  }

 private:
  bool is_number(TomlTable& table, const std::string& name) {
    const KnownName* known = side_.find(name);
    if (known == nullptr) {
      table.fault("must", "there is no field " + quoted(name) + suggestion(name, side_.numbers()));
      return false;
    }
    if (known->kind != Kind::kNumber && known->kind != Kind::kBroken) {
      table.fault("must", quoted(name) + " is " + std::string{described(known->kind)} + ", no number");
    }
    return known->kind == Kind::kNumber;
  }

  SchemaSide& side_;
};

void check_column(TomlTable& table, SchemaSide& side) {
  const std::string column = read_column(table);
  if (column.empty()) return;
  if (std::ranges::find(side.columns, column) != side.columns.end())
    table.fault("column", "the column " + quoted(column) + " is that of another field already");
  side.columns.push_back(column);
}

void read_field(TomlTable& table, std::span<const std::string> reserved, SchemaSide& side) {
  const std::string name = table.required_text("name");
  std::optional<Field> field = read_field_table(table, name);
  check_column(table, side);
  table.finish();
  if (!accept_name(table, name, reserved, side)) return;
  if (!field) return side.names.push_back({name, Kind::kBroken});
  add_field(side, std::move(*field));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view described(KnownName::Kind kind) {
  constexpr std::array<std::string_view, 8> kWords = {
      "a number", "a list of numbers", "a word", "a set of words", "a text", "a vector", "a place", "broken"};
  return kWords[static_cast<std::size_t>(kind)];
}

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

// False, with a fault, when the name cannot be used; it is known as broken then.
bool accept_name(TomlTable& table, const std::string& name, std::span<const std::string> reserved,
                 SchemaSide& side) {
  if (name.empty()) return false;
  if (!is_identifier(name)) {
    table.fault("name", "the name " + quoted(name) +
                            " should be a letter, then letters, digits and underscores, at most 64 in all");
    return false;
  }
  if (side.find(name) != nullptr) {
    table.fault("name", "the name " + quoted(name) + " is declared twice");
    return false;
  }
  if (std::find(reserved.begin(), reserved.end(), name) != reserved.end()) {
    table.fault("name", "the name " + quoted(name) + " is used by the API itself; choose another");
    side.names.push_back({name, Kind::kBroken});
    return false;
  }
  return true;
}

void add_field(SchemaSide& side, Field field) {
  side.names.push_back(known_field(field));
  if (field.type == FieldType::kPlace) {
    for (KnownName& number : numbers_of_place(side.names.back())) side.names.push_back(std::move(number));
  }
  side.fields.push_back(std::move(field));
}

DerivedField* read_derived(TomlTable& table, std::span<const std::string> reserved, SchemaSide& side,
                           FileFaults& faults) {
  const std::string name = table.required_text("name");
  std::optional<DerivedTable> derived = read_derived_table(table, name, side, faults);
  table.finish();
  if (!accept_name(table, name, reserved, side)) return nullptr;
  if (!derived) {
    side.names.push_back({name, Kind::kBroken});
    return nullptr;
  }
  side.names.push_back(std::move(derived->known));
  side.derived.push_back(std::move(derived->field));
  return &side.derived.back();
}

void check_size(const SchemaSide& side, FilePlace at, FileFaults& faults) {
  if (side.names.size() > TomlTable::kMostTables) {
    faults.add(at, "should have at most 512 fields and derived fields together, not " +
                       std::to_string(side.names.size()));
  }
  std::size_t columns = 0;
  for (const Field& field : side.fields) columns += column_names(field).size();
  if (columns > kMostColumns) {
    faults.add(at, "should have at most " + std::to_string(kMostColumns) +
                       " numbers, those of its vectors with them, not " + std::to_string(columns));
  }
}

std::string read_column(TomlTable& table) {
  constexpr std::size_t kLongest = 255;  // bytes
  const auto column = table.text("column");
  if (!column || (!column->empty() && column->size() <= kLongest)) return column.value_or("");
  table.fault("column", "column should have 1 to " + std::to_string(kLongest) + " bytes");
  return {};
}

SchemaSide read_schema_side(TomlTable& table, std::span<const std::string> reserved, FileFaults& faults,
                            std::vector<std::string> columns) {
  SchemaSide side;
  side.columns = std::move(columns);
  for (TomlTable& field : table.tables("field")) read_field(field, reserved, side);
  for (TomlTable& derived : table.tables("derived")) read_derived(derived, reserved, side, faults);
  CheckReader checks(side);
  for (TomlTable& check : table.tables("check")) checks.read(check);
  check_size(side, table.at(), faults);
  return side;
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
