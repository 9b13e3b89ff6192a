// How models stand beside each other on the same requests: means with intervals, and what one has before
// another. Pure functions; deterministic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "error/result.h"
#include "ml/bootstrap.h"
#include "ml/evaluate.h"
#include "ml/labelled_rows.h"
#include "ml/model.h"

namespace rankloop::ml {

inline constexpr std::size_t kHitDepth = 10;

using PerRequest = std::vector<std::optional<double>>;  // empty: undefined for that request

// Whether something positive is among the first `depth` of each request, 0 or 1; of items with equal scores
// the chance of that over all their orders. Undefined without a positive. Errors as evaluate().
Result<PerRequest> hits_per_request(const Scored& scored, std::size_t depth);

// A mean over requests, with its two-sided 95 % interval by people (bootstrap.h).
struct MeanOverRequests {
  double mean = 0;
  Interval interval;
  std::size_t requests = 0;  // where it is defined
};
// `people`: who asked each request; empty: somebody else each time. Nothing where no request has a value.
std::optional<MeanOverRequests> mean_over_requests(std::span<const std::optional<double>> values,
                                                   std::span<const std::int64_t> people);
// The same of values from 0 to 1, which neither end of the interval leaves.
std::optional<MeanOverRequests> mean_share_over_requests(std::span<const std::optional<double>> shares,
                                                         std::span<const std::int64_t> people);
// The mean of a - b over the requests where both are defined.
std::optional<MeanOverRequests> mean_difference(std::span<const std::optional<double>> a,
                                                std::span<const std::optional<double>> b,
                                                std::span<const std::int64_t> people);

struct Standing {
  PerRequest values;  // of the metric that was asked for
  std::optional<MeanOverRequests> metric;
  std::optional<MeanOverRequests> mrr;
  std::optional<MeanOverRequests> hits;  // at kHitDepth
};
// Errors as evaluate().
Result<Standing> standing_of(const Model& model, const LabelledRows& rows,
                             std::span<const std::int64_t> people, MetricName metric);

}  // namespace rankloop::ml
