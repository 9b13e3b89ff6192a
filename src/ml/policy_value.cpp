// Adds up what logged lists say of another policy, and judges whether they say enough.
#include "ml/policy_value.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "domain/enum_names.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kMostBlocks = 10'000;
constexpr std::array<std::string_view, 10> kNames = {"ips", "clipped_ips", "snips",     "rips", "dm",
                                                     "dr",  "sndr",        "switch_dr", "dros", "cascade_dr"};

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", 100 * share);
  return text;
}

std::string plain(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

}  // namespace

std::string_view name_of(PolicyEstimator estimator) {
  return name_among(kNames, estimator);
}

void PolicyValue::Sums::add(const Sums& other) {
  lists += other.lists;
  items += other.items;
  reward += other.reward;
  weight += other.weight;
  ips += other.ips;
  clipped += other.clipped;
  rips += other.rips;
  direct += other.direct;
  corrected += other.corrected;
  switched += other.switched;
  shrunk += other.shrunk;
  cascade += other.cascade;
}

void PolicyValue::add(std::span<const LoggedItem> list, std::size_t person) {
  Sums sums;
  sums.lists = 1;
  double above = 1;  // weight of all above together
  for (const LoggedItem& item : list) {
    add_item(item, above, sums);
    if (parts_.joint) above = item.joint_target / item.joint;
  }
  if (person >= people_.size()) people_.resize(person + 1);
  people_[person].add(sums);
  all_.add(sums);
  longest_ = std::max(longest_, list.size());
  most_lists_ = std::max(most_lists_, static_cast<std::size_t>(people_[person].lists));
}

void PolicyValue::add_item(const LoggedItem& item, double above, Sums& sums) {
  const double weight = item.target / item.propensity;
  sums.items += 1;
  sums.reward += item.reward;
  sums.weight += weight;
  sums.ips += weight * item.reward;
  sums.clipped += std::min(weight, clip_) * item.reward;
  squares_ += weight * weight;
  largest_ = std::max(largest_, weight);
  if (weight > clip_) {
    cut_ += weight - clip_;
    ++above_clip_;
  }
  by_chance_ = by_chance_ || item.propensity < 1;
  least_reward_ = std::min(least_reward_, item.reward);
  greatest_reward_ = std::max(greatest_reward_, item.reward);
  const double together = parts_.joint ? item.joint_target / item.joint : 0;
  sums.rips += together * item.reward;
  if (!parts_.predicted) return;
  const double residual = item.reward - item.predicted;
  const double square = clip_ * clip_;
  sums.direct += item.predicted_mean;
  sums.corrected += weight * residual;
  sums.switched += weight <= clip_ ? weight * residual : 0;
  sums.shrunk += square * weight / (weight * weight + square) * residual;
  sums.cascade += together * residual + above * item.predicted_mean;
}

// What one person, or block, brings to an estimate that is a ratio of sums over all of them. Where an
// estimate is a sum of two such ratios the second stands there by its linearisation, whose sum is the same.
PersonSum PolicyValue::part_of(PolicyEstimator estimator, const Sums& one, const Sums& all) {
  const double per_list = all.items / all.lists;
  switch (estimator) {
    case PolicyEstimator::kIps:
      return {one.ips, one.lists};
    case PolicyEstimator::kClippedIps:
      return {one.clipped, one.lists};
    case PolicyEstimator::kSnips:
      return {per_list * one.ips, one.weight};
    case PolicyEstimator::kRips:
      return {one.rips, one.lists};
    case PolicyEstimator::kDirect:
      return {one.direct, one.lists};
    case PolicyEstimator::kDoublyRobust:
      return {one.direct + one.corrected, one.lists};
    case PolicyEstimator::kSelfNormalisedDoublyRobust: {
      const double ratio = all.weight > 0 ? all.corrected / all.weight : 0;
      const double scale = all.weight > 0 ? all.items / all.weight : 0;
      return {one.direct + scale * (one.corrected - ratio * one.weight) + ratio * per_list * one.lists,
              one.lists};
    }
    case PolicyEstimator::kSwitchDoublyRobust:
      return {one.direct + one.switched, one.lists};
    case PolicyEstimator::kShrunkDoublyRobust:
      return {one.direct + one.shrunk, one.lists};
    case PolicyEstimator::kCascadeDoublyRobust:
      return {one.cascade, one.lists};
  }
  return {};
}

// People, or where they are many blocks of as many people each.
std::vector<PolicyValue::Sums> PolicyValue::blocks() const {
  std::vector<Sums> blocks(std::min(people_.size(), kMostBlocks));
  for (std::size_t person = 0; person < people_.size(); ++person)
    blocks[person % blocks.size()].add(people_[person]);
  return blocks;
}

