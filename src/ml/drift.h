// Drift: how far the values that a model sees today lie from those that it was trained on.
#pragma once

#include <string>
#include <vector>

#include "domain/domain.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

// The distribution of one feature over the training rows.
struct FeatureSnapshot {
  std::string feature;
  // Of numbers, ascending and distinct: bin i holds values <= edges[i], the next the greater ones.
  std::vector<double> edges;
  std::vector<double> shares;  // [edges or words, + 2]: of the bins, the last one of what is absent
  // Of words, instead: bin i holds words[i], the next all others. Each word of a set has its part of the row.
  std::vector<std::string> words;
};

// Of the domain's features, without its crosses: up to ten bins of about equal share each, or the nine most
// frequent words. A vector counts as its length.
std::vector<FeatureSnapshot> take_snapshot(const Domain& domain, const LabelledRows& rows);

// The shares of rows in the bins of a snapshot of one of the domain's features.
std::vector<double> shares_in(const FeatureSnapshot& snapshot, const Domain& domain, std::size_t feature,
                              const LabelledRows& rows);

// The population stability index of two distributions over the same bins: the sum of (a - b) x ln(a / b), a
// form of Jeffreys' divergence (1946); as a rule of thumb below 0.1 is the same and above 0.25 is another
// population (Siddiqi, Credit Risk Scorecards, 2006). Empty bins count as a share of 0.0001.
double stability_index(const std::vector<double>& then, const std::vector<double>& now);

}  // namespace rankloop::ml
