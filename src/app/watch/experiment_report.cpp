// Runs an experiment's requests through the statistics, in their order.
#include "app/watch/experiment_report.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "ml/sample_size.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kLooks = 60;  // moments of the bands over time

ml::SequenceRules rules_of(const ExperimentDesign& design) {
  return {.tightest_at = static_cast<double>(std::max(design.planned_people, 2 * ml::kLeastPeople))};
}

// A person's mean before of metric number `of`; who never asked has the mean of those who did.
std::vector<double> earlier_means(const std::vector<Earlier>& earlier, std::size_t of) {
  double requests = 0;
  double sum = 0;
  for (const Earlier& each : earlier) {
    requests += each.requests;
    if (each.requests > 0) sum += each.sums[of];
  }
  std::vector<double> means;
  if (requests == 0) return means;
  means.reserve(earlier.size());
  for (const Earlier& each : earlier)
    means.push_back(each.requests > 0 ? each.sums[of] / each.requests : sum / requests);
  return means;
}

GuardrailState state_of(const Comparison& comparison, const MetricReport& report) {
  if (!comparison.band) return GuardrailState::kUnsure;
  // How much worse the arm is, at least and at most.
  const bool less = report.metric.less_is_better();
  const double least = less ? comparison.band->low : -comparison.band->high;
  const double most = less ? comparison.band->high : -comparison.band->low;
  if (least > *report.bound) return GuardrailState::kBroken;
  return most <= *report.bound ? GuardrailState::kHolds : GuardrailState::kUnsure;
}

MetricReport summed_up(const ListMetric& metric, std::optional<double> bound, const ml::ArmOutcomes& outcomes,
                       std::size_t arms, const ml::SequenceRules& rules) {
  MetricReport report{.metric = metric, .bound = bound, .arms = {}, .comparisons = {}};
  for (std::size_t arm = 0; arm < arms; ++arm) report.arms.push_back(outcomes.mean(arm));
  for (std::size_t arm = 1; arm < arms; ++arm) {
    Comparison& comparison = report.comparisons.emplace_back(Comparison{.arm = arm});
    comparison.effect = outcomes.effect(arm);
    comparison.adjusted = outcomes.adjusted_effect(arm);
    if (comparison.effect) {
      comparison.band = band_of(*comparison.effect, rules);
      comparison.p = always_valid_p(*comparison.effect, rules);
    }
    if (comparison.adjusted) comparison.adjusted_band = band_of(*comparison.adjusted, rules);
    if (bound) comparison.guardrail = state_of(comparison, report);
  }
  return report;
}

std::optional<double> bound_of(const ExperimentDesign& design, const std::string& metric) {
  const auto found = std::ranges::find(design.guardrails, metric, &Guardrail::metric);
  return found == design.guardrails.end() ? std::nullopt : std::optional(found->bound);
}

// Holm over all comparisons that the experiment is judged by.
void adjust(std::vector<MetricReport*> judged) {
  std::vector<Comparison*> comparisons;
  for (MetricReport* metric : judged) {
    for (Comparison& comparison : metric->comparisons) comparisons.push_back(&comparison);
  }
  std::vector<double> p;
  std::ranges::transform(comparisons, std::back_inserter(p), &Comparison::p);
  const std::vector<double> adjusted = ml::holm_adjusted(p);
  for (std::size_t i = 0; i < comparisons.size(); ++i) comparisons[i]->p_adjusted = adjusted[i];
}

// People, or requests, that each arm got, or lists that it opened, and the least sequential p-value so far.
class RatioWatch {
 public:
  explicit RatioWatch(const storage::ExperimentRecord& experiment)
      : by_person_(experiment.unit == ExperimentUnit::kPerson), counts_(experiment.arms.size()) {
    for (const storage::ExperimentArm& arm : experiment.arms) shares_.push_back(arm.share);
  }

  void add(const MergedList& list) {
    if (list.merged) ++counts_[list.second_opened ? 1 : 0];
  }
  void add(const ExperimentRow& row) {
    if (by_person_) {
      const std::size_t place = row.person * counts_.size() + row.arm;
      if (seen_.size() <= place) seen_.resize(place + 1);
      if (seen_[place]) return;
      seen_[place] = true;
    }
    ++counts_[row.arm];
  }
  void look() {
    const double least = ratio_.p_sequential;
    ratio_ = ml::sample_ratio(counts_, shares_);
    ratio_.p_sequential = std::min(least, ratio_.p_sequential);
  }
  const std::vector<std::int64_t>& counts() const { return counts_; }
  const ml::SampleRatio& ratio() const { return ratio_; }

 private:
  const bool by_person_;
  std::vector<std::int64_t> counts_;
  std::vector<double> shares_;
  std::vector<bool> seen_;
  ml::SampleRatio ratio_;
};

