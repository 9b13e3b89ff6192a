// Trees bound to a catalog: walked for many items at a time.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ml/families/gbdt/gbdt_model.h"
#include "ml/feature_maker.h"

namespace rankloop::ml {
namespace {

// Rows that go to the trees at once: enough to make the call cheap, few enough to stay in the cache.
constexpr std::size_t kPortionRows = 512;
static_assert(kChunkRows % kPortionRows == 0);

class GbdtScorer final : public CatalogScorer {
 public:
  GbdtScorer(std::shared_ptr<const Booster> trees, std::shared_ptr<const Catalog> catalog)
      : trees_(std::move(trees)),
        catalog_(std::move(catalog)),
        inputs_of_(catalog_->domain(), catalog_->item_columns(),
                   trees_->width() != catalog_->domain().features.size()) {}

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(std::span<const double> request_columns, std::uint64_t /*seed*/,
                 ScoreSink& sink) const override {
    Pass pass(*this, request_columns);
    std::array<float, kPortionRows> scores;
    std::uint32_t first_row = 0;
    for (const auto& chunk : catalog_->chunks()) {
      for (std::size_t first = 0; first < chunk->rows; first += kPortionRows) {
        const auto portion = std::span(scores).first(std::min(kPortionRows, chunk->rows - first));
        for (std::size_t i = 0; i < portion.size(); ++i) pass.add(*chunk, first + i);
        pass.score(portion);
        sink.take(first_row + static_cast<std::uint32_t>(first), portion);
      }
      first_row += kChunkRows;
    }
  }

  void score_rows(std::span<const double> request_columns, std::uint64_t /*seed*/,
                  std::span<const std::uint32_t> rows, std::span<float> scores) const override {
    Pass pass(*this, request_columns);
    for (std::size_t first = 0; first < rows.size(); first += kPortionRows) {
      const auto portion = rows.subspan(first, std::min(kPortionRows, rows.size() - first));
      for (const std::uint32_t row : portion)
        pass.add(*catalog_->chunks()[row / kChunkRows], row % kChunkRows);
      pass.score(scores.subspan(first, portion.size()));
    }
  }

  std::size_t resident_bytes() const override { return 0; }

 private:
  // The rows of one request on their way to the trees.
  class Pass {
   public:
    Pass(const GbdtScorer& scorer, std::span<const double> request_columns)
        : scorer_(scorer), request_columns_(request_columns), item_(scorer.catalog_->item_columns().size()) {
      inputs_.reserve(std::min(kPortionRows, scorer.catalog_->rows()) * scorer.inputs_of_.width());
    }

    void add(const CatalogChunk& chunk, std::size_t row) {
      for (std::size_t c = 0; c < item_.size(); ++c) item_[c] = chunk.column(c)[row];
      scorer_.inputs_of_.append(request_columns_, item_, inputs_);
    }

    void score(std::span<float> scores) {
      score_inputs(*scorer_.trees_, inputs_, scores);
      inputs_.clear();
    }

   private:
    const GbdtScorer& scorer_;
    const std::span<const double> request_columns_;
    std::vector<float> item_;
    std::vector<float> inputs_;
  };

  std::shared_ptr<const Booster> trees_;
  std::shared_ptr<const Catalog> catalog_;
  FeatureMaker inputs_of_;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_trees(std::shared_ptr<const Booster> trees,
                                                std::shared_ptr<const Catalog> catalog) {
  return std::make_shared<const GbdtScorer>(std::move(trees), std::move(catalog));
}

}  // namespace rankloop::ml
