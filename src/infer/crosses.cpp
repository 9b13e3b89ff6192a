// Which fields of both sides speak of the same.
#include <algorithm>
#include <array>
#include <span>

#include "infer/column_name.h"
#include "infer/domain_draft.h"

namespace rankloop::infer {
namespace {

constexpr std::size_t kMostCrosses = 40;
constexpr std::size_t kMostRules = 20;

bool have(const NameWords& name, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return name.have(word); });
}
bool is_moment(const FieldDraft& field) {
  return field.type.field.type == FieldType::kTime || field.type.field.type == FieldType::kDate;
}
bool is_number(const FieldDraft& field) {
  return field.type.field.type == FieldType::kInt || field.type.field.type == FieldType::kFloat;
}
bool is_word(const FieldDraft& field) {
  return field.type.field.type == FieldType::kCategory || field.type.field.type == FieldType::kString;
}
// What is read word by word: prose, titles, what was typed into a search.
bool is_text(const FieldDraft& field) {
  constexpr std::array<std::string_view, 6> kTyped = {"query", "search", "keywords", "text", "q", "wish"};
  if (field.type.field.type == FieldType::kText) return true;
  const NameWords name(field.report.column);
  return field.type.field.type == FieldType::kString && (name.say(Hint::kTitle) || have(name, kTyped));
}
bool is_tags(const FieldDraft& field) {
  return field.type.field.type == FieldType::kTags;
}

// What a name is about, without who asks for it and how: "preferred_genres" and "genre" have "genre".
std::string core_of(const std::string& column, const std::string& noun) {
  constexpr std::array<std::string_view, 27> kAround = {
      "user",    "request", "preferred", "favourite", "favorite", "wanted", "wants",   "liked",    "likes",
      "max",     "min",     "maximum",   "minimum",   "query",    "search", "desired", "target",   "item",
      "product", "my",      "home",      "has",       "is",       "needs",  "prop",    "customer", "visitor"};
  std::string core;
  const NameWords name(column);
  for (const std::string& word : name.all()) {
    if (std::find(kAround.begin(), kAround.end(), word) != kAround.end() || word == noun) continue;
    core += (core.empty() ? "" : "_") + singular(word);
  }
  return core;
}

bool is_price(const FieldDraft& field) {
  constexpr std::array<std::string_view, 5> kPrices = {"price", "cost", "fare", "rent", "fee"};
  return is_number(field) && have(NameWords(field.report.column), kPrices);
}
bool is_budget(const FieldDraft& field) {
  const NameWords name(field.report.column);
  constexpr std::array<std::string_view, 3> kMost = {"max", "maximum", "most"};
  return is_number(field) && (name.have("budget") || (is_price(field) && have(name, kMost)));
}

const std::unordered_map<std::string, std::uint32_t>* words_of(const FieldDraft& field) {
  if (field.seen == nullptr) return nullptr;
  if (is_word(field)) return &field.seen->words.words();
  if (!is_tags(field)) return nullptr;
  if (field.seen->word_lists > 0) return &field.seen->listed.words();
  for (const SeparatedWords& each : field.seen->separated) {
    if (field.type.field.separator[0] == each.separator) return &each.words.words();
  }
  return nullptr;
}

class CrossFinder {
 public:
  explicit CrossFinder(Draft& draft) : draft_(draft) {}

  void find() {
    for (const FieldDraft& request : draft_.requests.fields) {
      if (!request.is_field()) continue;
      for (const FieldDraft& item : draft_.items.fields) {
        if (item.is_field()) match(request, item);
      }
    }
    for (const FieldDraft& item : draft_.items.fields) {
      const bool flag = item.is_field() && item.type.field.type == FieldType::kBool;
      if (flag && NameWords(item.report.column).say(Hint::kListed))
        rule("item." + item.report.field + " == true");
    }
  }

