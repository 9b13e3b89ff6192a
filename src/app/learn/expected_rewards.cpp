// Scores the rows that matter to one list.
#include "app/learn/expected_rewards.h"

#include <algorithm>

#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kMostOfUniform = 128;  // items that stand for all that a uniform order may show

}  // namespace

void ExpectedRewards::ask_for_some(const std::vector<std::uint32_t>& eligible, std::uint64_t seed) {
  if (eligible.size() <= kMostOfUniform) {
    rows_.insert(rows_.end(), eligible.begin(), eligible.end());
    return;
  }
  ml::RandomNumbers random(ml::mix_bits(seed));
  for (std::size_t i = 0; i < kMostOfUniform; ++i)
    rows_.push_back(eligible[random.below(static_cast<std::uint32_t>(eligible.size()))]);
}

// The rows that are asked for, by the model that has not seen the request, whose number it answers.
std::size_t ExpectedRewards::score(const LoggedList& list, InferenceId request) {
  scores_.resize(rows_.size());
  const std::size_t fold = models_.fold_of(list.person(), request);
  list.score(models_.model(fold),
             [&](const ml::CatalogScorer& scorer) { scorer.score_rows(list.query(), 0, rows_, scores_); });
  return fold;
}

void ExpectedRewards::of_items(const LoggedList& list, InferenceId request,
                               const std::vector<RankedItem>& others, std::vector<double>& own,
                               std::vector<double>& of_others) {
  rows_ = list.chances().rows;
  for (const RankedItem& item : others) rows_.push_back(*list.catalog().find(item.item));
  const std::size_t fold = score(list, request);
  for (std::size_t i = 0; i < own.size(); ++i) own[i] = models_.reward(fold, scores_[i]);
  for (std::size_t i = 0; i < of_others.size(); ++i)
    of_others[i] = models_.reward(fold, scores_[own.size() + i]);
}

void ExpectedRewards::fill(const LoggedList& list, InferenceId request, const std::vector<ItemId>& order,
                           double explore, const ml::Examination& examination,
                           std::vector<ml::LoggedItem>& items) {
  rows_ = list.chances().rows;
  if (explore < 1) {
    for (const ItemId item : order) rows_.push_back(*list.catalog().find(item));
  }
  const std::size_t uniform = rows_.size();  // from here on
  if (explore > 0) ask_for_some(list.eligible_rows(), static_cast<std::uint64_t>(request.value));
  const std::size_t fold = score(list, request);
  double mean = 0;
  for (std::size_t i = uniform; i < rows_.size(); ++i)
    mean += models_.reward(fold, scores_[i]) / static_cast<double>(rows_.size() - uniform);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const double drawn = examination.at(static_cast<std::int32_t>(i + 1));
    const double in_order = explore < 1 ? models_.reward(fold, scores_[items.size() + i]) : 0;
    items[i].predicted = drawn * models_.reward(fold, scores_[i]);
    items[i].predicted_mean = drawn * (explore * mean + (1 - explore) * in_order);
  }
}

}  // namespace rankloop::app