std::vector<PolicyEstimate> PolicyValue::estimates(const PolicyRules& rules) const {
  using enum PolicyEstimator;
  std::vector<PolicyEstimator> wanted = {kIps, kClippedIps, kSnips};
  if (parts_.joint) wanted.push_back(kRips);
  if (parts_.predicted) {
    wanted.insert(wanted.end(), {kDirect, kDoublyRobust, kSelfNormalisedDoublyRobust, kSwitchDoublyRobust,
                                 kShrunkDoublyRobust});
  }
  if (parts_.joint && parts_.predicted) wanted.push_back(kCascadeDoublyRobust);
  const std::vector<Sums> all_blocks = blocks();
  std::vector<PolicyEstimate> estimates;
  std::vector<PersonSum> parts(all_blocks.size());
  for (const PolicyEstimator estimator : wanted) {
    PersonSum sum;
    for (std::size_t block = 0; block < all_blocks.size(); ++block) {
      parts[block] = part_of(estimator, all_blocks[block], all_);
      sum.difference += parts[block].difference;
      sum.requests += parts[block].requests;
    }
    if (!(sum.requests > 0)) continue;  // no weight at all
    estimates.push_back({estimator, sum.difference / sum.requests,
                         bootstrap_mean(parts, rules.resamples, rules.confidence, rules.seed)});
  }
  return estimates;
}

// Of the mean of what people's lists sum up to, in units of a list.
Interval PolicyValue::bernstein(const PolicyRules& rules) const {
  const auto people = static_cast<double>(people_.size());
  const double mean = all_.clipped / people;
  double squares = 0;
  for (const Sums& person : people_) squares += (person.clipped - mean) * (person.clipped - mean);
  const double log_odds = std::log(4 / (1 - rules.confidence));  // half of the error on each side
  const double range = (greatest_reward_ - least_reward_) * clip_ * static_cast<double>(longest_) *
                       static_cast<double>(most_lists_);
  const double distance =
      std::sqrt(2 * squares / (people - 1) * log_odds / people) + 7 * range * log_odds / (3 * (people - 1));
  const double lists = all_.lists / people;
  return {(mean - distance) / lists, (mean + distance) / lists};
}

// Whether the log says anything of the target policy, and how surely.
void PolicyValue::judge(const PolicyRules& rules, PolicyReport& report) const {
  if (people_.size() < 2) {
    report.refusals.emplace_back("All lists are of one person, who says nothing of others.");
    return;
  }
  if (!by_chance_) {
    report.refusals.emplace_back(
        "Every propensity is 1: the log was made by a rule without chance, so it tells nothing of what else "
        "might have been shown. Let a share of the lists be drawn (exploration), and ask again.");
    return;
  }
  if (report.mean_weight + 2 * report.mean_weight_error < rules.least_support) {
    report.refusals.push_back(
        "About " + percent(1 - report.mean_weight) +
        " of what this policy would show was never shown in the log (the weights average to " +
        plain(report.mean_weight) + ", and to 1 where nothing is missing; allowed is " +
        plain(rules.least_support) + ").");
  }
  if (report.effective < rules.least_effective) {
    report.refusals.push_back("The " + std::to_string(report.items) + " items say as much as " +
                              plain(report.effective) + " without weights would; needed are " +
                              plain(rules.least_effective) + ".");
  }
  if (report.mean_weight - 4 * report.mean_weight_error > 1) {
    report.warnings.push_back("The weights average to " + plain(report.mean_weight) +
                              " instead of 1: propensities or targets are not what they should be.");
  }
}

PolicyReport PolicyValue::report(const PolicyRules& rules) const {
  PolicyReport report;
  report.lists = static_cast<std::size_t>(all_.lists);
  report.items = static_cast<std::size_t>(all_.items);
  report.people = people_.size();
  if (report.items == 0) {
    report.refusals.emplace_back("There is no list in the log.");
    return report;
  }
  report.logged = all_.reward / all_.lists;
  report.effective = squares_ > 0 ? all_.weight * all_.weight / squares_ : 0;
  report.largest_weight = largest_;
  report.mean_weight = all_.weight / all_.items;
  report.clipped_share = static_cast<double>(above_clip_) / all_.items;
  report.clip_bias = cut_ / all_.lists * std::max(greatest_reward_, -least_reward_);
  const std::vector<Sums> all_blocks = blocks();
  std::vector<PersonSum> rewards;
  double residuals = 0;
  for (const Sums& block : all_blocks) {
    rewards.push_back({block.reward, block.lists});
    const double residual = block.weight - report.mean_weight * block.items;
    residuals += residual * residual;
  }
  report.mean_weight_error = std::sqrt(residuals) / all_.items;
  judge(rules, report);
  if (report.people > 1)
    report.logged_interval = bootstrap_mean(rewards, rules.resamples, rules.confidence, rules.seed);
  if (!report.refusals.empty()) return report;
  report.estimates = estimates(rules);
  report.bernstein = bernstein(rules);
  return report;
}

}  // namespace rankloop::ml
