// Fits slope and intercept by Newton's method.
#include "ml/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace rankloop::ml {
namespace {

double log_odds(double score) {
  constexpr double kSmallest = 1e-7;
  const double probability = std::clamp(score, kSmallest, 1 - kSmallest);
  return std::log(probability / (1 - probability));
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// A weighted logistic regression of one variable.
class Fit {
 public:
  Fit(std::span<const float> scores, std::span<const float> labels, std::span<const float> weights) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double weight = weights.empty() ? 1 : static_cast<double>(weights[i]);
      const auto label = static_cast<double>(labels[i]);
      positives_ += weight * label;
      negatives_ += weight * (1 - label);
      points_.push_back({log_odds(static_cast<double>(scores[i])), label, weight});
    }
    // Platt's targets: one imagined case of either class.
    const double high = (positives_ + 1) / (positives_ + 2);
    const double low = 1 / (negatives_ + 2);
    for (Point& point : points_) point.target = low + point.target * (high - low);
  }

  bool both_classes() const { return positives_ > 0 && negatives_ > 0; }

  double loss(double slope, double intercept) const {
    double sum = 0;
    for (const Point& p : points_) {
      const double z = slope * p.x + intercept;
      sum += p.weight * (std::max(z, 0.0) - z * p.target + std::log1p(std::exp(-std::abs(z))));
    }
    return sum;
  }

  Calibration solve() const {
    constexpr int kSteps = 100;
    constexpr double kEnough = 1e-10;
    double slope = 1;
    double intercept = 0;
    double now = loss(slope, intercept);
    for (int step = 0; step < kSteps; ++step) {
      double g1 = 0, g0 = 0, h11 = 1e-9, h10 = 0, h00 = 1e-9;
      for (const Point& p : points_) {
        const double probability = sigmoid(slope * p.x + intercept);
        const double gradient = p.weight * (probability - p.target);
        const double curvature = p.weight * probability * (1 - probability);
        g1 += gradient * p.x;
        g0 += gradient;
        h11 += curvature * p.x * p.x;
        h10 += curvature * p.x;
        h00 += curvature;
      }
      const double determinant = h11 * h00 - h10 * h10;
      const double d1 = (h00 * g1 - h10 * g0) / determinant;
      const double d0 = (h11 * g0 - h10 * g1) / determinant;
      double length = 1;
      double next = loss(slope - d1, intercept - d0);
      while (next > now && length > 1e-10) {
        length /= 2;
        next = loss(slope - length * d1, intercept - length * d0);
      }
      slope -= length * d1;
      intercept -= length * d0;
      if (now - next < kEnough * (1 + now)) break;
      now = next;
    }
    return {static_cast<float>(slope), static_cast<float>(intercept)};
  }

 private:
  struct Point {
    double x = 0;  // log-odds of the score
    double target = 0;
    double weight = 1;
  };
  std::vector<Point> points_;
  double positives_ = 0;
  double negatives_ = 0;
};

}  // namespace

double Calibration::apply(double score) const {
  return sigmoid(static_cast<double>(slope) * log_odds(score) + static_cast<double>(intercept));
}

Calibration fit_calibration(std::span<const float> scores, std::span<const float> labels,
                            std::span<const float> weights) {
  const Fit fit(scores, labels, weights);
  if (!fit.both_classes()) return {};
  const Calibration calibration = fit.solve();
  const bool sound = std::isfinite(calibration.slope) && std::isfinite(calibration.intercept);
  return sound && calibration.slope > 0 ? calibration : Calibration{};
}

}  // namespace rankloop::ml
