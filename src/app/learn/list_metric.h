// What experiments measure: numbers of a list that was shown, made of what was told of it.
//
// Besides those that every domain has there are two of each kind of feedback of the domain: KIND_rate,
// whether such an event came within the kind's time, and, of kinds with values, KIND_value, the sum of what
// came with them. Of picks these are pick_rate and value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/feedback.h"
#include "domain/ranking.h"
#include "ml/interleave.h"
#include "storage/experiments.h"

namespace rankloop::app {

// Of one item of a list and one kind.
struct ToldItem {
  std::size_t kind = 0;  // place among the domain's kinds
  double value = 0;
  double reward = 0;
  ml::Credit credit{};  // what each arm of an interleaved list has of it
};

// What was told of a list, each item once of each kind: of picks the first word counts, of others the last.
struct ListOutcome {
  std::int32_t nones = 0;  // times that none was chosen
  std::vector<ToldItem> told{};
};

// Kinds that the rules do not have, and what came too late, count nothing. `placed`: of an interleaved list.
ListOutcome outcome_of_list(const storage::RequestOutcome& request, std::span<const FeedbackRule> rules,
                            std::span<const Placement> placed = {});

// One metric under the rules of a domain.
class ListMetric {
 public:
  static constexpr std::string_view kPickRate = "pick_rate";
  static constexpr std::string_view kNoneRate = "none_rate";

  // Empty: there is none of this name.
  static std::optional<ListMetric> named(std::string_view name, std::span<const FeedbackRule> rules);
  // Of an experiment that exists. One of a kind that the domain has no longer is 0 of every list.
  static ListMetric of_design(const std::string& name, std::span<const FeedbackRule> rules);

  const std::string& name() const { return name_; }
  bool less_is_better() const { return less_is_better_; }
  bool is_rate() const;  // 0 or 1 of each list
  // Of an interleaved list, whether feedback says it of one arm and not of the whole list: then a rate is the
  // share of the lists that an arm won, all others are what it is credited with.
  bool is_of_an_arm() const;

  double of(const ListOutcome& list) const;
  double of_arm(const ListOutcome& list, std::size_t arm) const;  // 0 or 1

 private:
  friend std::vector<ListMetric> list_metrics(std::span<const FeedbackRule> rules);
  enum class What : std::uint8_t {
    kNothing,
    kRate,         // whether the kind was told of any item
    kCount,        // of how many items
    kValue,        // the sum of its values
    kReward,       // the sum of the rewards of all kinds
    kOutcomeRate,  // whether anything came back
    kNoneRate,     // whether none was chosen
  };
  ListMetric(std::string name, What what, std::size_t kind, bool less_is_better)
      : name_(std::move(name)), what_(what), kind_(kind), less_is_better_(less_is_better) {}

  bool counts(const ToldItem& told) const { return what_ == What::kReward || told.kind == kind_; }
  double worth(const ToldItem& told) const;

  std::string name_;
  What what_;
  std::size_t kind_;  // place among the rules
  bool less_is_better_;
};

// All there are, those of every domain first.
std::vector<ListMetric> list_metrics(std::span<const FeedbackRule> rules);
// Their names, for who reads one.
std::vector<std::string> names_of_metrics(std::span<const FeedbackRule> rules);

// Which arm a list speaks for by its picks: 0 or 1; empty: neither.
std::optional<std::size_t> won_by_picks(const ListOutcome& list);
ml::Credit credit_of_picks(const ListOutcome& list);

}  // namespace rankloop::app
