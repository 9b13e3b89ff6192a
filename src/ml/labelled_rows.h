// Labelled rows: what a model is trained and judged on, wherever they came from (the ledger, a file, the
// simulator).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "ml/code_column.h"
#include "ml/dictionary.h"

namespace rankloop::ml {

// Who asked: a number for a user_key, so that no model keeps the key itself; 0: nobody said.
using Person = std::uint64_t;
Person person_number(std::string_view user_key);

// Rows as a family scores them: the numbers and codes of FeatureSpace, in its order; what is missing at the
// end counts as absent. `items` may be empty: then nobody knows which item a row was; `people` likewise.
struct FeatureRows {
  std::span<const float> values;        // [rows][width]; NaN: absent
  std::size_t width = 0;                // numbers a row
  std::span<const ItemId> items;        // [rows] or empty
  std::span<const CodeColumn> codes{};  // each has the rows from `first_code` on
  std::size_t first_code = 0;
  const Dictionary* dictionary = nullptr;  // of `codes`
  std::span<const Person> people{};        // [rows] or empty

  std::size_t rows() const { return width == 0 ? 0 : values.size() / width; }
  std::span<const std::int32_t> codes_at(std::size_t column, std::size_t row) const {
    return codes[column].at(first_code + row);
  }
  FeatureRows some(std::size_t first, std::size_t count) const;
};

// Where a row of the ledger came from.
struct ShownAs {
  std::int32_t position = 0;      // 1-based
  float propensity = 1;           // of the policy that showed it
  ModelId model;                  // that ranked it; 0: none of ours
  std::int64_t item_version = 0;  // the catalog version that brought the item's values
};

// Row-major float32, and columns of codes. A request's rows stand together, requests in the order in which
// they were asked.
struct LabelledRows {
  std::size_t width = 0;                   // numbers a row: the domain's features, or these and its crosses
  std::vector<float> values;               // [rows][width]; NaN: absent
  std::vector<CodeColumn> codes;           // [code features], each of [rows]
  std::shared_ptr<Dictionary> dictionary;  // of `codes`; null without any
  // [rows] 0 or 1 for one person; 0..1: the share of the choosers who picked it; above: a grade or a gain
  std::vector<float> labels;
  std::vector<float> weights;          // [rows] how many choosers a row speaks for; empty: one each
  std::vector<std::int64_t> requests;  // [rows] which request a row belongs to; empty when unknown
  std::vector<ItemId> items;           // [rows] or empty
  std::vector<Person> people;          // [rows] or empty
  std::vector<ShownAs> shown;          // [rows] or empty

  std::size_t rows() const { return labels.size(); }
  float weight(std::size_t row) const { return weights.empty() ? 1.0F : weights[row]; }
  std::span<const float> row(std::size_t r) const { return std::span{values}.subspan(r * width, width); }
  FeatureRows view() const { return {values, width, items, codes, 0, dictionary.get(), people}; }

  // Rows like those of `others`, but none of them.
  static LabelledRows like(const LabelledRows& others);
  // Appends a row of others that are like these.
  void add(const LabelledRows& others, std::size_t row);
};

// Rows [first, last) as rows of their own.
LabelledRows slice(const LabelledRows& rows, std::size_t first, std::size_t last);

// Rows and others like them behind them.
LabelledRows joined(const LabelledRows& rows, const LabelledRows& later);

// The row where the last `share` (0..1) of the requests begin; rows() when that is none.
// No request is divided. Rows without requests are divided as if each were a request of its own.
std::size_t split_row(const LabelledRows& rows, double share);

}  // namespace rankloop::ml
