// Which changes of a domain a store with data can take over.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "domain/domain.h"
#include "domain/field_value.h"
#include "domain/fingerprint.h"
#include "domain/imported_names.h"

namespace rankloop {
namespace {

bool is_upper(Comparison op) {
  return op == Comparison::kLess || op == Comparison::kLessEqual;
}
bool is_lower(Comparison op) {
  return op == Comparison::kGreater || op == Comparison::kGreaterEqual;
}
bool is_strict(Comparison op) {
  return op == Comparison::kLess || op == Comparison::kGreater;
}

// Whether x <strong> a makes x <weak> b true for every x.
bool implies(Comparison strong, double a, Comparison weak, double b) {
  if (strong == Comparison::kEqual) return holds(a, weak, b);
  if (strong == Comparison::kNotEqual) return weak == Comparison::kNotEqual && a == b;
  const bool upper = is_upper(strong);
  const bool room = upper ? a < b : a > b;  // every allowed x lies strictly on the right side of b
  if (weak == Comparison::kNotEqual) return room || (a == b && is_strict(strong));
  if (upper ? !is_upper(weak) : !is_lower(weak)) return false;
  return room || (a == b && (is_strict(strong) || !is_strict(weak)));
}

bool implies(const Check& strong, const Check& weak) {
  if (strong.left != weak.left || strong.right != weak.right) return false;
  return implies(strong.op, strong.constant, weak.op, weak.constant);
}

double least(const Field& field) {
  const bool whole = field.type == FieldType::kInt || field.type == FieldType::kIntList;
  return field.minimum.value_or(whole ? kSmallestInt : -HUGE_VAL);
}
double largest(const Field& field) {
  const bool whole = field.type == FieldType::kInt || field.type == FieldType::kIntList;
  return field.maximum.value_or(whole ? kLargestInt : HUGE_VAL);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

constexpr std::string_view kRetrain =
    "models of before do not know it: they answer no more, until one is trained on it the order is random";

// Collects every change of one domain to another.
class ChangeList {
 public:
  ChangeList(const Domain& stored, const Domain& wanted) : stored_(stored), wanted_(wanted) {}

  std::vector<DomainChange> find() {
    compare_word("the domain's name", stored_.name, wanted_.name);
    compare_word("the item's noun", stored_.item.one, wanted_.item.one);
    compare_word("the item's plural", stored_.item.many, wanted_.item.many);
    compare_word("the item's id", stored_.item_id_field, wanted_.item_id_field);
    compare_word("the type of the item's id", type_of_id(stored_), type_of_id(wanted_));
    compare_word("the request's noun", stored_.request.one, wanted_.request.one);
    compare_word("the request's plural", stored_.request.many, wanted_.request.many);
    compare_schema("item", stored_.items, wanted_.items);
    compare_columns("item", Side::kItem);
    compare_schema("request", stored_.requests, wanted_.requests);
    compare_columns("request", Side::kRequest);
    compare_schema("candidate", stored_.candidate_fields, wanted_.candidate_fields);
    compare_derived("candidate", stored_.candidate_derived(), wanted_.candidate_derived());
    compare_features();
    compare_crosses();
    compare_rules();
    compare_wishes();
    compare_feedback();
    compare_histories();
    compare_person();
    compare_session();
    return std::move(changes_);
  }

 private:
  void refuse(std::string what) { changes_.push_back({std::move(what), "", false}); }
  void allow(std::string what, std::string_view means) {
    changes_.push_back({std::move(what), std::string{means}, true});
  }

  static std::string type_of_id(const Domain& domain) {
    return domain.item_id_type == ItemIdType::kText ? "string" : "int";
  }

  void compare_word(const std::string& what, const std::string& stored, const std::string& wanted) {
    if (stored != wanted) refuse(what + " was " + stored + ", is " + wanted);
  }

  void compare_schema(const std::string& side, const Schema& stored, const Schema& wanted) {
    for (const Field& field : stored.fields()) {
      const Field* now = wanted.field(field.name);
      if (now == nullptr)
        refuse(side + " field " + field.name + " is gone");
      else
        compare_field(side + " field " + field.name, field, *now);
    }
    for (const Field& field : wanted.fields()) {
      if (stored.field(field.name) == nullptr) add_field(side, field);
    }
    compare_derived(side, stored.derived(), wanted.derived());
    compare_checks(side, stored, wanted);
  }

  // By which names imports find the fields.
  void compare_columns(const std::string& side, Side which) {
    const ImportedNames before{stored_, which};
    const ImportedNames now{wanted_, which};
    for (const Field& field : stored_.ranked(which).fields()) {
      if (now.knows(field.name))
        compare_column(side + " field " + field.name, before.column_of(field.name),
                       now.column_of(field.name));
    }
    const std::string& id = stored_.item_id_field;
    if (which == Side::kItem && id == wanted_.item_id_field)
      compare_column("item's id " + id, before.column_of(id), now.column_of(id));
  }
  void compare_column(const std::string& what, std::string_view was, std::string_view is) {
    if (was == is) return;
    allow("imports find the " + what + " " + words_for(is) + ", no longer " + words_for(was),
          "what is stored stays as it is");
  }
  static std::string words_for(std::string_view column) {
    return column.empty() ? "by its name" : "as '" + std::string{column} + "'";
  }

  void compare_field(const std::string& name, const Field& stored, const Field& wanted) {
    const std::string before = canonical_text(stored);
    const std::string now = canonical_text(wanted);
    if (before == now) return;
    const std::string what = name + " was (" + before + "), is (" + now + ")";
    if (is_looser(stored, wanted))
      allow(what, "takes what it took, and more");
    else
      refuse(what);
  }

  void add_field(const std::string& side, const Field& field) {
    if (field.required)
      return refuse("the new " + side + " field " + field.name + " is required, but what is stored has none");
    const std::string what =
        "the " + side + " field " + field.name + " is new (" + canonical_text(field) + ")";
    allow(what, field.preset ? "what is stored takes its default" : "what is stored has none");
  }

  // Whether every value that the stored field allowed is still read as the same value.
  static bool is_looser(const Field& stored, const Field& wanted) {
    return stored.type == wanted.type && (stored.required || !wanted.required) &&
           least(wanted) <= least(stored) && largest(wanted) >= largest(stored) &&
           wanted.min_length <= stored.min_length && wanted.max_length >= stored.max_length &&
           (stored.required || (stored.preset == wanted.preset && stored.preset_now == wanted.preset_now)) &&
           stored.size == wanted.size && (stored.epoch == Epoch::kNone || stored.epoch == wanted.epoch) &&
           allows_words(stored.values, wanted.values);
  }

  static bool allows_words(const std::vector<std::string>& stored, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return true;
    return !stored.empty() && std::ranges::all_of(stored, [&](const std::string& word) {
      return std::ranges::find(wanted, word) != wanted.end();
    });
  }

  void compare_derived(const std::string& side, std::span<const DerivedField> stored,
                       std::span<const DerivedField> wanted) {
    for (const DerivedField& before : stored) {
      const auto now = std::ranges::find(wanted, before.name, &DerivedField::name);
      const std::string name = "derived " + side + " field " + before.name;
      if (now == wanted.end())
        refuse(name + " is gone");
      else if (canonical_text(*now) != canonical_text(before))
        refuse(name + " was (" + canonical_text(before) + "), is (" + canonical_text(*now) + ")");
    }
    for (const DerivedField& now : wanted) {
      if (std::ranges::find(stored, now.name, &DerivedField::name) == stored.end())
        allow("the derived " + side + " field " + now.name + " is new (" + canonical_text(now) + ")",
              "computed of what is stored, too");
    }
  }

  void compare_checks(const std::string& side, const Schema& stored, const Schema& wanted) {
    for (const Check& check : wanted.checks()) {
      const auto stronger = [&](const Check& before) { return implies(before, check); };
      if (std::none_of(stored.checks().begin(), stored.checks().end(), stronger))
        refuse("the " + side + " check " + canonical_text(check) + " is new or stricter");
    }
    for (const Check& check : stored.checks()) {
      const auto weaker = [&](const Check& now) { return implies(now, check); };
      if (std::none_of(wanted.checks().begin(), wanted.checks().end(), weaker))
        allow("the " + side + " check " + canonical_text(check) + " is gone or looser", "more is taken");
    }
  }

  static const std::string& column_name(const Domain& domain, const Feature& feature) {
    const Schema& schema = domain.ranked(feature.side);
    return (feature.has_words() ? schema.words() : schema.columns())[feature.column];
  }
  static bool same(const Domain& one, const Feature& a, const Domain& other, const Feature& b) {
    return a.side == b.side && column_name(one, a) == column_name(other, b);
  }

  void compare_features() {
    auto from = wanted_.features.begin();
    for (const Feature& feature : stored_.features) {
      const auto found = std::ranges::find_if(
          wanted_.features, [&](const Feature& now) { return same(wanted_, now, stored_, feature); });
      if (found == wanted_.features.end())
        refuse("the feature " + feature.name + " is gone");
      else if (found < from)
        refuse("the feature " + feature.name + " has moved");
      else
        from = found;
    }
    std::vector<std::string> added;
    for (const Feature& now : wanted_.features) {
      if (std::ranges::none_of(stored_.features,
                               [&](const Feature& before) { return same(wanted_, now, stored_, before); }))
        added.push_back(now.name);
    }
    if (!added.empty()) allow("new among the features: " + listed(added), kRetrain);
  }

  static std::string text_of(const Domain& domain, const Cross& cross) {
    const std::string op{cross.op == CrossOp::kCompare ? symbol(cross.comparison) : name_of(cross.op)};
    const auto names = [&](const Schema& schema) {
      if (is_of_texts(cross.op)) return schema.texts();
      return is_of_words(cross.op) ? schema.words() : schema.columns();
    };
    std::string text = names(domain.requests)[cross.request_column] + " " + op + " " +
                       names(domain.candidates)[cross.item_column];
    if (cross.op == CrossOp::kMatch)
      text += " (k1 " + describe_number(cross.k1) + ", b " + describe_number(cross.b) + ")";
    return text;
  }

  void compare_crosses() {
    for (const Cross& cross : stored_.crosses) {
      if (cross.op == CrossOp::kHistory) continue;
      const auto found = std::ranges::find(wanted_.crosses, cross.name, &Cross::name);
      if (found == wanted_.crosses.end())
        refuse("the cross " + cross.name + " is gone");
      else
        compare_word("the cross " + cross.name, text_of(stored_, cross), text_of(wanted_, *found));
    }
    std::vector<std::string> added;
    for (const Cross& now : wanted_.crosses) {
      if (now.op == CrossOp::kHistory) continue;
      if (std::ranges::find(stored_.crosses, now.name, &Cross::name) == stored_.crosses.end())
        added.push_back(now.name);
    }
    if (!added.empty()) allow("new among the crosses: " + listed(added), kRetrain);
  }

  static bool same_rule(const Rule& one, const Rule& other) {
    return one.text == other.text && one.absent_passes == other.absent_passes;
  }

  void compare_rules() {
    for (const Rule& rule : stored_.rules) {
      if (std::ranges::none_of(wanted_.rules, [&](const Rule& now) { return same_rule(now, rule); }))
        refuse("the rule " + rule.text + " is gone");
    }
    for (const Rule& rule : wanted_.rules) {
      if (std::ranges::none_of(stored_.rules, [&](const Rule& before) { return same_rule(before, rule); }))
        allow("the rule " + rule.text + " is new", "what breaks it is not shown any more");
    }
  }

  // A ranking keeps what was wished of it.
  void compare_wishes() {
    for (const Wish& wish : stored_.wishes) {
      const Wish* const now = wanted_.wish(wish.name);
      if (now == nullptr)
        allow("the wish " + wish.name + " is gone", "");
      else if (described(wish) != described(*now))
        allow("the wish " + wish.name + " was (" + described(wish) + "), is (" + described(*now) + ")", "");
    }
    for (const Wish& wish : wanted_.wishes) {
      if (stored_.wish(wish.name) == nullptr)
        allow("the wish " + wish.name + " is new (" + described(wish) + ")",
              "holds of every list from then on");
    }
  }

  // What was told is kept as it was; what it is worth is found when it is learned from.
  void compare_feedback() {
    for (const FeedbackRule& rule : stored_.feedback) {
      const FeedbackRule* const now = rule_of(wanted_.feedback, rule.name);
      const std::string name = "the feedback " + rule.name;
      if (now == nullptr)
        allow(name + " is gone", "what was told of it counts no more");
      else if (canonical_text(rule) != canonical_text(*now))
        allow(name + " was (" + canonical_text(rule) + "), is (" + canonical_text(*now) + ")",
              "trainings from now on count it so, also what was told before");
    }
    for (const FeedbackRule& rule : wanted_.feedback) {
      if (rule_of(stored_.feedback, rule.name) == nullptr)
        allow("the feedback " + rule.name + " is new (" + canonical_text(rule) + ")", "");
    }
  }

  // Nothing of a history is stored: each is computed from the ledger.
  void compare_histories() {
    const auto find = [](const Domain& domain, const std::string& name) -> const HistoryFeature* {
      const auto found = std::ranges::find(domain.histories, name, &HistoryFeature::name);
      return found == domain.histories.end() ? nullptr : &*found;
    };
    for (const HistoryFeature& history : stored_.histories) {
      const HistoryFeature* const now = find(wanted_, history.name);
      const std::string was = canonical_text(stored_, history);
      if (now == nullptr)
        allow("the history " + history.name + " is gone", kRetrain);
      else if (const std::string is = canonical_text(wanted_, *now); was != is)
        allow("the history " + history.name + " was (" + was + "), is (" + is + ")", kRetrain);
    }
    for (const HistoryFeature& history : wanted_.histories) {
      if (find(stored_, history.name) == nullptr)
        allow("the history " + history.name + " is new (" + canonical_text(wanted_, history) + ")", kRetrain);
    }
  }

  // What was stored stays as it was; which of it requests take is found when they come.
  void compare_person() {
    for (const Field& field : stored_.person.fields()) {
      if (wanted_.person.field(field.name) == nullptr)
        allow("the request field " + field.name + " is no longer stored of persons",
              "requests have to say it again; what is stored of it goes with the next change of a person");
    }
    for (const Field& field : wanted_.person.fields()) {
      if (stored_.person.field(field.name) == nullptr)
        allow("the request field " + field.name + " may be stored of persons",
              "a request that names a person and lacks it takes what is stored");
    }
  }

  static std::string key_of_session(const Domain& domain) {
    return domain.session ? domain.requests.words()[*domain.session] : "";
  }

  void compare_session() {
    const std::string was = key_of_session(stored_);
    const std::string is = key_of_session(wanted_);
    if (was == is) return;
    const std::string means =
        "what is within a session is counted so from now on, also of what happened before";
    allow(is.empty()
              ? "the request field " + was + " names no session any more"
              : "the request field " + is + " names the session" + (was.empty() ? "" : ", which was " + was),
          means);
  }

  const Domain& stored_;
  const Domain& wanted_;
  std::vector<DomainChange> changes_;
};

}  // namespace

std::vector<DomainChange> domain_changes(const Domain& stored, const Domain& wanted) {
  return ChangeList(stored, wanted).find();
}

Status check_domain_change(const Domain& stored, const Domain& wanted) {
  std::vector<std::string> refused;
  for (DomainChange& change : domain_changes(stored, wanted)) {
    if (!change.additive) refused.push_back(std::move(change.what));
  }
  if (refused.empty()) return {};
  std::string message = "the store was made with another domain, and this one does more than add to it: ";
  for (std::size_t i = 0; i < refused.size(); ++i) message += (i > 0 ? "; " : "") + refused[i];
  return Error{ErrorCode::kFailedPrecondition, std::move(message)};
}

}  // namespace rankloop
