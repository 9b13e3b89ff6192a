// Which changes of a domain a store with data can take over.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "domain/domain.h"
#include "domain/field_value.h"
#include "domain/fingerprint.h"

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

// Collects every change of one domain to another that is not additive.
class ChangeList {
 public:
  ChangeList(const Domain& stored, const Domain& wanted) : stored_(stored), wanted_(wanted) {}

  std::vector<std::string> find() {
    compare_word("the domain's name", stored_.name, wanted_.name);
    compare_word("the item's noun", stored_.item.one, wanted_.item.one);
    compare_word("the item's plural", stored_.item.many, wanted_.item.many);
    compare_word("the item's id", stored_.item_id_field, wanted_.item_id_field);
    compare_word("the request's noun", stored_.request.one, wanted_.request.one);
    compare_word("the request's plural", stored_.request.many, wanted_.request.many);
    compare_schema("item", stored_.items, wanted_.items);
    compare_schema("request", stored_.requests, wanted_.requests);
    compare_features();
    compare_crosses();
    compare_rules();
    return std::move(changes_);
  }

 private:
  void compare_word(const std::string& what, const std::string& stored, const std::string& wanted) {
    if (stored != wanted) changes_.push_back(what + " was " + stored + ", is " + wanted);
  }

  void compare_schema(const std::string& side, const Schema& stored, const Schema& wanted) {
    for (const Field& field : stored.fields()) {
      const Field* now = wanted.field(field.name);
      const std::string name = side + " field " + field.name;
      if (now == nullptr)
        changes_.push_back(name + " is gone");
      else if (!is_looser(field, *now)) {
        changes_.push_back(name + " was (" + canonical_text(field) + "), is (" + canonical_text(*now) + ")");
      }
    }
    for (const Field& field : wanted.fields()) {
      if (stored.field(field.name) == nullptr && field.required) {
        changes_.push_back("the new " + side + " field " + field.name +
                           " is required, but what is stored has none");
      }
    }
    compare_derived(side, stored, wanted);
    for (const Check& check : wanted.checks()) {
      const auto stronger = [&](const Check& before) { return implies(before, check); };
      if (std::none_of(stored.checks().begin(), stored.checks().end(), stronger)) {
        changes_.push_back("the " + side + " check " + canonical_text(check) + " is new or stricter");
      }
    }
  }

  // Whether every value that the stored field allowed is still read as the same value.
  static bool is_looser(const Field& stored, const Field& wanted) {
    return stored.type == wanted.type && (stored.required || !wanted.required) &&
           least(wanted) <= least(stored) && largest(wanted) >= largest(stored) &&
           wanted.min_length <= stored.min_length && wanted.max_length >= stored.max_length &&
           (stored.required || (stored.preset == wanted.preset && stored.preset_now == wanted.preset_now)) &&
           stored.size == wanted.size &&
           (stored.epoch == Epoch::kNone || stored.epoch == wanted.epoch) &&
           allows_words(stored.values, wanted.values);
  }

  static bool allows_words(const std::vector<std::string>& stored, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return true;
    return !stored.empty() && std::ranges::all_of(stored, [&](const std::string& word) {
      return std::ranges::find(wanted, word) != wanted.end();
    });
  }

  void compare_derived(const std::string& side, const Schema& stored, const Schema& wanted) {
    for (const DerivedField& before : stored.derived()) {
      const auto same_name = [&](const DerivedField& each) { return each.name == before.name; };
      const auto now = std::find_if(wanted.derived().begin(), wanted.derived().end(), same_name);
      const std::string name = "derived " + side + " field " + before.name;
      if (now == wanted.derived().end())
        changes_.push_back(name + " is gone");
      else if (canonical_text(*now) != canonical_text(before)) {
        changes_.push_back(name + " was (" + canonical_text(before) + "), is (" + canonical_text(*now) + ")");
      }
    }
  }

  static const std::string& column_name(const Domain& domain, const Feature& feature) {
    const Schema& schema = feature.side == Side::kItem ? domain.items : domain.requests;
    return (feature.has_words() ? schema.words() : schema.columns())[feature.column];
  }

  void compare_features() {
    auto from = wanted_.features.begin();
    for (const Feature& feature : stored_.features) {
      const auto same = [&](const Feature& now) {
        return now.side == feature.side && column_name(wanted_, now) == column_name(stored_, feature);
      };
      const auto found = std::find_if(wanted_.features.begin(), wanted_.features.end(), same);
      if (found == wanted_.features.end())
        changes_.push_back("the feature " + feature.name + " is gone");
      else if (found < from)
        changes_.push_back("the feature " + feature.name + " has moved");
      else
        from = found;
    }
  }

  static std::string text_of(const Domain& domain, const Cross& cross) {
    const std::string op{cross.op == CrossOp::kCompare ? symbol(cross.comparison) : name_of(cross.op)};
    const auto names = [&](const Schema& schema) { return is_of_words(cross.op) ? schema.words() : schema.columns(); };
    return names(domain.requests)[cross.request_column] + " " + op + " " + names(domain.items)[cross.item_column];
  }

  void compare_crosses() {
    for (const Cross& cross : stored_.crosses) {
      const auto same_name = [&](const Cross& now) { return now.name == cross.name; };
      const auto found = std::find_if(wanted_.crosses.begin(), wanted_.crosses.end(), same_name);
      if (found == wanted_.crosses.end())
        changes_.push_back("the cross " + cross.name + " is gone");
      else
        compare_word("the cross " + cross.name, text_of(stored_, cross), text_of(wanted_, *found));
    }
  }

  void compare_rules() {
    for (const Rule& rule : stored_.rules) {
      const auto same = [&](const Rule& now) { return now.text == rule.text; };
      if (std::none_of(wanted_.rules.begin(), wanted_.rules.end(), same)) {
        changes_.push_back("the rule " + rule.text + " is gone");
      }
    }
  }

  const Domain& stored_;
  const Domain& wanted_;
  std::vector<std::string> changes_;
};

}  // namespace

Status check_domain_change(const Domain& stored, const Domain& wanted) {
  const std::vector<std::string> changes = ChangeList(stored, wanted).find();
  if (changes.empty()) return {};
  std::string message = "the store was made with another domain, and this one does more than add to it: ";
  for (std::size_t i = 0; i < changes.size(); ++i) message += (i > 0 ? "; " : "") + changes[i];
  return Error{ErrorCode::kFailedPrecondition, std::move(message)};
}

}  // namespace rankloop
