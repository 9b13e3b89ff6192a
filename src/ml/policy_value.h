// What a way of ranking would have earned, told from lists that another one showed: off-policy evaluation.
//
// The log says of every item that was shown what it earned there, how likely it was shown there (propensity),
// and how likely the policy that is asked about would have shown it there (target). The item weighs
// w = target / propensity. The value of a policy is the expected sum of what a list earns. Of n lists:
//
//   ips            sum of w x reward / n. Items of a list by their positions: IIPS (Li, Abbasi-Yadkori,
//                  Kveton et al., "Offline evaluation of ranking policies with click models", KDD 2018)
//   clipped ips    the same with min(w, clip): less variance, biased by at most `clip_bias` (Ionides,
//                  "Truncated importance sampling", 2008)
//   snips          ips with weights that average to 1 (Swaminathan and Joachims, NeurIPS 2015)
//   rips           w of an item and all above it together: reward interaction (McInerney, Brost, Chandar,
//                  Mehrotra and Carterette, "Counterfactual evaluation of slate recommendations with
//                  sequential reward interactions", KDD 2020)
// and with a model of the reward, which says q of the item and its mean under the target policy at the place:
//   dm             sum of that mean / n: the direct method
//   dr             dm + w x (reward - q): doubly robust (Dudik, Langford and Li, ICML 2011)
//   sndr           the same with weights that average to 1
//   switch dr      dr where w <= clip, dm elsewhere (Wang, Agarwal and Dudik, ICML 2017)
//   dros           dr with clip^2 w / (w^2 + clip^2), optimistic shrinkage (Su, Dimakopoulou, Krishnamurthy
//                  and Dudik, ICML 2020)
//   cascade dr     w of the item and all above x (reward - q) + w of all above x mean of q (Kiyohara, Saito
//   et
//                  al., "Doubly robust off-policy evaluation for ranking policies under the cascade behavior
//                  model", WSDM 2022); q is then of the rest of the list from there down
//
// Intervals: studentised bootstrap over people (ml/bootstrap.h), beyond 10,000 of them over blocks of people;
// of clipped ips also the empirical Bernstein bound (Maurer and Pontil, COLT 2009), which holds for any
// number of people.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ml/bootstrap.h"

namespace rankloop::ml {

enum class PolicyEstimator {
  kIps,
  kClippedIps,
  kSnips,
  kRips,
  kDirect,
  kDoublyRobust,
  kSelfNormalisedDoublyRobust,
  kSwitchDoublyRobust,
  kShrunkDoublyRobust,
  kCascadeDoublyRobust,
};

std::string_view name_of(PolicyEstimator estimator);  // "ips", "clipped_ips", ...

// An item where it was shown. All probabilities are of its position in its list.
struct LoggedItem {
  double reward = 0;
  double propensity = 1;      // above 0
  double target = 0;          // from 0 to 1
  double joint = 1;           // propensity of it and everything above it together
  double joint_target = 0;    // the same of the target policy
  double predicted = 0;       // what a model says that it earns there
  double predicted_mean = 0;  // the same, on average over what the target policy would show there
};

// What of an item the log says beside reward, propensity and target.
struct PolicyLogParts {
  bool joint = false;
  bool predicted = false;
};

struct PolicyRules {
  double clip = 10;          // of weights
  double confidence = 0.95;  // of intervals
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;
  double least_effective = 100;  // items; below there is no answer
  double least_support = 0.9;    // share of what the target policy shows that the log could have shown
};

struct PolicyEstimate {
  PolicyEstimator estimator{};
  double value = 0;  // of a list
  Interval interval;
};

struct PolicyReport {
  std::size_t lists = 0;
  std::size_t items = 0;
  std::size_t people = 0;
  double logged = 0;  // what a list of the log earned
  Interval logged_interval;
  double effective = 0;  // (sum of w)^2 / sum of w^2: as many items without weights say as much
  double largest_weight = 0;
  double mean_weight = 0;                 // 1 where the log could have shown all that the target policy shows
  double mean_weight_error = 0;           // standard error
  double clipped_share = 0;               // of items whose weight lies above the clip
  double clip_bias = 0;                   // clipped ips may be off by this much, as far as the log shows
  std::vector<PolicyEstimate> estimates;  // empty where there is a refusal
  Interval bernstein;                     // of clipped ips; certain bounds before the clip's bias
  std::vector<std::string> refusals;      // sentences: why the log does not answer
  std::vector<std::string> warnings;      // sentences
};

// {"lists","items","people","logged","estimates":[{"estimator","value","interval"}],...}
std::string to_json(const PolicyReport& report);

// Adds up lists one after another; holds some sums for each person. Not thread-safe.
class PolicyValue {
 public:
  PolicyValue(PolicyLogParts parts, double clip) : parts_(parts), clip_(clip) {}

  // A list from the top down, and whose it is: people are counted from 0 without gaps.
  void add(std::span<const LoggedItem> list, std::size_t person);

  PolicyReport report(const PolicyRules& rules) const;

 private:
  struct Sums {
    double lists = 0, items = 0, reward = 0, weight = 0;
    double ips = 0, clipped = 0, rips = 0;
    double direct = 0, corrected = 0, switched = 0, shrunk = 0, cascade = 0;

    void add(const Sums& other);
  };

  void add_item(const LoggedItem& item, double above, Sums& sums);
  std::vector<Sums> blocks() const;
  std::vector<PolicyEstimate> estimates(const PolicyRules& rules) const;
  static PersonSum part_of(PolicyEstimator estimator, const Sums& one, const Sums& all);
  Interval bernstein(const PolicyRules& rules) const;
  void judge(const PolicyRules& rules, PolicyReport& report) const;

  const PolicyLogParts parts_;
  const double clip_;
  std::vector<Sums> people_;
  Sums all_;
  double squares_ = 0;  // of weights
  double largest_ = 0;
  double cut_ = 0;  // weight above the clip
  std::size_t above_clip_ = 0;
  bool by_chance_ = false;  // some propensity is below 1
  double least_reward_ = 0, greatest_reward_ = 0;
  std::size_t longest_ = 0;  // list
  std::size_t most_lists_ = 0;
};

}  // namespace rankloop::ml
