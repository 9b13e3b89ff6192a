// The first rows of a table, gone over as often as one likes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "infer/column_profile.h"
#include "infer/infer_domain.h"
#include "infer/sample_rows.h"

namespace rankloop::infer {

inline constexpr std::size_t kMostFields = 400;  // columns of a table that are looked at

struct TableSample {
  std::string file;
  std::vector<std::string> header;     // all names, as they stand there
  std::vector<std::string> names;      // of fields that the columns can be; empty: none
  std::vector<ColumnProfile> columns;  // in step, at most kMostFields
  TableFacts facts;

  std::optional<std::size_t> column(std::string_view field_name) const;
};

// Of a table with a header, or of lines of JSON. kInvalidArgument says why a file is none with rows.
Result<TableSample> read_sample(const SourceTable& table, const Options& options);

// Each good row of the sample once more.
using VisitRow = std::function<void(const SampleRow& row)>;
Status each_row(const SourceTable& table, const Options& options, const TableSample& sample,
                const VisitRow& visit);

}  // namespace rankloop::infer
