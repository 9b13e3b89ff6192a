// The command evaluate policy: estimates of a policy's value from a log, as a table or as JSON.
#include "cli/evaluate_policy.h"

#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "cli/policy_log.h"
#include "cli/progress.h"
#include "domain/clock.h"

namespace rankloop::cli {
namespace {

struct PolicyOptions {
  std::string file;
  ml::PolicyRules rules;
  bool json = false;
};

std::string_view meaning_of(ml::PolicyEstimator estimator) {
  using enum ml::PolicyEstimator;
  switch (estimator) {
    case kIps:
      return "by weights alone";
    case kClippedIps:
      return "weights cut at the clip";
    case kSnips:
      return "weights that average to 1";
    case kRips:
      return "weights of an item and all above it";
    case kDirect:
      return "by the reward model alone";
    case kDoublyRobust:
      return "the model, corrected by weights";
    case kSelfNormalisedDoublyRobust:
      return "the same, weights average to 1";
    case kSwitchDoublyRobust:
      return "the model alone above the clip";
    case kShrunkDoublyRobust:
      return "weights shrink above the clip";
    case kCascadeDoublyRobust:
      return "corrected from the top down";
  }
  return "";
}

std::string line(std::string_view name, double value, const ml::Interval& interval,
                 std::string_view meaning) {
  return fmt::format("  {:<14}{:>10.4f}   {:>9.4f} to {:>9.4f}   {}\n", name, value, interval.low,
                     interval.high, meaning);
}

std::string to_table(const ml::PolicyReport& report, const PolicyOptions& options) {
  std::string text = fmt::format("{}: {} lists of {} people, {} items\n\n", options.file, report.lists,
                                 report.people, report.items);
  text += fmt::format("what a list earns   {:.0f} % interval\n", 100 * options.rules.confidence);
  text += line("the log's own", report.logged, report.logged_interval, "as it was shown");
  for (const ml::PolicyEstimate& each : report.estimates)
    text += line(name_of(each.estimator), each.value, each.interval, meaning_of(each.estimator));
  if (!report.estimates.empty()) {
    text += fmt::format(
        "\n  clipped_ips for certain (empirical Bernstein): {:.4f} to {:.4f}; the clip of {} hides {:.4f} at "
        "most\n",
        report.bernstein.low, report.bernstein.high, options.rules.clip, report.clip_bias);
  }
  text += fmt::format(
      "\nweights\n  mean {:.4f} (1: nothing is missing), largest {:.4g}, {:.3g} % of items above the clip\n",
      report.mean_weight, report.largest_weight, 100 * report.clipped_share);
  text += fmt::format("  the items say as much as {:.0f} without weights\n", report.effective);
  if (!report.refusals.empty()) text += "\nNO ANSWER\n";
  for (const std::string& reason : report.refusals) text += "  - " + reason + "\n";
  for (const std::string& warning : report.warnings) text += "  - " + warning + "\n";
  return text;
}

int run(const PolicyOptions& options) {
  const SystemClock clock;
  Progress bar{std::cerr, progress_style(options.json), "reading", "", clock};
  const auto value = read_policy_log(
      options.file,
      {.clip = options.rules.clip, .progress = [&](double read, double all) { bar.update(read, all); }});
  bar.finish();
  if (!value) return complain(value.error());
  const ml::PolicyReport report = value->report(options.rules);
  std::cout << (options.json ? ml::to_json(report) + "\n" : to_table(report, options)) << std::flush;
  return report.refusals.empty() ? 0 : kFailed;
}

}  // namespace

void add_evaluate_policy(CLI::App& evaluate, CommandResult& result) {
  auto options = std::make_shared<PolicyOptions>();
  CLI::App* command = evaluate.add_subcommand("policy", "What would another way of ranking have earned?");
  command
      ->add_option(
          "file", options->file,
          "Shown items with a header: request, propensity, reward, target, and perhaps position, person, "
          "predicted and predicted_mean, joint and joint_target")
      ->type_name("FILE")
      ->required();
  command->add_option("--clip", options->rules.clip, "Weights above it are cut, or left to the reward model")
      ->check(CLI::Range(1.0, 1e12))
      ->capture_default_str();
  command->add_option("--confidence", options->rules.confidence, "Of the intervals")
      ->check(CLI::Range(0.5, 0.9999))
      ->capture_default_str();
  command->add_option("--resamples", options->rules.resamples, "Draws of the bootstrap")
      ->check(CLI::Range(100, 100'000))
      ->capture_default_str();
  command->add_option("--seed", options->rules.seed, "Seed of the resampling")->capture_default_str();
  command
      ->add_option("--least-effective", options->rules.least_effective,
                   "No answer where the items say less than so many without weights would")
      ->check(CLI::Range(1.0, 1e12))
      ->capture_default_str();
  command
      ->add_option("--least-support", options->rules.least_support,
                   "No answer where the log could show less than this share of what the policy shows")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Examples:\n"
      "  rankloop evaluate policy log.tsv\n"
      "  rankloop evaluate policy log.csv.gz --clip 20 --json\n"
      "\n"
      "propensity: how likely the item was shown at its position; target: how likely the other policy shows "
      "it there;\n"
      "joint and joint_target: the same of the item and all above it together; predicted: what a model says "
      "that it\n"
      "earns; predicted_mean: the same, on average over what the other policy would show there. "
      "docs/metrics.md has\n"
      "the formulas.\n"
      "Exit status: 0 with an answer, 1 where the log does not give one, 2 for wrong input.");
  command->callback([options, &result] { result.exit_code = run(*options); });
}

}  // namespace rankloop::cli
