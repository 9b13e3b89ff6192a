// What an experiment says so far: rates and values of its arms, how surely they differ, whether the arms have
// the people that they were to get, and the same in parts of the requests. Blocks. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/learn/experiment_design.h"
#include "app/watch/experiment_rows.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/arm_outcomes.h"
#include "ml/interleave.h"
#include "ml/sample_ratio.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::app {

enum class RequestFormat { kCsv, kJsonLines };

// Requests of an experiment as text.
struct RequestPage {
  std::string text;
  InferenceId last;  // 0: there are no more behind it
};

enum class GuardrailState { kHolds, kBroken, kUnsure };

// An arm beside the control, on one metric.
struct Comparison {
  std::size_t arm = 0;                 // place in the experiment's list
  std::optional<ml::Effect> effect;    // empty: too few people
  std::optional<ml::Interval> band;    // always valid
  double p = 1;                        // likewise
  double p_adjusted = 1;               // beside all other comparisons (Holm)
  std::optional<ml::Effect> adjusted;  // CUPED
  std::optional<ml::Interval> adjusted_band;
  std::optional<GuardrailState> guardrail;  // where the metric is one
};

struct MetricReport {
  ListMetric metric;
  bool primary = false;
  std::optional<double> bound;          // as a guardrail
  std::vector<ml::ArmMean> arms;        // in the experiment's order
  std::vector<Comparison> comparisons;  // of all arms but the control
};

// The band of the primary metric after so many requests; in step with the comparisons.
struct BandPoint {
  WallTime at;
  std::int64_t requests = 0;
  std::vector<std::optional<ml::Effect>> effects;
  std::vector<std::optional<ml::Interval>> bands;
};

struct AnsweredBy {
  std::size_t arm = 0;
  ModelId model;
  std::int64_t requests = 0;
};

// What lists of both arms say: whose picks are more, list by list. What picks below the merged positions say
// is of neither.
struct Preferred {
  Interleaving way{};
  std::int64_t merged = 0;                   // lists of both; one model alone made the others
  std::array<std::int64_t, 2> wins{};        // lists, by arm
  std::array<std::int64_t, 2> people{};      // whose lists say more for the arm than for the other
  std::array<double, 2> credit{};            // of all picks
  std::int64_t ties = 0;                     // lists, also those without a pick
  double sign_test_p = 1;                    // over people; holds at one moment that was fixed before
  std::optional<std::size_t> by_the_band{};  // the arm that the primary metric's band is for: at all moments
};

struct ExperimentReport {
  storage::ExperimentRecord experiment;
  ExperimentDesign design;
  std::int64_t requests = 0;
  std::int64_t people = 0;
  bool complete = true;                // false: the newest requests are left out
  std::vector<std::int64_t> assigned;  // people, or requests, of each arm; lists that interleaved arms opened
  ml::SampleRatio ratio;               // p_sequential: the least so far
  std::vector<MetricReport> metrics;   // the primary first
  std::vector<BandPoint> bands;
  std::vector<AnsweredBy> answered_by;
  std::optional<Preferred> preferred;  // where arms are interleaved
};

// One group of requests that are alike in a field.
struct SegmentReport {
  std::string value;
  std::int64_t requests = 0;
  MetricReport primary;  // p_adjusted: beside all groups
};

bool ratio_alarm(const ExperimentReport& report);
// The guardrail that an arm is surely beyond; empty: none.
std::string broken_guardrail(const ExperimentReport& report);

// Of what was read. Pure.
ExperimentReport report_on(const storage::ExperimentRecord& experiment, const ExperimentDesign& design,
                           std::span<const FeedbackRule> rules, const ExperimentRows& rows,
                           const std::vector<Earlier>& earlier);

class ExperimentReports {
 public:
  ExperimentReports(const Domain& domain, storage::Store& store, const Clock& clock)
      : domain_(domain), store_(store), clock_(clock) {}

  // At most ten seconds old, or twenty times as old as it takes to make. kNotFound "Experiment not found".
  Result<std::shared_ptr<const ExperimentReport>> report(ExperimentId id);
  // By a field of the requests: its most frequent values, and "other"; numbers of many values by quarters.
  // kInvalidArgument: requests have no such field.
  Result<std::vector<SegmentReport>> segments(ExperimentId id, const std::string& field);
  // Those that were analysed, with greater numbers than `after`; of CSV with a header.
  Result<RequestPage> requests(ExperimentId id, InferenceId after, std::size_t limit, RequestFormat format);

 private:
  struct Kept {
    std::shared_ptr<const ExperimentReport> report;
    Monotonic made;
    Monotonic::duration took{};
  };
  Result<storage::ExperimentRecord> experiment(ExperimentId id);
  Result<std::shared_ptr<const ExperimentReport>> make(ExperimentId id);

  const Domain& domain_;
  storage::Store& store_;
  const Clock& clock_;
  Mutex one_reports_;
  std::unordered_map<ExperimentId, Kept> kept_ GUARDED_BY(one_reports_);
};

}  // namespace rankloop::app
