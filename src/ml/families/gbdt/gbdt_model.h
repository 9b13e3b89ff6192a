// The gbdt family: gradient-boosted trees, trained and scored by XGBoost. Raw scores are the sigmoid of the
// margin, the sum of the trees, whatever they were trained for. Immutable and thread-safe; a call computes on
// the calling thread only.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/families/gbdt/booster.h"
#include "ml/families/gbdt/train_gbdt.h"
#include "ml/families/gbdt/word_numbers.h"
#include "ml/model.h"

namespace rankloop::ml {

Result<std::shared_ptr<const Model>> load_gbdt_model(const Artefact& artefact, const Domain& domain);

// From trees of the numbers of the domain's features, or of these and its crosses, and then of its words, as
// Booster::text() gives them. `word_numbers`: what the words count as; null in a domain without words.
// kDataLoss: of another width, or not trees at all.
Result<std::shared_ptr<const Model>> make_gbdt_model(std::string_view trees, std::size_t width,
                                                     Objective objective,
                                                     std::shared_ptr<const WordNumbers> word_numbers,
                                                     const Domain& domain);

// Binds trees; see Model::bind. Nothing is computed ahead: a tree asks for items and requests by turns.
std::shared_ptr<const CatalogScorer> bind_trees(std::shared_ptr<const Booster> trees,
                                                std::shared_ptr<const WordNumbers> word_numbers,
                                                std::shared_ptr<const Catalog> catalog);

// Raw scores of rows of trees.width() inputs. Trees that could be loaded fail for want of memory only: then
// std::bad_alloc.
void score_inputs(const Booster& trees, std::span<const float> inputs, std::span<float> scores);

}  // namespace rankloop::ml
