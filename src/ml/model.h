// A model and what it becomes when bound to a catalog. A family is one folder under families/ and one line in
// families/families.cpp; its contract is tests/contract/model.
//
// Models and scorers are immutable and safe to use from any thread; they are held by shared_ptr, so a
// promotion never changes a running task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "error/result.h"
#include "ml/calibration.h"
#include "ml/catalog.h"
#include "ml/labelled_rows.h"
#include "ml/query.h"

namespace rankloop::ml {

// Consecutive rows [first, first + scores.size()) of the catalog with their raw scores. Holes are included;
// the receiver skips them.
class ScoreSink {
 public:
  virtual ~ScoreSink() = default;
  virtual void take(std::uint32_t first_row, std::span<const float> scores) = 0;
};

// A model bound to one catalog version, with everything that depends on the item alone already computed
// (within the given memory; beyond it that half is computed on the fly).
class CatalogScorer {
 public:
  virtual ~CatalogScorer() = default;
  virtual const Catalog& catalog() const = 0;

  // Scores every row, chunk by chunk, for a query. `seed` is for
  // families that draw (random); the others ignore it.
  virtual void score_all(const Query& query, std::uint64_t seed, ScoreSink& sink) const = 0;

  // Scores some rows: scores[i] belongs to rows[i].
  virtual void score_rows(const Query& query, std::uint64_t seed, std::span<const std::uint32_t> rows,
                          std::span<float> scores) const = 0;

  virtual std::size_t resident_bytes() const = 0;  // of the precomputed half; shared chunks count in full
};

// Why a row got its score, in log-odds: base + the sum of the contributions = the log-odds of the raw score
// (to 1e-3).
struct Explanation {
  double base = 0;                    // the score of a row of which nothing is known
  std::vector<double> contributions;  // of each input of the row: its numbers, then its codes. What item
                                      // and person add by themselves is no input's and stands in the base
};

class Model {
 public:
  virtual ~Model() = default;
  virtual std::string_view family() const = 0;                 // "mlp", "random"
  virtual const std::string& feature_fingerprint() const = 0;  // of the domain it was made for; "" fits any
  // True when scores are random draws: the ranking's policy is then "uniform" with exact propensities.
  virtual bool draws() const { return false; }

  // `previous`, when given, is a scorer of this very model on an earlier snapshot: chunks that both snapshots
  // share keep their precomputed half. `memory` bounds the precomputed half in bytes.
  virtual std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                                    const CatalogScorer* previous,
                                                    std::size_t memory) const = 0;

  // Scores rows of raw inputs. The same formula as a bound scorer's; `seed` as there, with the row's number
  // in place of an item that is not known.
  virtual void score_features(const FeatureRows& rows, std::uint64_t seed, std::span<float> scores) const = 0;

  // Explains the raw score of one row. A family that does not look at features has no contributions but
  // zeros.
  virtual Explanation explain(const FeatureRows& row) const = 0;

  // Raw scores are what is ranked by and reported; probabilities are what this makes of them.
  const Calibration& calibration() const { return calibration_; }
  // Models that are as likely as this one by what its training rows leave open: draws of its weights from
  // their posterior, the same ones each time. None where the family, or this model, keeps no posterior.
  virtual std::vector<std::shared_ptr<const Model>> posterior_draws(std::size_t /*count*/) const {
    return {};
  }

  // The same model with another calibration.
  virtual std::shared_ptr<const Model> calibrated(const Calibration& calibration) const = 0;

  // The items that the model knows by themselves, ascending; most families see only what items are like.
  virtual std::span<const ItemId> items() const { return {}; }
  // The same model of a catalog that has other numbers for these: numbers[i] for items()[i], each once; 0:
  // none, and the model forgets the item.
  virtual std::shared_ptr<const Model> renumbered(std::span<const ItemId> /*numbers*/) const {
    return calibrated(calibration_);
  }

  // The artefact: self-contained bytes with a family name and a format version; loads with load_model().
  virtual std::string save() const = 0;

 protected:
  Calibration calibration_;
};

// kDataLoss: not an artefact, damaged, or of an unknown family. kFailedPrecondition: made for another feature
// schema than the domain's (the message names both fingerprints).
Result<std::shared_ptr<const Model>> load_model(std::string_view artefact, const Domain& domain);

// The family that needs no training: a seeded uniform order. What a domain starts on.
std::shared_ptr<const Model> random_model();

}  // namespace rankloop::ml
