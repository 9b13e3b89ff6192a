// Reads the table of one cross: how it is made, and whether its two fields are what that takes.
#include "domain/cross_file.h"

#include "domain/field_value.h"

namespace rankloop {
namespace {

using Kind = KnownName::Kind;

constexpr double kSecondsOfDay = 86'400;

std::string where(Side side) {
  return side == Side::kItem ? " in [item]" : " in [request]";
}

std::string instead_of(const KnownName& known) {
  if (known.kind == Kind::kIntegers) return "; derive one from the list";
  if (known.kind == Kind::kPlace)
    return "; its numbers are " + known.name + ".lat and " + known.name + ".lon";
  return "";
}

bool is_text(const KnownName& known) {
  return known.field_type == FieldType::kString || known.field_type == FieldType::kText;
}

// What a cross of this kind is made of; empty where `known` is that.
std::string_view lacking(CrossOp op, const KnownName& known) {
  if (op == CrossOp::kDays) return known.seconds_per_unit > 0 ? "" : "dates and times";
  if (op == CrossOp::kDistanceKm) return known.kind == Kind::kPlace ? "" : "places";
  if (is_of_vectors(op)) return known.kind == Kind::kVector ? "" : "vectors";
  if (is_of_texts(op)) return is_text(known) ? "" : "strings and texts that are fields";
  if (op == CrossOp::kPair) return known.kind == Kind::kWord ? "" : "strings and categories";
  return known.kind == Kind::kWord || known.kind == Kind::kWords ? "" : "strings, categories and tags";
}

class CrossReader {
 public:
  CrossReader(TomlTable& table, const Sides& sides, const std::set<std::string, std::less<>>& used,
              FileFaults& faults)
      : table_(table), sides_(sides), used_(used), faults_(faults) {}

  std::optional<CrossTable> read() {
    read_.cross.name = table_.required_text("name");
    const std::string how = table_.required_text("how");
    read_.request = table_.required_text("request");
    read_.item = table_.required_text("item");
    check_name();
    read_op(how);
    const bool asked = fits("request", {Side::kRequest, read_.request});
    const bool offered = fits("item", {Side::kItem, read_.item});
    read_weights();
    if (good_ && asked && offered) measure();
    if (!good_ || !asked || !offered) return std::nullopt;
    return std::move(read_);
  }

 private:
  void refuse(std::string_view key, std::string message) {
    table_.fault(key, std::move(message));
    good_ = false;
  }

  void check_name() {
    const std::string& name = read_.cross.name;
    if (!name.empty() && !is_identifier(name))
      refuse("name", "the cross's name " + quoted(name) + " should be letters, digits and underscores");
    if (used_.contains(name))
      refuse("name", "the name " + quoted(name) + " is already used by another feature or cross");
    good_ &= !name.empty();
  }

  void read_op(const std::string& how) {
    Cross& cross = read_.cross;
    known_op_ = true;
    if (const auto comparison = parse_comparison_symbol(how)) {
      cross.op = CrossOp::kCompare;
      cross.comparison = *comparison;
    } else if (const auto op = parse_cross_op(how)) {
      cross.op = *op;
    } else {
      known_op_ = good_ = false;
      std::string all;
      for (const std::string_view name : cross_op_names()) all += std::string{name} + ", ";
      if (!how.empty()) {
        refuse("how", "how should be " + all + "==, !=, <, <=, > or >=, not " + quoted(how) +
                          suggestion(how, cross_op_names()));
      }
    }
  }

  bool fits(std::string_view key, const NamedColumn& wanted) {
    if (wanted.name.empty()) return false;
    const CrossOp op = read_.cross.op;
    const bool of_number = !is_of_words(op) && !is_of_vectors(op) && !is_of_texts(op) && op != CrossOp::kDays;
    const KnownName* known = sides_.of(wanted.side).find(wanted.name);
    if (!known_op_ && known != nullptr) return true;
    if (of_number || known == nullptr || known->kind == Kind::kBroken)
      return is_number(table_.at(key), wanted, sides_, faults_);
    const std::string_view needed = lacking(op, *known);
    if (needed.empty()) return true;
    table_.fault(key, quoted(wanted.name) + where(wanted.side) + " is " +
                          std::string{described(known->kind)} + "; " + std::string{name_of(op)} +
                          " is made of " + std::string{needed});
    return false;
  }