 private:
  void match(const FieldDraft& request, const FieldDraft& item) {
    const FieldType asked = request.type.field.type;
    const FieldType offered = item.type.field.type;
    if (asked == FieldType::kPlace && offered == asked) return add(request, item, "distance_km", "km");
    if (asked == FieldType::kVector && offered == asked) {
      if (request.type.field.size == item.type.field.size) add(request, item, "cosine", "cosine");
      return;
    }
    if (is_moment(request) && is_moment(item)) return add(request, item, "days", "days");
    if (is_number(request) && is_number(item)) return match_numbers(request, item);
    if (is_text(request) && is_text(item)) return add(request, item, "match", "match");
    const bool about = same_core(request, item);
    if (about && asked == FieldType::kBool && offered == asked) return add(request, item, "and", "both");
    if ((is_word(request) || is_tags(request)) && (is_word(item) || is_tags(item)) &&
        (about || share_words(request, item)))
      match_words(request, item);
  }

  bool same_core(const FieldDraft& request, const FieldDraft& item) const {
    const std::string core = core_of(request.report.column, draft_.items.noun);
    return !core.empty() && core == core_of(item.report.column, draft_.items.noun);
  }

  // Nearly all words of the request are the item's too.
  static bool share_words(const FieldDraft& request, const FieldDraft& item) {
    const auto* asked = words_of(request);
    const auto* offered = words_of(item);
    constexpr std::size_t kFewest = 3;
    if (asked == nullptr || offered == nullptr || request.type.of_codes || item.type.of_codes) return false;
    if (asked->size() < kFewest || offered->size() < kFewest) return false;
    const auto known = std::count_if(asked->begin(), asked->end(),
                                     [&](const auto& each) { return offered->contains(each.first); });
    return static_cast<std::size_t>(known) * 10 >= asked->size() * 9;
  }

  void match_numbers(const FieldDraft& request, const FieldDraft& item) {
    const NameWords name(request.report.column);
    constexpr std::array<std::string_view, 2> kLeast = {"min", "minimum"};
    constexpr std::array<std::string_view, 2> kMost = {"max", "maximum"};
    const bool budget = is_budget(request) && is_price(item);
    if (budget || (same_core(request, item) && have(name, kMost))) {
      add(request, item, ">=", "within");
      add(request, item, "ratio", "ratio");
      return rule("item." + item.report.field + " <= request." + request.report.field, request, item);
    }
    if (!same_core(request, item)) return;
    if (have(name, kLeast)) {
      add(request, item, "<=", "reaches");
      return rule("item." + item.report.field + " >= request." + request.report.field, request, item);
    }
    add(request, item, "difference", "difference");
  }

  void match_words(const FieldDraft& request, const FieldDraft& item) {
    const std::string both = "item." + item.report.field;
    const std::string asked = "request." + request.report.field;
    if (is_tags(request)) {
      add(request, item, "coverage", "share");
      return rule(both + " any of " + asked);
    }
    if (is_tags(item)) {
      add(request, item, "contains", "has");
      return rule(both + " contains " + asked);
    }
    add(request, item, "same", "same");
    rule(both + " == " + asked);
  }

  void add(const FieldDraft& request, const FieldDraft& item, const std::string& how,
           const std::string& stem) {
    if (draft_.crosses.size() >= kMostCrosses || names_.size() >= kMostCrosses) return;
    const std::string base = stem + "_" + item.report.field;
    std::string name = base.substr(0, 64);
    const auto taken = [&] {
      return names_.contains(name) || draft_.items.names.contains(name) ||
             draft_.requests.names.contains(name);
    };
    for (int i = 2; taken(); ++i) name = base.substr(0, 60) + "_" + std::to_string(i);
    names_.insert(name);
    draft_.crosses.push_back({name, how, request.report.field, item.report.field, {}});
  }

  void rule(const std::string& must, const FieldDraft& request, const FieldDraft& item) {
    const bool whole = request.type.field.type == FieldType::kInt || item.type.field.type == FieldType::kInt;
    rule(must + (whole ? "\"   # whole numbers declare minimum and maximum first" : ""));
  }
  void rule(const std::string& must) {
    if (draft_.rules.size() < kMostRules) draft_.rules.push_back(must);
  }

  Draft& draft_;
  std::set<std::string> names_;
};

}  // namespace

void add_crosses(Draft& draft) {
  CrossFinder(draft).find();
}

}  // namespace rankloop::infer
