// The command compare: two scored files through the gate.
#include "cli/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <unordered_map>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/scored_file.h"

namespace rankloop::cli {
namespace {

struct CompareOptions {
  std::string champion;
  std::string challenger;
  std::string metric = "ndcg@10";
  std::string gain = "auto";
  ml::GateRules rules;
  bool json = false;
};

// Numbers for names; a request without a name is a person's of its own.
std::vector<std::int64_t> numbered_people(const std::vector<std::string>& names) {
  std::vector<std::int64_t> people;
  std::unordered_map<std::string_view, std::int64_t> known;
  std::int64_t next = 0;
  for (const std::string& name : names) {
    const auto number = name.empty() ? next : known.try_emplace(name, next).first->second;
    if (number == next) ++next;
    people.push_back(number);
  }
  return people;
}

Result<ml::GateOutcome> compare(CompareOptions& options) {
  const auto metric = ml::parse_metric(options.metric);
  if (!metric) return metric.error();
  const auto gain = ml::parse_gain(options.gain);
  if (!gain) return gain.error();
  const auto champion = read_scored_file(options.champion);
  if (!champion) return champion.error();
  const auto read = read_scored_file(options.challenger);
  if (!read) return read.error();
  const auto challenger = aligned_with(*champion, options.champion, *read, options.challenger);
  if (!challenger) return challenger.error();

  const auto old_values = ml::metric_per_request(champion->scored(), *metric, *gain);
  if (!old_values) return old_values.error();
  const auto new_values = ml::metric_per_request(challenger->scored(), *metric, *gain);
  if (!new_values) return new_values.error();
  const auto people = numbered_people(champion->people.empty() ? challenger->people : champion->people);
  const auto pairs = ml::pair_values(*old_values, *new_values, people);
  if (!pairs) return pairs.error();
  options.rules.metric = *metric;
  return ml::judge_challenger(options.rules, {.champion = pairs->champion,
                                              .challenger = pairs->challenger,
                                              .people = pairs->people,
                                              .left_out = pairs->left_out});
}

enum class Sign { kNegativeOnly, kAlways };

std::string formatted(Sign sign, double value) {
  std::array<char, 64> text{};
  const double plain = value == 0 ? 0.0 : value;  // no minus before nothing
  if (sign == Sign::kAlways) {
    std::snprintf(text.data(), text.size(), "%+.4f", plain);
  } else {
    std::snprintf(text.data(), text.size(), "%.4f", plain);
  }
  return text.data();
}

std::string headline(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPromote:
      return "PROMOTE: the challenger is proved better.\n";
    case Verdict::kReject:
      return "REJECT: the champion stays.\n";
    case Verdict::kInsufficientEvidence:
      return "INSUFFICIENT EVIDENCE: the champion stays for now.\n";
  }
  return "";
}

// A line of numbers with the interval, the delta and the margin on it.
class IntervalDrawing {
 public:
  IntervalDrawing(double low, double delta, double high, double margin)
      : from_(std::min({low, margin, 0.0})), to_(std::max({high, margin, 0.0})), axis_(kWidth, '-') {
    const double room = std::max((to_ - from_) / 20, 1e-12);
    from_ -= room;
    to_ += room;
    for (std::size_t i = place(low); i <= place(high); ++i) axis_[i] = '=';
    margin_ = place(margin);
    axis_[margin_] = '|';
    axis_[place(low)] = '[';
    axis_[place(high)] = ']';
    axis_[place(delta)] = 'o';
  }

  std::string text(double margin) const {
    const std::string label = "margin " + formatted(Sign::kNegativeOnly, margin);
    return "  " + axis_ + "\n  " + std::string(margin_, ' ') + "^ " + label + "\n";
  }

 private:
  static constexpr std::size_t kWidth = 64;

  std::size_t place(double value) const {
    const double share = (value - from_) / (to_ - from_);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(kWidth - 1)));
  }

  double from_;
  double to_;
  std::string axis_;
  std::size_t margin_ = 0;
};

int run_compare(CompareOptions& options) {
  const auto outcome = compare(options);
  if (!outcome) return complain(outcome.error());
  std::cout << (options.json ? ml::to_json(*outcome) + "\n" : to_text(*outcome)) << std::flush;
  return 0;
}

}  // namespace

std::string to_text(const ml::GateOutcome& outcome) {
  std::string text = headline(outcome.verdict) + "\n";
  if (outcome.delta) {
    const std::string metric{ml::name_of(outcome.metric)};
    text += "  " + metric + "   champion " + formatted(Sign::kNegativeOnly, *outcome.champion) +
            "   challenger " + formatted(Sign::kNegativeOnly, *outcome.challenger) + "   difference " +
            formatted(Sign::kAlways, *outcome.delta) + "\n";
    text += "  " + std::to_string(std::lround(100 * outcome.confidence)) + " % interval " +
            formatted(Sign::kAlways, *outcome.ci_low) + " to " + formatted(Sign::kAlways, *outcome.ci_high) +
            "\n\n";
    text += IntervalDrawing{*outcome.ci_low, *outcome.delta, *outcome.ci_high, outcome.margin}.text(
                outcome.margin) +
            "\n";
  }
  text += "  " + std::to_string(outcome.n_requests) + " requests of " + std::to_string(outcome.n_people) +
          " people, " + std::to_string(outcome.left_out) + " left out\n\n";
  for (const std::string& reason : outcome.reasons) text += "  - " + reason + "\n";
  return text;
}

void add_compare(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand("compare", "Is a challenger proved better than the champion?");
  command->add_option("champion", options->champion, "The champion's scores: request, label, score")
      ->type_name("FILE")
      ->required();
  command->add_option("challenger", options->challenger, "The challenger's scores of the same rows")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--metric", options->metric,
                   "ndcg@1, ndcg@3, ndcg@5, ndcg@10, mrr, map or logloss, of each request")
      ->capture_default_str();
  command
      ->add_option("--gain", options->gain,
                   "Of a label in NDCG: exponential (2^label - 1) or linear; auto: linear where "
                   "labels lie above 1 and are no grades, which are whole numbers up to 10")
      ->check(CLI::IsMember({"auto", "exponential", "linear"}))
      ->capture_default_str();
  command->add_option("--margin", options->rules.margin, "The lower end of the interval must lie above it")
      ->capture_default_str();
  command->add_option("--min-requests", options->rules.min_requests, "With fewer there is no evidence")
      ->capture_default_str();
  command
      ->add_option("--effect", options->rules.effect, "The difference above the margin that is worth finding")
      ->capture_default_str();
  command->add_flag(
      "--again", options->rules.time_uniform,
      "The files grow and are compared again and again: the interval holds at all looks together");
  command->add_option("--seed", options->rules.seed, "Seed of the resampling")->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Examples:\n"
      "  rankloop compare champion.tsv challenger.tsv\n"
      "  rankloop compare old.csv new.csv --metric mrr --margin 0.005 --json\n"
      "\n"
      "Both files hold the same rows (a header; .csv: commas, otherwise tabs). With a column 'person', the "
      "requests\n"
      "of one person are resampled together. docs/metrics.md has the rules.\n"
      "Exit status: 0 whatever the verdict, 2 for wrong input.");
  command->callback([options, &result] { result.exit_code = run_compare(*options); });
}

}  // namespace rankloop::cli
