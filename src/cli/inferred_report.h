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
  std::string history;   // empty: none
  std::string out;       // empty: the file was printed
  std::string data_dir;  // empty: a folder of the domain's name
  TableOptions table;
};

// A command with its arguments, the program's name first.
using Arguments = std::vector<std::string>;
// Check, import of items, import of history and a training where there is one, serve.
std::vector<Arguments> next_commands(const infer::Inferred& inferred, const InferredFiles& files);

// As one types it.
std::string in_shell(const Arguments& command);

// The table of columns, then the doubts.
void tell_findings(const infer::Inferred& inferred, std::ostream& out);
// These, then the commands.
void tell(const infer::Inferred& inferred, const InferredFiles& files, std::ostream& out);

// One object, without a line break; with the file's text where none was written.
std::string to_json(const infer::Inferred& inferred, const InferredFiles& files);

}  // namespace rankloop::cli
