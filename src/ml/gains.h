// What a label is worth: for NDCG, and as the weight of a target in training.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "error/result.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

enum class Gain {
  kByLabels,  // kLinear where a label lies above 1 and they are not all whole numbers up to 10, else
              // kExponential: grades are few and each is to count as much more than the one below (Burges et
              // al., "Learning to rank using gradient descent", ICML 2005), while a count or a price would
              // leave nothing of all others (Järvelin and Kekäläinen, TOIS 2002, take gains as they are)
  kExponential,  // 2^label - 1
  kLinear,       // the label itself
};

// "auto", "exponential" or "linear"; kInvalidArgument.
Result<Gain> parse_gain(std::string_view name);

// What kByLabels stands for with these labels, which are all of a set: one rule for all its requests.
Gain settled(Gain gain, std::span<const double> labels);

// Both parts with the gain of each label as a share of the greatest gain in them, which is what families
// learn from. Nothing, when no label lies above 1: those are shares already.
struct RowsOfShares {
  LabelledRows rows;
  LabelledRows validation;
};
std::optional<RowsOfShares> as_shares(const LabelledRows& rows, const LabelledRows& validation);

}  // namespace rankloop::ml
