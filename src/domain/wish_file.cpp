// Reads wishes, and refuses those that say nothing of any list.
#include "domain/wish_file.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "domain/calendar.h"
#include "domain/field_value.h"
#include "domain/rule_file.h"
#include "domain/units.h"

namespace rankloop {
namespace {

using How = Wish::How;

constexpr double kMostTimes = 1'000'000;
constexpr double kMostBoost = 20;  // log-odds: the least likely item comes before the likeliest one
constexpr std::size_t kMostPosition = 1'000;
constexpr std::size_t kMostConditions = 16;
constexpr std::string_view kSession = "session";

std::string listed(std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string{name};
  return all;
}

class WishReader {
 public:
  WishReader(TomlTable& table, const Sides& sides, std::span<const FeedbackRule> kinds)
      : table_(table), sides_(sides), kinds_(kinds) {}

  std::optional<Wish> read() {
    wish_.name = needed("name");
    if (!wish_.name.empty() && !is_identifier(wish_.name))
      refuse("name", "the wish's name " + quoted(wish_.name) +
                         " should be a letter, then letters, digits and underscores, at most 64 in all");
    good_ &= !wish_.name.empty();
    if (!read_how()) return std::nullopt;
    read_terms();
    read_dates();
    table_.finish();
    return good_ ? std::optional(std::move(wish_)) : std::nullopt;
  }

 private:
  void refuse(std::string_view key, std::string message) {
    table_.fault(key, std::move(message));
    good_ = false;
  }

  std::string needed(std::string_view key) {
    std::string text = table_.required_text(key);
    if (const toml::node* given = table_.node(key); text.empty() && given != nullptr && given->is_string())
      refuse(key, std::string{key} + " should not be empty");
    return text;
  }

  bool read_how() {
    const std::string text = needed("how");
    const auto names = wish_names();
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) {
      if (!text.empty())
        refuse("how",
               "how should be one of " + listed(names) + ", not " + quoted(text) + suggestion(text, names));
      return false;
    }
    wish_.how = static_cast<How>(found - names.begin());
    return true;
  }

  void read_terms() {
    switch (wish_.how) {
      case How::kNotAgain:
        return read_not_again();
      case How::kAtMost:
        return read_at_most();
      case How::kBoost:
        read_by();
        break;
      case How::kPin:
        wish_.at = count("at", 1, kMostPosition, 1);
        break;
      case How::kBlock:
        break;
    }
    read_where();
  }

  void read_not_again() {
    read_kind();
    read_reach();
    const auto times = table_.number("times");
    wish_.times = times.value_or(1);
    if (!(wish_.times > 0 && wish_.times <= kMostTimes))
      refuse("times", "times should be more than 0, up to 1000000, not " + describe_number(wish_.times));
    // What happened once counts 1 for no longer than a moment.
    if (!times && !table_.has("times") && wish_.reach == HistoryReach::kHalfLife)
      refuse("half_life",
             "with a half-life, times has to say down to which count it is left out: 0.5 is one "
             "half-life after it happened once");
  }

  void read_kind() {
    wish_.kind = needed("kind");
    std::vector<std::string_view> names{kShownKind};
    for (const FeedbackRule& rule : kinds_) names.push_back(rule.name);
    if (std::ranges::find(names, wish_.kind) != names.end()) return;
    good_ = false;
    if (!wish_.kind.empty())
      refuse("kind", "kind should be one of " + listed(names) + ", not " + quoted(wish_.kind) +
                         suggestion(wish_.kind, names));
  }

  void read_reach() {
    const auto within = table_.text("within");
    const auto half_life = table_.text("half_life");
    if (within && half_life) return refuse("half_life", "a wish has a window or a half-life, not both");
    if (within && *within == kSession) {
      wish_.reach = HistoryReach::kSession;
    } else if (within || half_life) {
      wish_.reach = within ? HistoryReach::kWindow : HistoryReach::kHalfLife;
      read_span(within ? "within" : "half_life", within ? *within : *half_life);
    }
    good_ &= within.has_value() == table_.has("within") && half_life.has_value() == table_.has("half_life");
  }

  void read_span(std::string_view key, const std::string& text) {
    constexpr std::chrono::minutes kLeast{1};
    const auto span = parse_duration(text);
    if (span && *span >= kLeast)
      wish_.span = *span;
    else
      refuse(key, std::string{key} + " should be a time of a minute or more, as \"30d\"" +
                      (key == "within" ? ", or \"session\"" : "") + ", not " + quoted(text));
  }

  void read_at_most() {
    wish_.field = needed("field");
    const KnownName* const known = wish_.field.empty() ? nullptr : sides_.items.find(wish_.field);
    if (!wish_.field.empty() && (known == nullptr || known->kind != KnownName::Kind::kWord))
      refuse_field(known);
    good_ &= !wish_.field.empty();
    wish_.most = count("most", 1, kMostPosition);
    wish_.first = count("first", 1, kMostPosition);
  }

