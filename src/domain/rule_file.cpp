// Reads the table of one rule: its text as a tree of conditions, over fields that a catalog in memory can
// compare exactly.
#include "domain/rule_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "domain/calendar.h"
#include "domain/rule_words.h"
#include "domain/scalar_value.h"

namespace rankloop {
namespace {

using Known = KnownName::Kind;
using Kind = RuleCondition::Kind;
using Word = RuleWord::Kind;

constexpr double kLargestExactFloat = 16'777'216;  // 2^24: beyond it a float32 skips whole numbers
constexpr std::size_t kMostWords = 512;            // of a rule's text
constexpr int kDeepest = 32;                       // parentheses and nots in each other

bool is_words(const KnownName& known) {
  return known.kind == Known::kWord || known.kind == Known::kWords;
}

RuleCondition negated(RuleCondition condition) {
  RuleCondition made{.kind = Kind::kNot};
  made.parts.push_back(std::move(condition));
  return made;
}

// An operand with what is known of its field.
struct Read {
  RuleCondition::Operand operand;
  const KnownName* known = nullptr;  // none: a constant
  std::optional<std::string> quoted_word;
  bool is_list = false;
  bool of_words() const { return known != nullptr ? is_words(*known) : quoted_word || is_list; }
};

class RuleReader {
 public:
  RuleReader(TomlTable& table, std::string_view key, const PlacedText& text, const Sides& sides)
      : table_(table), key_(key), at_place_(text.at), must_(text.text), sides_(sides) {}

  std::optional<ReadRule> read() {
    auto words = rule_words(must_);
    if (!words || words->size() > kMostWords) return misread(), std::nullopt;
    words_ = *std::move(words);
    auto must = read_any();
    if (must && word().kind != Word::kEnd) misread();
    if (!must || !good_) return std::nullopt;
    return ReadRule{*std::move(must), joined(words_)};
  }

 private:
  using Part = std::optional<RuleCondition>;

  const RuleWord& word() const { return words_[at_]; }
  bool take(std::string_view text) {
    if (word().kind == Word::kQuoted || word().text != text) return false;
    ++at_;
    return true;
  }

  void refuse(std::string message) {
    table_.fault_at(at_place_, std::move(message));
    good_ = false;
  }

  Part misread() {
    if (good_) {
      refuse(key_ +
             " should read item.FIELD == request.FIELD, or with a number or a \"word\" at the right (or "
             "!=, <, "
             "<=, >, >=, in, contains, any of, is absent), joined by and, or, not; not " +
             quoted(must_));
    }
    return std::nullopt;
  }

  // Parts joined by the same word.
  template <class ReadPart>
  Part read_joined(std::string_view join, Kind kind, ReadPart read_part) {
    Part first = read_part();
    if (!first || !take(join)) return first;
    RuleCondition all{.kind = kind};
    all.parts.push_back(*std::move(first));
    do {
      Part next = read_part();
      if (!next) return std::nullopt;
      all.parts.push_back(*std::move(next));
    } while (take(join));
    return all;
  }

  Part read_any() {
    return read_joined("or", Kind::kOr,
                       [this] { return read_joined("and", Kind::kAnd, [this] { return read_unary(); }); });
  }

  Part read_unary() {
    if (++depth_ > kDeepest) return misread();
    Part part;
    if (take("not")) {
      part = read_unary();
      if (part) part = negated(*std::move(part));
    } else if (take("(")) {
      part = read_any();
      if (part && !take(")")) part = misread();
    } else {
      part = read_term();
    }
    --depth_;
    return part;
  }

  Part read_term() {
    auto left = read_operand();
    if (!left) return std::nullopt;
    if (take("is")) return read_presence(*left);
    const std::string relation = word().text;
    if (word().kind == Word::kQuoted || word().kind == Word::kEnd) return misread();
    ++at_;
    if (relation == "any" && !take("of")) return misread();
    auto right = read_operand();
    if (!right) return std::nullopt;
    if (relation == "in" || relation == "contains" || relation == "any")
      return of_words(Kind::kCommon, relation, std::move(*left), std::move(*right));
    const auto op = parse_comparison_symbol(relation);
    if (!op) return misread();
    if (left->of_words() || right->of_words())
      return compared_words(*op, std::move(*left), std::move(*right));
    return compared(*op, std::move(*left), std::move(*right));
  }

