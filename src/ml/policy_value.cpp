// Adds up what logged lists say of another policy, and judges whether they say enough.
#include "ml/policy_value.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "domain/enum_names.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kMostBlocks = 10'000;
constexpr std::array<std::string_view, 12> kNames = {"ips",  "clipped_ips", "snips", "rips",
                                                     "dm",   "dr",          "sndr",  "switch_dr",
                                                     "dros", "cascade_dr",  "pbm",   "pbm_dr"};

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
  placed_lists += other.placed_lists;
  placed_items += other.placed_items;
  for (std::size_t kind = 0; kind < kWeightKinds; ++kind) weights[kind] += other.weights[kind];
  examination += other.examination;
  ips += other.ips;
  clipped += other.clipped;
  rips += other.rips;
  examined += other.examined;
  direct += other.direct;
  corrected += other.corrected;
  switched += other.switched;
  shrunk += other.shrunk;
  cascade += other.cascade;
  examined_corrected += other.examined_corrected;
}

double PolicyValue::Sums::expected(WeightKind kind) const {
  switch (kind) {
    case kOfPosition:
      return placed_items;
    case kOfList:
      return items;
    case kOfExamination:
      return examination;
  }
  return 0;
}

void PolicyValue::add(std::span<const LoggedItem> list, std::size_t person, bool placed) {
  Sums sums;
  sums.lists = 1;
  sums.placed_lists = placed ? 1 : 0;
  double above = 1;  // weight of all above together
  for (const LoggedItem& item : list) {
    const double together = parts_.joint ? item.joint_target / item.joint : 0;
    sums.items += 1;
    sums.reward += item.reward;
    add_weight(kOfList, together, 1, sums);
    sums.rips += together * item.reward;
    sums.cascade += together * (item.reward - item.predicted) + above * item.predicted_mean;
    if (placed) add_placed(item, sums);
    if (parts_.joint) above = together;
    by_chance_ = by_chance_ || (placed ? item.propensity < 1 : item.joint < 1);
    least_reward_ = std::min(least_reward_, item.reward);
    greatest_reward_ = std::max(greatest_reward_, item.reward);
  }
  if (person >= people_.size()) people_.resize(person + 1);
  people_[person].add(sums);
  all_.add(sums);
  if (placed) longest_ = std::max(longest_, list.size());
  most_lists_ = std::max(most_lists_, static_cast<std::size_t>(people_[person].lists));
}

void PolicyValue::add_weight(WeightKind kind, double weight, double expected, Sums& sums) {
  const double part = weight * expected;
  sums.weights[kind] += part;
  totals_[kind].squares += part * part;
  totals_[kind].largest = std::max(totals_[kind].largest, weight);
}

// What is known of an item at its position, whatever stands above it.
void PolicyValue::add_placed(const LoggedItem& item, Sums& sums) {
  const double weight = item.target / item.propensity;
  const double examined = parts_.examined ? item.examined_target / item.examined : 0;
  sums.placed_items += 1;
  sums.examination += item.examination;
  add_weight(kOfPosition, weight, 1, sums);
  add_weight(kOfExamination, examined, item.examination, sums);
  sums.ips += weight * item.reward;
  sums.clipped += std::min(weight, clip_) * item.reward;
  sums.examined += examined * item.reward;
  if (weight > clip_) {
    cut_ += weight - clip_;
    ++above_clip_;
  }
  if (!parts_.predicted) return;
  const double residual = item.reward - item.predicted;
  const double square = clip_ * clip_;
  sums.direct += item.predicted_mean;
  sums.corrected += weight * residual;
  sums.switched += weight <= clip_ ? weight * residual : 0;
  sums.shrunk += square * weight / (weight * weight + square) * residual;
  sums.examined_corrected += examined * residual;
}

