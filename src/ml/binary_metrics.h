// The reference's figures of a binary classifier.
#pragma once

#include <cstdint>
#include <span>

namespace rankloop::ml {

struct BinaryMetrics {  // raw sigmoid at 0.5, as the reference counts them (but with precision and recall
  double accuracy = 0;  // on their own sides)
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  double auc = 0.5;  // ties count half; 0.5 when only one class is present
  double logloss = 0;
};

// A ratio without cases (precision when nothing was predicted positive) is 0.
BinaryMetrics evaluate_binary(std::span<const float> scores, std::span<const float> labels);

}  // namespace rankloop::ml
