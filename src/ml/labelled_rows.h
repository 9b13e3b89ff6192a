// Labelled rows: what a model is trained and judged on, wherever they came from (the ledger, a file, the
// simulator).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domain/ids.h"

namespace rankloop::ml {

// Rows as a family scores them. `items` may be empty: then nobody knows which item a row was.
struct FeatureRows {
  std::span<const float> values;  // [rows][width]; NaN: absent
  std::size_t width =
      0;  // the domain's features in order, then its crosses; what is missing counts as absent
  std::span<const ItemId> items;  // [rows] or empty
  std::size_t rows() const { return width == 0 ? 0 : values.size() / width; }
};

// Where a row of the ledger came from.
struct ShownAs {
  std::int32_t position = 0;      // 1-based
  float propensity = 1;           // of the policy that showed it
  ModelId model;                  // that ranked it; 0: none of ours
  std::int64_t item_version = 0;  // the catalog version that brought the item's values
};

// Row-major float32. A request's rows stand together, requests in the order in which they were asked.
struct LabelledRows {
  std::size_t features = 0;    // width: the domain's features, or these and its crosses
  std::vector<float> values;   // [rows][features]; NaN: absent
  std::vector<float> labels;   // [rows] 0..1: the share of the choosers who picked it; 0 or 1 for one person
  std::vector<float> weights;  // [rows] how many choosers a row speaks for; empty: one each
  std::vector<std::int64_t> requests;  // [rows] which request a row belongs to; empty when unknown
  std::vector<ItemId> items;           // [rows] or empty
  std::vector<ShownAs> shown;          // [rows] or empty

  std::size_t rows() const { return labels.size(); }
  float weight(std::size_t row) const { return weights.empty() ? 1.0F : weights[row]; }
  std::span<const float> row(std::size_t r) const {
    return std::span{values}.subspan(r * features, features);
  }
  FeatureRows view() const { return {values, features, items}; }
};

// Rows [first, last) as rows of their own.
LabelledRows slice(const LabelledRows& rows, std::size_t first, std::size_t last);

// The row where the last `share` (0..1) of the requests begin; rows() when that is none.
// No request is divided. Rows without requests are divided as if each were a request of its own.
std::size_t split_row(const LabelledRows& rows, double share);

}  // namespace rankloop::ml
