// The first rows of a table or of lines of JSON, one after another, as cells under a header.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "error/result.h"
#include "infer/cell_shape.h"
#include "infer/infer_domain.h"

namespace rankloop::infer {

struct SampleRow {
  std::span<const std::string_view> cells;    // as many as the header has
  std::span<const CellKind> kinds;            // of them; empty: of a table
  const boost::json::object* line = nullptr;  // of JSON, as it stands; none: of a table
  std::size_t number = 0;                     // the line where it begins, from 1
};

// Used by one thread. What it shows is valid until next().
class SampleRows {
 public:
  virtual ~SampleRows() = default;
  // False at the end, and where the text cannot be read on: status() tells.
  virtual bool next() = 0;
  virtual const Status& status() const = 0;
  virtual bool is_header() const = 0;  // once more
  virtual bool is_good() const = 0;    // row() is one
  virtual SampleRow row() const = 0;
  virtual std::size_t number() const = 0;
  // Goes on behind the first line of a row that has no end.
  virtual void pass_over() = 0;
};

// Whether the rows are lines of JSON: by the name of the file, or by the first of them.
Result<bool> are_lines(const SourceTable& table, const Options& options);
// The members of the first rows, in the order in which they first come; some thousand at most.
Result<std::vector<std::string>> members_of_lines(const SourceTable& table, const Options& options);
Result<std::unique_ptr<SampleRows>> open_lines(const SourceTable& table, const Options& options,
                                               const std::vector<std::string>& header);

}  // namespace rankloop::infer
