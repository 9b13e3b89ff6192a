// Says why there is no answer and what would give one.
#include "app/learn/evaluation_advice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace rankloop::app {
namespace {

constexpr double kMostDiffering =
    0.01;                          // of the lists that are ranked again to see whether they are the same
constexpr double kAdvised = 0.05;  // exploration.share, where there is none
constexpr double kEnough = 100;    // items without weights: ml::PolicyRules::least_effective

std::int64_t of(const EvaluationFacts& facts, OfNoUse reason) {
  return facts.left_out.at(static_cast<std::size_t>(reason));
}

// Two digits, since no more is known.
std::string about(double number) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(number, 1.0))) - 1));
  return std::to_string(static_cast<std::int64_t>(std::ceil(number / unit) * unit));
}

std::string plain(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

// Lists that a target which agrees with the logs nowhere needs: of each only the draws that happen to agree
// count, `positions` of `eligible` items in the share that is drawn.
double lists_of_a_stranger(double eligible, std::size_t positions, double explore) {
  return kEnough * eligible / (explore * static_cast<double>(positions));
}

void add_steps(const LedgerEvaluation& evaluation, const EvaluationRequest& request,
               const EvaluationOptions& options, std::vector<std::string>& steps) {
  const EvaluationFacts& facts = evaluation.facts;
  const std::int64_t used = facts.used();
  const std::int64_t without_chance = of(facts, OfNoUse::kDeterministic);
  if (facts.read == 0) {
    steps.emplace_back(
        "No request was shown in this window. Ask for rankings, read their results, and report what was "
        "picked.");
  }
  if (const std::int64_t trained = of(facts, OfNoUse::kTrainedOn); trained > 0 && used < trained) {
    steps.push_back("The model has learned from " + std::to_string(trained) +
                    " of these requests: ask again when newer ones have come, or count these, too "
                    "(include_trained), and take what it says with a grain of salt.");
  }
  if (without_chance > used && options.explore <= 0) {
    steps.push_back("Let a uniform order answer a small share of the requests: exploration.share = " +
                    plain(kAdvised) + ".");
  }
  if (used > 0) {
    const double share = options.explore > 0 ? options.explore : kAdvised;
    const ml::PolicyReport& report = evaluation.report;
    const double seen =
        report.weights.effective > 0 || !report.joint ? report.weights.effective : report.joint->effective;
    const double lists = static_cast<double>(used);
    const double stranger = lists_of_a_stranger(facts.eligible, request.positions, share);
    const double more = seen >= 1 ? lists * std::max(0.0, kEnough / seen - 1) : stranger;
    if (more >= 1)
      steps.push_back("About " + about(more) + " more requests like these would be enough, or fewer that " +
                      (share < 0.5 ? "explore more." : "have fewer items to choose from."));
    if (request.positions > 1)
      steps.emplace_back("The first positions need fewer requests: ask with positions = 1.");
  } else if (without_chance > 0) {
    steps.push_back(
        "With it, a policy that would show mostly what is shown now has an answer after some "
        "hundred requests; one that would show something else at all positions after about " +
        about(lists_of_a_stranger(1, request.positions, kAdvised)) +
        " requests for each item that there is to choose from.");
  }
}

}  // namespace

void finish(LedgerEvaluation& evaluation, const EvaluationRequest& request,
            const EvaluationOptions& options) {
  ml::PolicyReport& report = evaluation.report;
  const EvaluationFacts& facts = evaluation.facts;
  if (facts.used() == 0) report.refusals = {"None of the requests says anything of this policy."};
  if (static_cast<double>(facts.differing) > kMostDiffering * static_cast<double>(facts.checked)) {
    report.refusals.push_back(std::to_string(facts.differing) + " of " + std::to_string(facts.checked) +
                              " lists came out differently when they were ranked again, so it is not known "
                              "how likely they were.");
    report.estimates.clear();
    report.bernstein.reset();
  }
  if (!facts.no_rewards.empty())
    report.warnings.push_back("There is no model of the reward: " + facts.no_rewards + ".");
  if (!facts.examination) {
    report.warnings.emplace_back(
        "Fewer than 50 picks on lists in a uniform order: what positions draw is not known, so there is no "
        "estimate by the examination.");
  }
  if (!report.refusals.empty()) add_steps(evaluation, request, options, evaluation.next_steps);
}

}  // namespace rankloop::app