BandPoint look_at(const ml::ArmOutcomes& outcomes, const ExperimentRow& row, std::size_t requests,
                  std::size_t arms, const ml::SequenceRules& rules) {
  BandPoint point{row.created, static_cast<std::int64_t>(requests), {}, {}};
  for (std::size_t arm = 1; arm < arms; ++arm) {
    point.effects.push_back(outcomes.effect(arm));
    const auto& effect = point.effects.back();
    point.bands.push_back(effect ? band_of(*effect, rules) : std::nullopt);
  }
  return point;
}

std::vector<AnsweredBy> answers_of(const ExperimentRows& rows) {
  std::map<std::pair<std::size_t, std::int64_t>, std::int64_t> counts;
  for (const ExperimentRow& row : rows.rows) ++counts[{row.arm, row.model.value}];
  for (const MergedList& list : rows.lists) ++counts[{1, list.second.value}];
  std::vector<AnsweredBy> answers;
  for (const auto& [who, requests] : counts) answers.push_back({who.first, ModelId{who.second}, requests});
  return answers;
}

// Row `i` into the metric's outcomes: its arm's, or what it says of both.
void add_outcome(const ExperimentRows& rows, std::size_t i, const ListMetric& metric,
                 ml::ArmOutcomes& outcomes) {
  const ExperimentRow& row = rows.rows[i];
  if (rows.lists.empty()) return outcomes.add({row.person, row.arm, metric.of(row.outcome)});
  for (std::uint16_t arm = 0; arm < 2; ++arm)
    outcomes.add({row.person, arm, metric.of_arm(row.outcome, arm)});
}

Preferred preferred_of(const ExperimentRows& rows, Interleaving way) {
  Preferred found{.way = way};
  std::vector<double> leads(rows.numbers);  // of the second arm, by person
  for (std::size_t i = 0; i < rows.lists.size(); ++i) {
    const ExperimentRow& row = rows.rows[i];
    const std::optional<std::size_t> winner = won_by_picks(row.outcome);
    const ml::Credit credit = credit_of_picks(row.outcome);
    found.merged += rows.lists[i].merged ? 1 : 0;
    found.ties += winner ? 0 : 1;
    found.credit[0] += credit.first;
    found.credit[1] += credit.second;
    if (!winner) continue;
    ++found.wins[*winner];
    leads[row.person] += *winner == 1 ? 1 : -1;
  }
  for (const double lead : leads) {
    found.people[0] += lead < 0 ? 1 : 0;
    found.people[1] += lead > 0 ? 1 : 0;
  }
  found.sign_test_p =
      ml::sign_test(static_cast<std::size_t>(found.people[0]), static_cast<std::size_t>(found.people[1]));
  return found;
}

// Whom the primary metric's band is for.
std::optional<std::size_t> winner_by(const MetricReport& primary) {
  const auto& band = primary.comparisons.front().band;
  if (!band || (band->low <= 0 && band->high >= 0)) return std::nullopt;
  return (band->low > 0) != primary.metric.less_is_better() ? 1 : 0;
}

// Those of the domain, and the design's own where the domain has their kinds no longer.
std::vector<ListMetric> metrics_of(const ExperimentDesign& design, std::span<const FeedbackRule> rules) {
  std::vector<ListMetric> metrics = list_metrics(rules);
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(metrics, name, &ListMetric::name) == metrics.end())
      metrics.push_back(ListMetric::of_design(name, rules));
  };
  add(design.primary);
  for (const Guardrail& each : design.guardrails) add(each.metric);
  return metrics;
}

// Runs the requests through one metric after the other.
class Analysis {
 public:
  Analysis(const storage::ExperimentRecord& experiment, const ExperimentDesign& design,
           const ExperimentRows& rows, const std::vector<Earlier>& earlier, ExperimentReport& report)
      : arms_(experiment.arms.size()),
        // What people did before was not credited to arms.
        adjusted_(experiment.unit == ExperimentUnit::kPerson && !experiment.interleaving),
        design_(design),
        rules_(rules_of(design)),
        rows_(rows),
        earlier_(earlier),
        report_(report) {}

  // Number `place` of all; those that were measured before are the first.
  void add(const ListMetric& metric, std::size_t place) {
    const bool primary = metric.name() == design_.primary;
    const bool measured = adjusted_ && place < measured_before();
    ml::ArmOutcomes outcomes(arms_, measured ? earlier_means(earlier_, place) : std::vector<double>{});
    if (primary) {
      watch(metric, outcomes);
    } else {
      for (std::size_t i = 0; i < rows_.rows.size(); ++i) add_outcome(rows_, i, metric, outcomes);
    }
    MetricReport made = summed_up(metric, bound_of(design_, metric.name()), outcomes, arms_, rules_);
    made.primary = primary;
    report_.metrics.insert(primary ? report_.metrics.begin() : report_.metrics.end(), std::move(made));
  }

 private:
  std::size_t measured_before() const {
    const auto asked = std::ranges::find_if(earlier_, [](const Earlier& each) { return each.requests > 0; });
    return asked == earlier_.end() ? 0 : asked->sums.size();
  }

