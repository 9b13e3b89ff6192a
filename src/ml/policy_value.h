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
//                  et al., "Doubly robust off-policy evaluation for ranking policies under the cascade
//                  behavior model", WSDM 2022); q is then of the rest of the list from there down, or of the
//                  item alone, which is as right and less steady
// and where it is known how often positions are looked at (e), so that what an item earns is e of its place
// times its own appeal (the position-based click model):
//   pbm            m x reward, m the item's expected e under the target policy over that under the log,
//                  wherever in the list either shows it (Li, Abbasi-Yadkori, Kveton et al., above). What an
//                  item earned at one position tells of all positions, so lists from large catalogs say more
//   pbm dr         dm + m x (reward - q); q is e times an appeal of its own
//
// Weights are judged each kind by itself: of a position, of the list from the top (rips, cascade dr), and of
// the examination (pbm, pbm dr). An estimate whose weights say too little is left out. Of lists of which it
// is known how likely each item was given those above it, and not at its position whatever stood above, only
// the second kind speaks.
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
  kPositionBased,
  kPositionBasedDoublyRobust,
};

std::string_view name_of(PolicyEstimator estimator);  // "ips", "clipped_ips", ...

// An item where it was shown. All probabilities are of its position in its list.
struct LoggedItem {
  double reward = 0;
  double propensity = 1;       // above 0
  double target = 0;           // from 0 to 1
  double joint = 1;            // propensity of it and everything above it together
  double joint_target = 0;     // the same of the target policy
  double predicted = 0;        // what a model says that it earns there
  double predicted_mean = 0;   // the same, on average over what the target policy would show there
  double examination = 1;      // e of its position; above 0
  double examined = 1;         // e expected of it under the logging policy, over all positions; above 0
  double examined_target = 0;  // the same under the target policy
};

// What of an item the log says beside reward, propensity and target.
struct PolicyLogParts {
  bool joint = false;
  bool predicted = false;
  bool examined = false;
};

struct PolicyRules {
  double clip = 10;          // of weights
  double confidence = 0.95;  // of intervals
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;
  double least_effective = 100;  // items; below there is no answer
  double least_support = 0.9;    // share of what the target policy shows that the log could have shown
};

// What weights of one kind come to.
struct WeightReport {
  double effective = 0;   // (sum)^2 / sum of squares: as many items without weights say as much
  double largest = 0;     // of a weight
  double mean = 0;        // 1 where the log could have shown all that the target policy shows
  double mean_error = 0;  // standard error
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
  WeightReport weights;                   // of positions; nothing of lists that do not know them
  std::optional<WeightReport> joint;      // of lists from the top, where the log has them
  std::optional<WeightReport> examined;   // of the examination, likewise
  double clipped_share = 0;               // of items whose weight lies above the clip
  double clip_bias = 0;                   // clipped ips may be off by this much, as far as the log shows
  std::vector<PolicyEstimate> estimates;  // empty where there is a refusal
  std::optional<Interval> bernstein;      // of clipped ips; certain bounds before the clip's bias
  std::vector<std::string> refusals;      // sentences: why the log does not answer at all
  std::vector<std::string> warnings;      // sentences, also why some estimates are missing
};

// {"lists","items","people","logged","estimates":[{"estimator","value","interval"}],...}
std::string to_json(const PolicyReport& report);

// Adds up lists one after another; holds some sums for each person. Not thread-safe.
class PolicyValue {
 public:
  PolicyValue(PolicyLogParts parts, double clip) : parts_(parts), clip_(clip) {}

  // A list from the top down, and whose it is: people are counted from 0 without gaps.
  void add(std::span<const LoggedItem> list, std::size_t person) { add(list, person, true); }
  // Of which only `joint` and `joint_target` are known. It speaks through the weights of lists from the top.
  void add_unplaced(std::span<const LoggedItem> list, std::size_t person) { add(list, person, false); }

  PolicyReport report(const PolicyRules& rules) const;

 private:
  enum WeightKind : std::size_t { kOfPosition, kOfList, kOfExamination };
  static constexpr std::size_t kWeightKinds = 3;

  struct Sums {
    double lists = 0, items = 0, reward = 0;
    double placed_lists = 0, placed_items = 0;  // of them, those of which chances at positions are known
    std::array<double, kWeightKinds> weights{};
    double examination = 0;
    double ips = 0, clipped = 0, rips = 0, examined = 0;
    double direct = 0, corrected = 0, switched = 0, shrunk = 0, cascade = 0, examined_corrected = 0;

    void add(const Sums& other);
    // What the weights of a kind add up to where the log could have shown all.
    double expected(WeightKind kind) const;
  };
  struct WeightTotals {
    double squares = 0;
    double largest = 0;
  };
  // Of a kind, whether its weights say enough; sentences where they do not.
  struct Judgement {
    WeightReport report;
    std::vector<std::string> reasons;
  };

  void add(std::span<const LoggedItem> list, std::size_t person, bool placed);
  void add_placed(const LoggedItem& item, Sums& sums);
  void add_weight(WeightKind kind, double weight, double expected, Sums& sums);
  std::vector<Sums> blocks() const;
  Judgement judge(WeightKind kind, const std::vector<Sums>& blocks, const PolicyRules& rules) const;
  // Why the log does not answer whatever is asked of it; empty: it may.
  std::string silence() const;
  static std::vector<PolicyEstimator> estimators_of(WeightKind kind, const PolicyLogParts& parts);
  void estimate(std::span<const PolicyEstimator> wanted, const std::vector<Sums>& blocks,
                const PolicyRules& rules, std::vector<PolicyEstimate>& estimates) const;
  static PersonSum part_of(PolicyEstimator estimator, const Sums& one, const Sums& all);
  Interval bernstein(const PolicyRules& rules) const;
  void answer(const std::vector<Sums>& blocks, const PolicyRules& rules, PolicyReport& report) const;

  const PolicyLogParts parts_;
  const double clip_;
  std::vector<Sums> people_;
  Sums all_;
  std::array<WeightTotals, kWeightKinds> totals_{};
  double cut_ = 0;  // weight above the clip
  std::size_t above_clip_ = 0;
  bool by_chance_ = false;  // some propensity is below 1
  double least_reward_ = 0, greatest_reward_ = 0;
  std::size_t longest_ = 0;  // list of which chances at positions are known
  std::size_t most_lists_ = 0;
};

}  // namespace rankloop::ml