  void refuse_field(const KnownName* known) {
    std::vector<std::string_view> words;
    for (const KnownName& each : sides_.items.names) {
      if (each.kind == KnownName::Kind::kWord) words.push_back(each.name);
    }
    good_ = false;
    if (known != nullptr && known->kind == KnownName::Kind::kBroken) return;
    refuse("field",
           known == nullptr
               ? "there is no field " + quoted(wish_.field) + " in [item]" + suggestion(wish_.field, words)
               : quoted(wish_.field) + " in [item] is " + std::string{described(known->kind)} +
                     "; what is counted are strings and categories");
  }

  std::size_t count(std::string_view key, std::size_t least, std::size_t most,
                    std::optional<std::size_t> preset = {}) {
    const auto number = table_.number(key);
    if (!number) {
      if (table_.has(key) || preset) {
        good_ &= !table_.has(key);
      } else {
        refuse(key, std::string{key} + " is missing here");
      }
      return preset.value_or(least);
    }
    if (std::floor(*number) == *number && *number >= static_cast<double>(least) &&
        *number <= static_cast<double>(most))
      return static_cast<std::size_t>(*number);
    refuse(key, std::string{key} + " should be a whole number from " + std::to_string(least) + " to " +
                    std::to_string(most) + ", not " + describe_number(*number));
    return least;
  }

  void read_by() {
    const auto by = table_.number("by");
    if (!by) {
      if (!table_.has("by")) table_.fault("by", "by is missing here");
      good_ = false;
      return;
    }
    wish_.by = *by;
    if (*by == 0 || std::abs(*by) > kMostBoost)
      refuse("by", "by should be log-odds from -20 to 20 and not 0, not " + describe_number(*by));
  }

  void read_where() {
    const std::vector<PlacedText> texts = table_.texts("where");
    const toml::node* given = table_.node("where");
    if (given == nullptr) table_.fault("where", "where is missing here");
    if (given != nullptr && given->is_array() && given->as_array()->empty())
      table_.fault("where", "where should be up to 16 texts, not none");
    good_ &= !texts.empty() && (!given->is_array() || texts.size() == given->as_array()->size());
    if (texts.size() > kMostConditions)
      return refuse("where", "where should be up to 16 texts, not " + std::to_string(texts.size()));
    for (const PlacedText& text : texts) {
      auto read = read_rule_text(table_, "where", text, sides_);
      good_ &= read.has_value();
      if (read) wish_.where.push_back({std::move(read->condition), std::move(read->text)});
    }
  }

  std::optional<WallTime> moment(std::string_view key) {
    const auto text = table_.text(key);
    if (!text) {
      good_ &= !table_.has(key);
      return std::nullopt;
    }
    const auto moment = parse_moment(*text);
    if (!moment)
      refuse(key,
             std::string{key} + " should be a moment as \"2026-12-24T18:00:00+01:00\", not " + quoted(*text));
    return moment;
  }

  void read_dates() {
    wish_.from = moment("from");
    wish_.until = moment("until");
    if (wish_.from && wish_.until && *wish_.until <= *wish_.from)
      refuse("until", "until should come after from, " + to_iso8601(*wish_.from) + ", not " +
                          to_iso8601(*wish_.until));
  }

  TomlTable& table_;
  const Sides& sides_;
  const std::span<const FeedbackRule> kinds_;
  Wish wish_;
  bool good_ = true;
};

}  // namespace

std::optional<Wish> read_wish(TomlTable& table, const Sides& sides, std::span<const FeedbackRule> kinds) {
  return WishReader(table, sides, kinds).read();
}

std::vector<Wish> read_wish_tables(std::vector<TomlTable> tables, const Sides& sides,
                                   std::span<const FeedbackRule> kinds, FileFaults& faults) {
  std::vector<Wish> wishes;
  std::set<std::string, std::less<>> names;
  for (TomlTable& table : tables) {
    auto wish = read_wish(table, sides, kinds);
    if (!wish) continue;
    if (!names.insert(wish->name).second)
      table.fault("name", "the name " + quoted(wish->name) + " is already another wish's");
    wishes.push_back(*std::move(wish));
  }
  if (tables.size() > kMostWishes)
    faults.add(tables[kMostWishes].at(), "more than 64 wishes; this is one too many");
  if (const std::size_t bytes = kept_text(wishes).size(); bytes > kMostWishBytes)
    faults.add(tables.front().at(), "the wishes have " + std::to_string(bytes) +
                                        " bytes as rankings keep them; allowed are up to 16384");
  return wishes;
}

void place(Wish& wish, const Schema& requests, const Schema& items) {
  if (wish.how == How::kAtMost) wish.word = items.word(wish.field).value_or(0);
  for (Wish::Condition& condition : wish.where) place(condition.holds, requests, items);
}

}  // namespace rankloop
