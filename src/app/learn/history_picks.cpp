// Reads picks and other feedback of imported lists, each with its checks.
#include "app/learn/history_picks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "domain/feedback.h"
#include "domain/field_value.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop::app {
namespace {

constexpr double kMostPeople = 1e9;  // sums of such weights stay finite as float
constexpr double kMostGain = 1e6;
constexpr std::size_t kMaxName = 128;  // of a name in a message

constexpr std::array<std::string_view, 3> kOfPick = {"item", "weight", "gain"};
constexpr std::array<std::string_view, 4> kOfKind = {"item", "kind", "value", "weight"};

// 1 unless it is given; 0: it is no number.
double number_of(const boost::json::object* entry, std::string_view name) {
  const boost::json::value* given = entry == nullptr ? nullptr : entry->if_contains(name);
  if (given == nullptr) return 1;
  return given->is_number() ? given->to_number<double>() : 0;
}

}  // namespace

bool HistoryPicks::read(const boost::json::value& entry, std::vector<storage::Feedback>& feedback) {
  const boost::json::object* const detailed = entry.if_object();
  const boost::json::value* const item = detailed == nullptr ? &entry : detailed->if_contains("item");
  const auto name = item == nullptr ? std::nullopt : item_name_of(*item, context_.keys.type());
  const bool of_kind = detailed != nullptr && detailed->contains("kind");
  if (!name) return no_pick(entry);
  storage::Feedback told;
  told.at = at_;
  const bool read = of_kind ? read_kind(*detailed, told) : read_pick(entry, told);
  if (!read || !read_people(entry, told)) return false;
  if (detailed != nullptr && !knows_all(*detailed, of_kind)) return false;
  const auto [id, rank] = rank_of_(*name);
  const std::string verb = of_kind ? "has a " + told.kind : "was picked";
  if (rank == 0) {
    fault_("item " + in_words(*name) + " " + verb + ", but not shown", "value_error");
  } else if (!told_.emplace(id, told.kind).second) {
    fault_("item " + in_words(*name) + (of_kind ? " " + verb + " twice" : " is picked twice") +
               "; give it once, with the weight of both",
           "value_error");
    return false;
  } else {
    told.item = id;
    told.rank = rank;
    feedback.push_back(std::move(told));
  }
  return true;
}

bool HistoryPicks::no_pick(const boost::json::value& entry) {
  fault_("Input should hold item ids, or objects with an item and a weight and a gain above 0, not " +
             describe(entry),
         "value_error");
  return false;
}

bool HistoryPicks::read_pick(const boost::json::value& entry, storage::Feedback& feedback) {
  feedback.value = number_of(entry.if_object(), "gain");
  if (!(feedback.value > 0)) return no_pick(entry);
  if (feedback.value <= kMostGain) return true;
  fault_("a gain may be up to 1000000, not " + describe_number(feedback.value), "less_than_equal");
  return false;
}

bool HistoryPicks::read_kind(const boost::json::object& entry, storage::Feedback& feedback) {
  const boost::json::value& kind = entry.at("kind");
  const FeedbackRule* const rule =
      kind.is_string() ? rule_of(context_.domain.feedback, std::string_view{kind.get_string()}) : nullptr;
  if (rule == nullptr) {
    std::string known;
    for (const FeedbackRule& one : context_.domain.feedback) known += (known.empty() ? "" : ", ") + one.name;
    fault_("a kind should be one of the domain's, " + known + ", not " + describe(kind), "value_error");
    return false;
  }
  std::optional<double> value;
  if (const boost::json::value* given = entry.if_contains("value")) {
    if (!given->is_number()) {
      fault_("a value should be a number, not " + describe(*given), "value_error");
      return false;
    }
    value = given->to_number<double>();
  }
  if (std::string fault = value_fault(*rule, value); !fault.empty()) {
    fault_(std::move(fault), "value_error");
    return false;
  }
  feedback.kind = rule->name;
  feedback.value = value.value_or(rule->preset.value_or(1));
  return true;
}

bool HistoryPicks::read_people(const boost::json::value& entry, storage::Feedback& feedback) {
  feedback.people = number_of(entry.if_object(), "weight");
  if (!(feedback.people > 0)) return no_pick(entry);
  if (feedback.people <= kMostPeople) return true;
  fault_("a weight counts people; allowed are up to 1000000000, not " + describe_number(feedback.people),
         "less_than_equal");
  return false;
}

// What an entry says beside these would change what it means, so it is not left out.
bool HistoryPicks::knows_all(const boost::json::object& entry, bool of_kind) {
  for (const boost::json::key_value_pair& member : entry) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (of_kind ? std::ranges::find(kOfKind, name) != kOfKind.end()
                : std::ranges::find(kOfPick, name) != kOfPick.end())
      continue;
    std::string quoted;
    append_json_string(quoted, utf8_prefix(name, kMaxName));
    fault_((of_kind ? "feedback has an item, a kind, a value and a weight; what "
                    : "a pick has an item, a weight and a gain; what ") +
               quoted + " says cannot be kept",
           "extra_forbidden");
    return false;
  }
  return true;
}

}  // namespace rankloop::app
