// The command evaluate policy: estimates of a policy's value from a log, as a table or as JSON.
#include "cli/evaluate_policy.h"

#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "cli/evaluate_model.h"
#include "cli/policy_log.h"
#include "cli/policy_table.h"
#include "cli/progress.h"
#include "domain/clock.h"

namespace rankloop::cli {
namespace {

struct PolicyOptions {
  std::string file;
  EvaluateModelOptions model;
  ml::PolicyRules rules;
  bool json = false;
};

std::string to_table(const ml::PolicyReport& report, const PolicyOptions& options) {
  return fmt::format("{}: {} lists of {} people, {} items\n\n", options.file, report.lists, report.people,
                     report.items) +
         policy_table(boost::json::parse(ml::to_json(report)).as_object(),
                      {options.rules.confidence, options.rules.clip});
}

int run(const PolicyOptions& options) {
  if (!options.model.model.empty()) {
    return run_evaluate_model(options.model, options.rules.clip, options.json);
  }
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
          "predicted and predicted_mean, joint and joint_target, examination with examined and "
          "examined_target")
      ->type_name("FILE");
  add_evaluate_model_options(*command, options->model);
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
      "  rankloop evaluate policy --model 3 --explore 0.05\n"
      "  rankloop evaluate policy --model 3 --explore-by softmax --positions 3\n"
      "  rankloop evaluate policy --model champion --data-dir /var/lib/rankloop --positions 1\n"
      "\n"
      "propensity: how likely the item was shown at its position; target: how likely the other policy shows "
      "it there;\n"
      "joint and joint_target: the same of the item and all above it together; predicted: what a model says "
      "that it\n"
      "earns; predicted_mean: the same, on average over what the other policy would show there. "
      "docs/metrics.md has\n"
      "the formulas.\n"
      "Exit status: 0 with an answer, 1 where the log does not give one, 2 for wrong input.");
  command->callback([options, &result] {
    if (options->file.empty() == options->model.model.empty()) {
      throw CLI::ValidationError("say either FILE or --model: what to ask");
    }
    result.exit_code = run(*options);
  });
}

}  // namespace rankloop::cli