  Part read_presence(const Read& field) {
    const bool present = take("present");
    if ((!present && !take("absent")) || field.known == nullptr) return misread();
    RuleCondition absent{.kind = Kind::kAbsent, .of_words = is_words(*field.known), .left = field.operand};
    if (!absent.of_words && field.known->kind != Known::kNumber) {
      refuse(must_ + ": only numbers and words are known to be absent");
      return std::nullopt;
    }
    return present ? negated(std::move(absent)) : std::move(absent);
  }

  std::optional<Read> read_operand() {
    const RuleWord first = word();
    if (first.kind == Word::kEnd) return misread(), std::nullopt;
    ++at_;
    Read read;
    if (first.kind == Word::kQuoted) {
      read.quoted_word = first.text;
      read.operand.words = {first.text};
      return read;
    }
    if (first.text == "[") return read_list();
    const bool of_item = first.text.starts_with("item.");
    if (of_item || first.text.starts_with("request.")) return read_field(first.text, of_item);
    const auto constant = parse_constant(first.text);
    if (!constant) return misread(), std::nullopt;
    read.operand.constant = *constant;
    read.operand.name = first.text;
    return read;
  }

  std::optional<Read> read_list() {
    Read read;
    read.is_list = true;
    do {
      if (word().kind != Word::kQuoted) return misread(), std::nullopt;
      read.operand.words.push_back(word().text);
      ++at_;
    } while (take(","));
    if (!take("]")) return misread(), std::nullopt;
    return read;
  }

  // A field that is not there is told, and reading goes on, so that the other side is looked at, too.
  std::optional<Read> read_field(const std::string& text, bool of_item) {
    Read read;
    read.operand.side = of_item ? Side::kItem : Side::kRequest;
    read.operand.name = text.substr(text.find('.') + 1);
    read.known = sides_.of(*read.operand.side).find(read.operand.name);
    if (read.known != nullptr) {
      good_ &= read.known->kind != Known::kBroken;
      return read;
    }
    std::vector<std::string_view> names;
    for (const KnownName& each : sides_.of(*read.operand.side).names) names.push_back(each.name);
    refuse("there is no field " + text + suggestion(read.operand.name, names));
    static const KnownName kBroken{{}, Known::kBroken};
    read.known = &kBroken;
    return read;
  }

  static std::string text_of(const RuleCondition::Operand& operand) {
    if (!operand.side) return operand.name;
    return (*operand.side == Side::kItem ? "item." : "request.") + operand.name;
  }

  // One side at most is the item's, and then it is the left one.
  bool in_order(Read& left, Read& right) {
    if (right.operand.side != Side::kItem) return true;
    if (left.operand.side == Side::kItem) {
      refuse(text_of(left.operand) + " and " + text_of(right.operand) +
             " are both of the item; derive a field from them");
      return false;
    }
    std::swap(left, right);
    return true;
  }

  Part compared_words(Comparison op, Read left, Read right) {
    const bool equality = op == Comparison::kEqual || op == Comparison::kNotEqual;
    const auto is_number =
        [&](const Read& read) {  // a moment is one, too, and may be compared with a quoted one
          return read.known != nullptr && read.known->kind == Known::kNumber &&
                 (!equality || read.known->seconds_per_unit > 0);
        };
    if (is_number(left) || is_number(right)) return compared(op, std::move(left), std::move(right));
    if (!equality) {
      refuse("words are only the same or not (==, !=), in " + must_);
      return std::nullopt;
    }
    Part same = of_words(Kind::kSame, "==", std::move(left), std::move(right));
    return same && op == Comparison::kNotEqual ? negated(*std::move(same)) : std::move(same);
  }

  Part of_words(Kind kind, const std::string& relation, Read left, Read right) {
    for (const Read* each : {&left, &right}) {
      const bool broken = each->known != nullptr && each->known->kind == Known::kBroken;
      if (each->of_words() || broken) continue;
      refuse(text_of(each->operand) + " is " +
             std::string{each->known != nullptr ? described(each->known->kind) : "a number"} + "; " +
             (relation == "any" ? "any of" : relation) + " compares words, as \"red\" or [\"a\", \"b\"]");
      return std::nullopt;
    }
    if (!in_order(left, right)) return std::nullopt;
    return RuleCondition{.kind = kind, .of_words = true, .left = left.operand, .right = right.operand};
  }

