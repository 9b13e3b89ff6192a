// Files of scored rows, as `rankloop evaluate` and `rankloop compare` read them: a header and the columns
// request, label, score and perhaps person; other columns are ignored. Comma-separated when the name ends in
// .csv, tab-separated otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "ml/evaluate.h"

namespace rankloop::cli {

// Rows grouped by request in order of first appearance; within a request as in the file.
struct ScoredRows {
  std::vector<double> scores;
  std::vector<double> labels;
  std::vector<double> weights;         // by row; empty without the column
  std::vector<std::int64_t> requests;  // by row: which of request_names
  std::vector<std::size_t> lines;      // by row: where it began in the file, from 1
  std::vector<std::string> request_names;
  std::vector<std::string> people;  // by request, "" when unknown; empty without the column

  // What `compare` judges: requests, each of which counts the same.
  ml::Scored scored() const { return {scores, labels, {}, requests}; }
  ml::Scored weighted() const { return {scores, labels, weights, requests}; }
};

// kInvalidArgument as FILE:LINE: column, value and what is allowed.
Result<ScoredRows> parse_scored_rows(const std::string& file, std::string_view text);
// Also kNotFound, when the file cannot be read.
Result<ScoredRows> read_scored_file(const std::string& file);

// Brings the requests of `other` into the order of `rows`. kInvalidArgument when the requests differ, or the
// labels of one, row by row, or the persons where both files know them; named by the files' names and lines.
Result<ScoredRows> aligned_with(const ScoredRows& rows, const std::string& file, const ScoredRows& other,
                                const std::string& other_file);

}  // namespace rankloop::cli
