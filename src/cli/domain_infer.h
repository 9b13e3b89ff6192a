// `rankloop domain infer items.csv`: a first domain file for tables that have none.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"
#include "cli/table_options.h"
#include "infer/infer_domain.h"

namespace rankloop::cli {

struct InferOptions {
  std::string items;
  std::string history;   // empty: none
  std::string requests;  // likewise
  std::string name;      // of the domain; empty: as the table of items is called
  std::string out;       // the file to write, which must not be there; empty: none is written
  std::size_t sample = infer::kSampleRows;
  std::optional<std::string> id_column;  // of the items; none: the one that looks like it
  bool events = false;                   // a history without lists is one of events
  TableOptions table;
  bool json = false;
};

// Looks at the tables and writes the domain file. kAlreadyExists: it is there; kNotFound: a table is not;
// kUnavailable: it cannot be written; else as infer_domain().
Result<infer::Inferred> infer_from_files(const InferOptions& options);

// kUnavailable: it cannot be written.
Status write_domain_file(const std::string& file, const std::string& text);

// Adds it to the command domain.
void add_domain_infer(CLI::App& domain, CommandResult& result);

}  // namespace rankloop::cli