  // The primary metric and the sample ratio, as they were at some moments.
  void watch(const ListMetric& metric, ml::ArmOutcomes& outcomes) {
    const std::size_t all = rows_.rows.size();
    const std::size_t every = std::max<std::size_t>(1, (all + kLooks - 1) / kLooks);
    RatioWatch ratio(report_.experiment);
    for (std::size_t i = 0; i < all; ++i) {
      add_outcome(rows_, i, metric, outcomes);
      if (rows_.lists.empty()) {
        ratio.add(rows_.rows[i]);
      } else {
        ratio.add(rows_.lists[i]);
      }
      if ((i + 1) % every != 0 && i + 1 != all) continue;
      ratio.look();
      report_.bands.push_back(look_at(outcomes, rows_.rows[i], i + 1, arms_, rules_));
    }
    report_.assigned = ratio.counts();
    report_.ratio = ratio.ratio();
  }

  const std::size_t arms_;
  const bool adjusted_;
  const ExperimentDesign& design_;
  const ml::SequenceRules rules_;
  const ExperimentRows& rows_;
  const std::vector<Earlier>& earlier_;
  ExperimentReport& report_;
};

}  // namespace

ExperimentReport report_on(const storage::ExperimentRecord& experiment, const ExperimentDesign& design,
                           std::span<const FeedbackRule> rules, const ExperimentRows& rows,
                           const std::vector<Earlier>& earlier) {
  ExperimentReport report{.experiment = experiment, .design = design};
  report.requests = static_cast<std::int64_t>(rows.rows.size());
  report.people = rows.numbers;
  report.complete = rows.complete;
  report.answered_by = answers_of(rows);
  Analysis analysis(experiment, design, rows, earlier, report);
  const std::vector<ListMetric> metrics = metrics_of(design, rules);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!experiment.interleaving || metrics[i].is_of_an_arm()) analysis.add(metrics[i], i);
  }
  if (experiment.interleaving) {
    report.preferred = preferred_of(rows, *experiment.interleaving);
    report.preferred->by_the_band = winner_by(report.metrics.front());
  }
  std::vector<MetricReport*> judged;
  for (MetricReport& metric : report.metrics) {
    if (metric.primary || metric.bound) judged.push_back(&metric);
  }
  adjust(judged);
  return report;
}

bool ratio_alarm(const ExperimentReport& report) {
  return std::min(report.ratio.p, report.ratio.p_sequential) < ml::kSampleRatioAlarm;
}

std::string broken_guardrail(const ExperimentReport& report) {
  for (const MetricReport& metric : report.metrics) {
    for (const Comparison& comparison : metric.comparisons) {
      if (comparison.guardrail != GuardrailState::kBroken) continue;
      return metric.metric.name() + " of arm '" + report.experiment.arms[comparison.arm].name + "'";
    }
  }
  return {};
}

Result<storage::ExperimentRecord> ExperimentReports::experiment(ExperimentId id) {
  auto found = store_.experiment(id);
  if (!found && found.error().code == ErrorCode::kNotFound)
    return Error{ErrorCode::kNotFound, "Experiment not found"};
  return found;
}

Result<std::shared_ptr<const ExperimentReport>> ExperimentReports::make(ExperimentId id) {
  const auto record = experiment(id);
  if (!record) return record.error();
  const auto design = read_design(record->design);
  if (!design) return design.error();
  if (!record->started)
    return std::make_shared<const ExperimentReport>(report_on(*record, *design, domain_.feedback, {}, {}));
  const auto rows = read_experiment_rows(store_, *record, domain_.feedback, false);
  if (!rows) return rows.error();
  const auto earlier = record->interleaving ? Result<std::vector<Earlier>>{std::vector<Earlier>{}}
                                            : read_earlier(store_, *record, domain_.feedback, *rows);
  if (!earlier) return earlier.error();
  return std::make_shared<const ExperimentReport>(
      report_on(*record, *design, domain_.feedback, *rows, *earlier));
}

Result<std::shared_ptr<const ExperimentReport>> ExperimentReports::report(ExperimentId id) {
  constexpr std::chrono::seconds kFresh{10};
  constexpr int kRests = 20;  // times as long as a report takes
  const auto now = experiment(id);
  if (!now) return now.error();
  const Lock lock{one_reports_};
  const auto kept = kept_.find(id);
  if (kept != kept_.end()) {
    const Kept& last = kept->second;
    const storage::ExperimentRecord& then = last.report->experiment;
    const bool same = then.state == now->state && then.exposure == now->exposure;
    const auto rests = std::max<Monotonic::duration>(kFresh, kRests * last.took);
    if (same && clock_.monotonic() - last.made < rests) return last.report;
  }
  const Monotonic begin = clock_.monotonic();
  auto made = make(id);
  if (!made) return made;
  const Monotonic end = clock_.monotonic();
  kept_[id] = {*made, end, end - begin};
  return made;
}

}  // namespace rankloop::app
