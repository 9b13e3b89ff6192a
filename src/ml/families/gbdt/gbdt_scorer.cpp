// Trees bound to a catalog: walked for many items at a time.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ml/families/gbdt/gbdt_model.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

// Rows that go to the trees at once: enough to make the call cheap, few enough to stay in the cache.
constexpr std::size_t kPortionRows = 512;
static_assert(kChunkRows % kPortionRows == 0);

class GbdtScorer final : public CatalogScorer {
 public:
  GbdtScorer(std::shared_ptr<const Booster> trees, std::shared_ptr<const WordNumbers> word_numbers,
             std::shared_ptr<const Catalog> catalog)
      : trees_(std::move(trees)),
        word_numbers_(std::move(word_numbers)),
        catalog_(std::move(catalog)),
        inputs_of_(catalog_->domain(), *catalog_, with_crosses(*trees_, catalog_->domain())) {
    if (word_numbers_ == nullptr) return;
    translation_.emplace(*word_numbers_, catalog_->dictionary());
    const auto codes = inputs_of_.space().codes();
    for (const CodeInput& code : codes) {
      const bool of_item = code.side == Side::kItem;
      words_.push_back({of_item, of_item ? catalog_->word_position_of(code.word) : code.word, code.pair});
    }
  }

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& query, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    Pass pass(*this, query);
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

  void score_rows(const Query& query, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    Pass pass(*this, query);
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
    Pass(const GbdtScorer& scorer, const Query& query)
        : scorer_(scorer), request_(scorer.inputs_of_.asked(query)) {
      inputs_.reserve(std::min(kPortionRows, scorer.catalog_->rows()) * scorer.trees_->width());
      for (std::size_t c = 0; c < scorer.words_.size(); ++c) {
        const Word& word = scorer.words_[c];
        asked_.push_back(word.of_item ? 0 : scorer.word_numbers_->number(c, query.values.words[word.at]));
      }
      pairs_.resize(asked_.size());
    }

    void add(const CatalogChunk& chunk, std::size_t row) {
      scorer_.inputs_of_.append_numbers(request_, chunk, row, inputs_);
      for (std::size_t c = 0; c < asked_.size(); ++c) {
        const Word& word = scorer_.words_[c];
        if (!word.of_item)
          inputs_.push_back(asked_[c]);
        else if (word.pair == nullptr)
          inputs_.push_back(scorer_.translation_->number(c, chunk.codes[word.at].at(row)));
        else
          inputs_.push_back(pair_number(c, chunk.codes[word.at].at(row)));
      }
    }

    void score(std::span<float> scores) {
      score_inputs(*scorer_.trees_, inputs_, scores);
      inputs_.clear();
    }

   private:
    // Looked up once for each word that items have.
    float pair_number(std::size_t column, std::span<const std::int32_t> codes) {
      const std::int32_t code = codes.empty() ? kAbsentCode : codes.front();
      const auto [known, added] = pairs_[column].try_emplace(code);
      if (!added) return known->second;
      std::optional<std::string_view> item;
      if (code != kAbsentCode) item = scorer_.catalog_->dictionary().word(code);
      const Words& asked = request_.values.words[scorer_.words_[column].pair->request_column];
      return known->second = scorer_.word_numbers_->number(column, pair_of(asked, item));
    }

    const GbdtScorer& scorer_;
    const FeatureMaker::Asked request_;
    std::vector<std::unordered_map<std::int32_t, float>> pairs_;  // by column, then the item's code, ours
    std::vector<float> asked_;  // by column of words: the number of the request's
    std::vector<float> inputs_;
  };

  // Where a column of words comes from.
  struct Word {
    bool of_item = false;
    std::size_t at = 0;  // of the catalog's item words, or of the request schema's
    const Cross* pair = nullptr;
  };

  static bool with_crosses(const Booster& trees, const Domain& domain) {
    const FeatureSpace space(domain);
    return trees.width() != space.numbers_of_features() + space.codes().size();
  }

  std::shared_ptr<const Booster> trees_;
  std::shared_ptr<const WordNumbers> word_numbers_;
  std::shared_ptr<const Catalog> catalog_;
  FeatureMaker inputs_of_;
  std::optional<WordNumbers::Translation> translation_;
  std::vector<Word> words_;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_trees(std::shared_ptr<const Booster> trees,
                                                std::shared_ptr<const WordNumbers> word_numbers,
                                                std::shared_ptr<const Catalog> catalog) {
  return std::make_shared<const GbdtScorer>(std::move(trees), std::move(word_numbers), std::move(catalog));
}

}  // namespace rankloop::ml