// What one person, or block, brings to an estimate that is a ratio of sums over all of them. Where an
// estimate is a sum of two such ratios the second stands there by its linearisation, whose sum is the same.
PersonSum PolicyValue::part_of(PolicyEstimator estimator, const Sums& one, const Sums& all) {
  const double per_list = all.placed_items / all.placed_lists;
  const double weight = one.weights[kOfPosition];
  const double whole = all.weights[kOfPosition];
  switch (estimator) {
    case PolicyEstimator::kIps:
      return {one.ips, one.placed_lists};
    case PolicyEstimator::kClippedIps:
      return {one.clipped, one.placed_lists};
    case PolicyEstimator::kSnips:
      return {per_list * one.ips, weight};
    case PolicyEstimator::kRips:
      return {one.rips, one.lists};
    case PolicyEstimator::kDirect:
      return {one.direct, one.placed_lists};
    case PolicyEstimator::kDoublyRobust:
      return {one.direct + one.corrected, one.placed_lists};
    case PolicyEstimator::kSelfNormalisedDoublyRobust: {
      const double ratio = whole > 0 ? all.corrected / whole : 0;
      const double scale = whole > 0 ? all.placed_items / whole : 0;
      return {one.direct + scale * (one.corrected - ratio * weight) + ratio * per_list * one.placed_lists,
              one.placed_lists};
    }
    case PolicyEstimator::kSwitchDoublyRobust:
      return {one.direct + one.switched, one.placed_lists};
    case PolicyEstimator::kShrunkDoublyRobust:
      return {one.direct + one.shrunk, one.placed_lists};
    case PolicyEstimator::kCascadeDoublyRobust:
      return {one.cascade, one.lists};
    case PolicyEstimator::kPositionBased:
      return {one.examined, one.placed_lists};
    case PolicyEstimator::kPositionBasedDoublyRobust:
      return {one.direct + one.examined_corrected, one.placed_lists};
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

std::vector<PolicyEstimator> PolicyValue::estimators_of(WeightKind kind, const PolicyLogParts& parts) {
  using enum PolicyEstimator;
  std::vector<PolicyEstimator> weights_alone, corrected;
  switch (kind) {
    case kOfPosition:
      weights_alone = {kIps, kClippedIps, kSnips};
      corrected = {kDirect, kDoublyRobust, kSelfNormalisedDoublyRobust, kSwitchDoublyRobust,
                   kShrunkDoublyRobust};
      break;
    case kOfList:
      weights_alone = {kRips};
      corrected = {kCascadeDoublyRobust};
      break;
    case kOfExamination:
      weights_alone = {kPositionBased};
      corrected = {kPositionBasedDoublyRobust};
      break;
  }
  if (parts.predicted) weights_alone.insert(weights_alone.end(), corrected.begin(), corrected.end());
  return weights_alone;
}

void PolicyValue::estimate(std::span<const PolicyEstimator> wanted, const std::vector<Sums>& blocks,
                           const PolicyRules& rules, std::vector<PolicyEstimate>& estimates) const {
  std::vector<PersonSum> parts(blocks.size());
  for (const PolicyEstimator estimator : wanted) {
    PersonSum sum;
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      parts[block] = part_of(estimator, blocks[block], all_);
      sum.difference += parts[block].difference;
      sum.requests += parts[block].requests;
    }
    if (!(sum.requests > 0)) continue;  // no weight at all
    estimates.push_back({estimator, sum.difference / sum.requests,
                         bootstrap_mean(parts, rules.resamples, rules.confidence, rules.seed)});
  }
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
  const double lists = all_.placed_lists / people;
  return {(mean - distance) / lists, (mean + distance) / lists};
}

std::string PolicyValue::silence() const {
  if (people_.size() < 2) return "All lists are of one person, who says nothing of others.";
  if (!by_chance_) {
    return "Every propensity is 1: the log was made by a rule without chance, so it tells nothing of what "
           "else "
           "might have been shown. Let a share of the lists be drawn (exploration), and ask again.";
  }
  return {};
}

PolicyValue::Judgement PolicyValue::judge(WeightKind kind, const std::vector<Sums>& blocks,
                                          const PolicyRules& rules) const {
  Judgement judged;
  WeightReport& report = judged.report;
  const double sum = all_.weights[kind];
  const double expected = all_.expected(kind);
  if (!(expected > 0)) {
    judged.reasons.emplace_back(
        "How likely items were at their positions, whatever stood above them, is not known of these lists.");
    return judged;
  }
  report.effective = totals_[kind].squares > 0 ? sum * sum / totals_[kind].squares : 0;
  report.largest = totals_[kind].largest;
  report.mean = sum / expected;
  double residuals = 0;
  for (const Sums& block : blocks) {
    const double residual = block.weights[kind] - report.mean * block.expected(kind);
    residuals += residual * residual;
  }
  report.mean_error = std::sqrt(residuals) / expected;
  if (report.mean + 2 * report.mean_error < rules.least_support) {
    judged.reasons.push_back(
        "About " + percent(1 - report.mean) +
        " of what this policy would show was never shown in the log (the weights average "
        "to " +
        plain(report.mean) + ", and to 1 where nothing is missing; allowed is " + plain(rules.least_support) +
        ").");
  }
  if (report.effective < rules.least_effective) {
    judged.reasons.push_back("The " + std::to_string(static_cast<std::size_t>(all_.items)) +
                             " items say as much as " + plain(report.effective) +
                             " without weights would; needed are " + plain(rules.least_effective) + ".");
  }
  return judged;
}

// The estimates of the weights that say enough; of the others why not, which is a refusal when it is so of
// all.
void PolicyValue::answer(const std::vector<Sums>& blocks, const PolicyRules& rules,
                         PolicyReport& report) const {
  constexpr std::array<std::string_view, kWeightKinds> kWeights = {
      "The weights", "The weights of lists from the top", "The weights of the examination"};
  constexpr std::array<std::string_view, kWeightKinds> kMissing = {
      "No estimates by positions: ", "Neither rips nor cascade_dr: ", "Neither pbm nor pbm_dr: "};
  const bool silent = !report.refusals.empty();
  std::vector<std::string> of_positions, of_lists, missing;
  for (const WeightKind kind : {kOfPosition, kOfList, kOfExamination}) {
    if ((kind == kOfList && !parts_.joint) || (kind == kOfExamination && !parts_.examined)) continue;
    const Judgement judged = judge(kind, blocks, rules);
    if (kind == kOfPosition) report.weights = judged.report;
    if (kind == kOfList) report.joint = judged.report;
    if (kind == kOfExamination) report.examined = judged.report;
    if (silent) continue;
    if (judged.report.mean - 4 * judged.report.mean_error > 1) {
      report.warnings.push_back(std::string{kWeights[kind]} + " average to " + plain(judged.report.mean) +
                                " instead of 1: propensities or targets are not what they should be.");
    }
    if (judged.reasons.empty()) estimate(estimators_of(kind, parts_), blocks, rules, report.estimates);
    if (kind == kOfPosition) of_positions = judged.reasons;
    if (kind == kOfList) of_lists = judged.reasons;
    for (const std::string& reason : judged.reasons) missing.push_back(std::string{kMissing[kind]} + reason);
  }
  if (silent) return;
  if (of_positions.empty()) report.bernstein = bernstein(rules);
  if (report.estimates.empty()) {
    report.refusals = std::move(all_.placed_lists > 0 ? of_positions : of_lists);
  } else {
    report.warnings.insert(report.warnings.end(), missing.begin(), missing.end());
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
  if (all_.placed_lists > 0) {
    report.clipped_share = static_cast<double>(above_clip_) / all_.placed_items;
    report.clip_bias = cut_ / all_.placed_lists * std::max(greatest_reward_, -least_reward_);
  }
  const std::vector<Sums> all_blocks = blocks();
  std::vector<PersonSum> rewards;
  for (const Sums& block : all_blocks) rewards.push_back({block.reward, block.lists});
  if (report.people > 1)
    report.logged_interval = bootstrap_mean(rewards, rules.resamples, rules.confidence, rules.seed);
  if (std::string why = silence(); !why.empty()) report.refusals.push_back(std::move(why));
  answer(all_blocks, rules, report);
  return report;
}

}  // namespace rankloop::ml
