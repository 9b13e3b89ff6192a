// The command evaluate: the metrics of a scored file as a table or as JSON.
#include "cli/evaluate.h"

#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/evaluate_policy.h"
#include "cli/scored_file.h"

namespace rankloop::cli {
namespace {

struct EvaluateOptions {
  std::string file;
  std::string gain = "auto";
  bool json = false;
};

std::string cell(const std::optional<double>& value) {
  if (!value) return "       -";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%8.4f", *value);
  return text.data();
}

std::string line(std::string name, const std::optional<double>& value, std::string_view meaning) {
  name.resize(19, ' ');
  return "  " + name + cell(value) + (meaning.empty() ? "" : "   ") + std::string{meaning} + "\n";
}

std::string curve_table(const std::vector<ml::CalibrationBin>& curve) {
  std::string table = "\npredicted  observed   95 % interval       rows\n";
  for (const ml::CalibrationBin& bin : curve) {
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%9.4f  %8.4f   %.4f to %.4f  %7zu\n", bin.predicted,
                  bin.observed, bin.low, bin.high, bin.rows);
    table += text.data();
  }
  return table;
}

int run_evaluate(const EvaluateOptions& options) {
  const auto gain = ml::parse_gain(options.gain);
  if (!gain) return complain(gain.error());
  const auto rows = read_scored_file(options.file);
  if (!rows) return complain(rows.error());
  const auto metrics = ml::evaluate(rows->weighted(), {}, *gain);
  if (!metrics) return complain(metrics.error());
  std::cout << (options.json ? ml::to_json(*metrics) + "\n" : to_table(*metrics, options.file)) << std::flush;
  return 0;
}

}  // namespace

std::string to_table(const ml::Metrics& metrics, const std::string& file) {
  std::string table = file + ": " + std::to_string(metrics.rows) + " rows, " +
                      std::to_string(metrics.requests) + " requests, " +
                      std::to_string(metrics.requests_with_positive) + " of them with a positive\n\n";
  table += "per request\n";
  for (std::size_t d = 0; d < ml::kNdcgDepths.size(); ++d) {
    table += line("ndcg@" + std::to_string(ml::kNdcgDepths[d]), metrics.ndcg[d],
                  d == 0 ? "gain of the ranking over the best possible" : "");
  }
  table += line("mrr", metrics.mrr, "1 / rank of the first positive");
  table += line("map", metrics.map, "average precision");
  table += "\nover all rows\n";
  table += line("auc", metrics.auc, "a positive scores above a negative");
  table += line("logloss", metrics.logloss, "nats a row");
  table += line("calibration_error", metrics.calibration_error, "probability against frequency, 10 bins");
  table += line("acc", metrics.acc, "accuracy at score >= 0.5");
  table += line("pre", metrics.pre, "precision");
  table += line("rec", metrics.rec, "recall");
  table += line("f1", metrics.f1, "");
  if (!metrics.calibration_curve.empty()) table += curve_table(metrics.calibration_curve);
  const bool all_defined = metrics.auc && metrics.logloss && metrics.acc && metrics.mrr && metrics.map;
  if (!all_defined)
    table +=
        "\n-: undefined for these rows (one class only, or scores or labels that are no probabilities)\n";
  return table;
}

void add_evaluate(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", "Judge scores against labels");
  command
      ->add_option(
          "file", options->file,
          "Rows with a header: request, label, score, and perhaps weight (.csv: commas, otherwise tabs)")
      ->type_name("FILE");
  command
      ->add_option("--gain", options->gain,
                   "Of a label in NDCG: exponential (2^label - 1) or linear; auto: linear where "
                   "labels lie above 1 and are no grades, which are whole numbers up to 10")
      ->check(CLI::IsMember({"auto", "exponential", "linear"}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Examples:\n"
      "  rankloop evaluate scored.tsv\n"
      "  rankloop evaluate counts.csv --gain linear --json\n"
      "  rankloop evaluate policy log.tsv\n"
      "\n"
      "Other columns are ignored; the rows of a request need not stand together. docs/metrics.md has the "
      "formulas.");
  add_evaluate_policy(*command, result);
  command->callback([command, options, &result] {
    if (!command->get_subcommands().empty()) return;
    if (options->file.empty()) throw CLI::RequiredError("file");
    result.exit_code = run_evaluate(*options);
  });
}

}  // namespace rankloop::cli
