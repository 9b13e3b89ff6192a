// The ranking metrics of one request.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ml/evaluate.h"

namespace rankloop::ml {

// What the reciprocal rank of a request is when it has several positives.
enum class ReciprocalRank {
  kBestPositive,     // labels are 0 or 1: of the first positive
  kMeanOverChoices,  // labels are counts or probabilities: sum of label / rank over the sum of labels
};

struct RequestMetrics {
  std::array<std::optional<double>, kNdcgDepths.size()> ndcg;
  std::optional<double> reciprocal_rank;
  std::optional<double> average_precision;
};

// Judges one request after another with the same scratch memory. Items with equal scores count as the
// expectation over all their orders. NDCG: Järvelin and Kekäläinen, TOIS 2002; with ties: McSherry and
// Najork, ECIR 2008. Not thread-safe.
class RequestJudge {
 public:
  // `gain`: settled.
  RequestJudge(Gain gain, ReciprocalRank rule) : gain_(gain), rule_(rule) {}
  RequestMetrics judge(std::span<const double> scores, std::span<const double> labels);

 private:
  void fill_gains(std::span<const double> labels);

  const Gain gain_;
  const ReciprocalRank rule_;
  std::vector<std::uint32_t> order_;  // rows, best first
  std::vector<double> gains_;         // by row
  std::vector<double> best_gains_;    // greatest first, as deep as it matters
};

}  // namespace rankloop::ml