  // The two settings of BM25.
  void read_weights() {
    constexpr double kMostK1 = 100;
    read_.cross.k1 = read_weight("k1", read_.cross.k1, kMostK1);
    read_.cross.b = read_weight("b", read_.cross.b, 1);
  }

  double read_weight(std::string_view key, double preset, double most) {
    if (table_.node(key) == nullptr) return preset;
    if (known_op_ && read_.cross.op != CrossOp::kMatch) {
      refuse(key, std::string{key} + " belongs to a match, and this is a cross of " +
                      std::string{name_of(read_.cross.op)});
      return preset;
    }
    const auto given = table_.number(key);
    if (given && *given >= 0 && *given <= most) return *given;
    if (given)
      refuse(key, std::string{key} + " should be 0 to " + describe_number(most) + ", not " +
                      describe_number(*given));
    good_ = false;
    return preset;
  }

  // How many numbers each side has, and in which units.
  void measure() {
    const KnownName& asked = *sides_.requests.find(read_.request);
    const KnownName& offered = *sides_.items.find(read_.item);
    Cross& cross = read_.cross;
    if (cross.op == CrossOp::kDays) {
      cross.request_unit = asked.seconds_per_unit / kSecondsOfDay;
      cross.item_unit = offered.seconds_per_unit / kSecondsOfDay;
    }
    if (!is_of_vectors(cross.op)) return;
    cross.size = cross.op == CrossOp::kDistanceKm ? 2 : asked.size;
    if (asked.size == offered.size) return;
    refuse("item", "the vector " + quoted(read_.item) + " has " + std::to_string(offered.size) +
                       " numbers, the request's " + quoted(read_.request) + " has " +
                       std::to_string(asked.size));
  }

  TomlTable& table_;
  const Sides& sides_;
  const std::set<std::string, std::less<>>& used_;
  FileFaults& faults_;
  CrossTable read_;
  bool known_op_ = true;
  bool good_ = true;
};

std::size_t column_of(const Schema& schema, const std::string& name, CrossOp op) {
  if (is_of_words(op)) return schema.word(name).value_or(0);
  if (is_of_texts(op)) return schema.text(name).value_or(0);
  if (!is_of_vectors(op)) return schema.column(name).value_or(0);
  return schema.column(column_names(*schema.field(name)).front()).value_or(0);
}

}  // namespace

bool is_number(FilePlace at, const NamedColumn& wanted, const Sides& sides, FileFaults& faults) {
  const KnownName* known = sides.of(wanted.side).find(wanted.name);
  if (known == nullptr) {
    faults.add(at, "there is no field " + quoted(wanted.name) + where(wanted.side) +
                       suggestion(wanted.name, sides.of(wanted.side).numbers()));
    return false;
  }
  if (known->kind != Kind::kNumber && known->kind != Kind::kBroken) {
    faults.add(at, quoted(wanted.name) + where(wanted.side) + " is " + std::string{described(known->kind)} +
                       ", no number" + instead_of(*known));
  }
  return known->kind == Kind::kNumber;
}

std::optional<CrossTable> read_cross_table(TomlTable& table, const Sides& sides,
                                           const std::set<std::string, std::less<>>& used,
                                           FileFaults& faults) {
  return CrossReader(table, sides, used, faults).read();
}

Cross placed(const CrossTable& table, const Schema& requests, const Schema& items) {
  Cross cross = table.cross;
  cross.request_column = column_of(requests, table.request, cross.op);
  cross.item_column = column_of(items, table.item, cross.op);
  return cross;
}

}  // namespace rankloop
