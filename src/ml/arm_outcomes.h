// What the arms of an experiment came to, request by request, and how surely one differs from the control.
//
// Requests of one person are alike, so the unit of all variances is the person (a cluster), also where each
// request was drawn by itself. A mean is a ratio of two sums over people, outcomes and requests; its variance
// is that of its linearisation (the delta method; Deng, Knoblich and Lu, "Applying the delta method in metric
// analytics", KDD 2018). People with requests in both arms make the two means depend on each other, which the
// same linearisation counts.
//
// CUPED (Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online controlled experiments by
// utilizing pre-experiment data", WSDM 2013): a person's earlier outcome is no work of the arm, so what the
// arms differ by in it is chance and is taken off.
//
// Adding costs the same however much there is, so that effects can be asked for at any moment. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ml/bootstrap.h"
#include "ml/confidence_sequence.h"

namespace rankloop::ml {

struct ArmRequestOutcome {
  std::uint32_t person = 0;  // counted from 0; of nobody in particular: a number of its own
  std::uint16_t arm = 0;     // 0: the control
  double outcome = 0;
};

struct ArmMean {
  std::int64_t requests = 0;
  std::int64_t people = 0;
  double mean = 0;      // over the requests
  double variance = 0;  // of the mean
};

// An arm's mean less the control's.
struct Effect {
  ArmMean control;
  ArmMean arm;
  double difference = 0;
  double variance = 0;      // of the difference
  std::int64_t people = 0;  // of both arms, each once
  double lift = 0;          // difference / control's mean; nan when that is 0
  double lift_variance = 0;
};

class ArmOutcomes {
 public:
  // `earlier`: by person, what CUPED goes by; people beyond its end have its mean. Empty: without CUPED.
  explicit ArmOutcomes(std::size_t arms, std::vector<double> earlier = {});

  void add(const ArmRequestOutcome& request);

  ArmMean mean(std::size_t arm) const;
  // Nothing while either arm has fewer than two people.
  std::optional<Effect> effect(std::size_t arm) const;
  // The same with CUPED; `lift` is the adjusted difference over the control's mean. Only where people, not
  // requests, were drawn. Nothing without earlier outcomes, or where all are alike.
  std::optional<Effect> adjusted_effect(std::size_t arm) const;

 private:
  struct Cell {  // of one person in one arm
    double requests = 0;
    double outcomes = 0;
  };
  struct Sums {  // over the people of an arm
    double people = 0;
    double n = 0;
    double y = 0;
    double nn = 0;
    double ny = 0;
    double yy = 0;
    double x = 0;  // earlier outcomes
    double xx = 0;
    double xn = 0;
    double xy = 0;
  };
  struct Shared {  // over the people of an arm and of the control: products of one's and the other's
    double people = 0;
    double nn = 0;
    double ny = 0;  // of the control's requests and the arm's outcomes
    double yn = 0;
    double yy = 0;
  };

  double earlier_of(std::uint32_t person) const;
  void count(std::size_t arm, const Cell& cell, double earlier, double sign);
  void count_shared(std::size_t arm, const Cell& control, const Cell& cell, double sign);
  double covariance(std::size_t arm) const;

  const std::size_t arms_;
  std::vector<double> earlier_;
  double earlier_mean_ = 0;
  std::vector<Cell> cells_;  // by person, then by arm
  std::vector<Sums> sums_;   // by arm
  std::vector<Shared> shared_;
};

// The interval of an effect at one moment that was fixed before, two-sided.
Interval interval_of(double mean, double variance, double confidence);

// Bounds that hold at all moments at once (confidence_sequence.h), over the people of both arms. Nothing
// before kLeastPeople are in each arm, when the normal approximation does not hold yet.
inline constexpr std::int64_t kLeastPeople = 100;
std::optional<Interval> band_of(const Effect& effect, const SequenceRules& rules);
// A p-value that holds likewise; 1 without a band.
double always_valid_p(const Effect& effect, const SequenceRules& rules);

}  // namespace rankloop::ml
