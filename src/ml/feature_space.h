// The space of features: where each input of a model comes from, and the rows of inputs for pairs of a
// request and an item. The one place outside the scorers that computes them, for training, explanations and
// scorers of whole rows.
//
// A model's inputs are numbers (of the domain's features in order, a vector as its numbers, then of the
// crosses) and codes (one column for each feature of words, in order, then for each cross that makes pairs).
// A feature is absent when nothing was given; a cross, when one of its sides is. What a family makes of
// absence, docs/learning.md says.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"
#include "ml/compound_cross.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

// Where a number comes from.
struct NumberInput {
  std::size_t feature = 0;       // of the domain's features, then its crosses
  Side side = Side::kItem;       // of a feature
  std::size_t column = 0;        // of that side's numbers
  const Cross* cross = nullptr;  // or it is made by this one
};

// Where codes come from.
struct CodeInput {
  std::size_t feature = 0;      // of the domain's features, then its crosses
  Side side = Side::kItem;      // of a feature
  std::size_t word = 0;         // of that side's words
  const Cross* pair = nullptr;  // or it is made by this one
};

// The word of a pair; nothing where one side has none.
Words pair_of(const Words& request, std::optional<std::string_view> item);

// Immutable; refers to the domain, which must outlive it. Thread-safe.
class FeatureSpace {
 public:
  explicit FeatureSpace(const Domain& domain);

  const Domain& domain() const { return domain_; }
  std::span<const NumberInput> numbers() const { return numbers_; }
  std::span<const CodeInput> codes() const { return codes_; }
  // Those of features, which stand before those of crosses.
  std::size_t numbers_of_features() const { return numbers_of_features_; }

  // Of features, then crosses.
  std::size_t features() const { return domain_.features.size() + domain_.crosses.size(); }
  std::string_view name(std::size_t feature) const;
  // Of the number at this place among the inputs: that of its feature, with the place in a vector
  // ("taste[3]").
  std::string input_name(std::size_t number) const;
  // What was found for each input (`width` numbers, which may leave out crosses, then the codes), summed by
  // feature.
  std::vector<double> by_feature(std::span<const double> inputs, std::size_t width) const;

 private:
  const Domain& domain_;
  std::vector<NumberInput> numbers_;
  std::size_t numbers_of_features_ = 0;
  std::vector<CodeInput> codes_;
};

// Makes rows of inputs. Immutable; refers to domain and catalog's layout, which must outlive it. Thread-safe,
// but for the rows.
class FeatureMaker {
 public:
  // `layout`: any snapshot of the catalog that the items' values are picked by.
  FeatureMaker(const Domain& domain, const Catalog& layout, bool crosses = true);

  const FeatureSpace& space() const { return space_; }
  std::size_t width() const { return item_positions_.size(); }  // numbers a row
  // A request's side of its pairs with the items of a catalog. Refers to its values.
  struct Asked {
    ValuesView values;
    std::vector<CompoundCross::Asked> crosses;
  };
  Asked asked(const Query& request) const;
  // With what another catalog, or the same at another time, knew of its texts.
  Asked asked(const Query& request, const Corpora& corpora) const;
  // What histories say of the item whose row is appended next, by their places in the domain; empty: nothing.
  void know(Asked& asked, std::span<const float> histories) const;

  // Appends the width() numbers of a row; NaN: absent.
  void append_numbers(const ValuesView& request, const ItemValues& item, std::vector<float>& out) const;
  void append_numbers(const Asked& asked, const ItemValues& item, std::vector<float>& out) const;
  // Of an item where the catalog holds it.
  void append_numbers(const Asked& asked, const CatalogChunk& chunk, std::size_t row,
                      std::vector<float>& out) const;

  // Rows that append() adds to, without any yet.
  LabelledRows no_rows() const;
  // Appends the inputs of a row; labels and the like are left to the caller. The request's words get codes.
  void append(const ValuesView& request, const ItemValues& item, LabelledRows& rows) const;
  // Of what was asked after the item's words have got their codes.
  void append(const Asked& asked, const ItemValues& item, LabelledRows& rows) const;

 private:
  std::optional<std::string_view> word_of(std::span<const std::int32_t> codes) const;
  template <class ItemNumber, class Compound>
  void append_row(const Asked& asked, ItemNumber item, Compound compound, std::vector<float>& out) const;

  const FeatureSpace space_;
  std::shared_ptr<Dictionary> dictionary_;
  std::shared_ptr<Dictionary> text_dictionary_;  // kept for the crosses
  std::vector<std::size_t> item_positions_;      // by number: in the item's; not used of a request's
  std::vector<std::size_t> word_positions_;      // by code: likewise; of a pair the item's half
  std::vector<CompoundCross> compounds_;         // those among the crosses, in order
};

}  // namespace rankloop::ml
