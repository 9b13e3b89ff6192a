// What `rankloop domain infer` says of the tables that it looked at, and the commands that come next.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/table_options.h"
#include "infer/infer_domain.h"

namespace rankloop::cli {

struct InferredFiles {
  std::string items;
  std::string history;  // empty: none
  std::string out;      // empty: the file was printed
  TableOptions table;
};

// For a shell, one a line.
std::vector<std::string> next_commands(const infer::Inferred& inferred, const InferredFiles& files);

// The table of columns, then the doubts, then the commands.
void tell(const infer::Inferred& inferred, const InferredFiles& files, std::ostream& out);

// One object, without a line break; with the file's text where none was written.
std::string to_json(const infer::Inferred& inferred, const InferredFiles& files);

}  // namespace rankloop::cli