  Part compared(Comparison op, Read left, Read right) {
    const bool swapped = right.operand.side == Side::kItem && left.operand.side != Side::kItem;
    if (!in_order(left, right)) return std::nullopt;
    if (swapped) op = mirrored(op);
    const bool both = left.known != nullptr && right.known != nullptr;
    if (both && left.known->seconds_per_unit != right.known->seconds_per_unit) {
      refuse(text_of(left.operand) + " and " + text_of(right.operand) +
             " have different units; derive days or compare like with like");
      return std::nullopt;
    }
    bool fits = fits_number(left, op);
    fits = fits_number(right, op) && fits;
    fits = fits && fits_constant(left, right) && fits_constant(right, left);
    if (!fits) return std::nullopt;
    return RuleCondition{.kind = Kind::kCompare, .op = op, .left = left.operand, .right = right.operand};
  }

  // Rules compare float32 values of the catalog in memory, so the numbers must survive that.
  bool fits_number(const Read& read, Comparison op) {
    if (read.known == nullptr) return true;
    const KnownName& known = *read.known;
    const std::string name = text_of(read.operand);
    if (known.kind == Known::kBroken) return good_ = false;
    if (known.kind != Known::kNumber) {
      refuse(name + " is " + std::string{described(known.kind)} + ", no number");
      return false;
    }
    const bool small = known.low >= -kLargestExactFloat && known.high <= kLargestExactFloat;
    const bool equality = op == Comparison::kEqual || op == Comparison::kNotEqual;
    if (known.whole && !small) {
      refuse(name +
             " should declare a minimum and a maximum within ±16777216 (2^24), so "
             "that a rule compares it exactly");
    } else if (!known.whole && equality) {
      refuse(name + " is no whole number; a rule can only order it (<, <=, >, >=)");
    }
    return known.whole ? small : !equality;
  }

  // A constant beside a moment is one, too; another one must be exact as float32.
  bool fits_constant(Read& read, const Read& beside) {
    if (read.known != nullptr) return true;
    const double unit = beside.known != nullptr ? beside.known->seconds_per_unit : 0;
    if (read.quoted_word && unit > 0) {
      const auto moment = parse_moment(*read.quoted_word);
      const auto day = parse_date(*read.quoted_word);
      if (moment)
        read.operand.constant = static_cast<double>(moment->time_since_epoch().count()) / 1000 / unit;
      if (day) read.operand.constant = static_cast<double>(day->time_since_epoch().count()) * 86'400 / unit;
      if (moment || day) return true;
    }
    const bool exact =
        static_cast<double>(static_cast<float>(read.operand.constant)) == read.operand.constant;
    if (read.of_words()) {
      refuse(quoted(read.operand.words.front()) + " is no " + (unit > 0 ? "moment" : "number") + ", in " +
             must_);
    } else if (!exact) {
      refuse("the number " + read.operand.name + " is not exact in single precision; choose a near one");
    }
    return exact && !read.of_words();
  }

  TomlTable& table_;
  const std::string key_;
  const FilePlace at_place_;
  const std::string must_;
  const Sides& sides_;
  std::vector<RuleWord> words_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool good_ = true;
};

void place(RuleCondition::Operand& operand, bool of_words, const Schema& requests, const Schema& items) {
  if (!operand.side) return;
  const Schema& schema = *operand.side == Side::kItem ? items : requests;
  operand.column = (of_words ? schema.word(operand.name) : schema.column(operand.name)).value_or(0);
}

}  // namespace

std::optional<Rule> read_rule_table(TomlTable& table, const Sides& sides) {
  const std::string must = table.required_text("must");
  const auto absent = table.text("absent");
  const bool known = !absent || *absent == "breaks" || *absent == "passes";
  if (!known) table.fault("absent", "absent should be breaks or passes, not " + quoted(*absent));
  if (must.empty()) return std::nullopt;
  auto read = read_rule_text(table, "must", {must, table.at("must")}, sides);
  if (!read || !known) return std::nullopt;
  return Rule{std::move(read->condition), std::move(read->text), absent == "passes"};
}

std::optional<ReadRule> read_rule_text(TomlTable& table, std::string_view key, const PlacedText& text,
                                       const Sides& sides) {
  return RuleReader(table, key, text, sides).read();
}

void place(RuleCondition& condition, const Schema& requests, const Schema& items) {
  place(condition.left, condition.of_words, requests, items);
  place(condition.right, condition.of_words, requests, items);
  for (RuleCondition& part : condition.parts) place(part, requests, items);
}

}  // namespace rankloop
