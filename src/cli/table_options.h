// The options of commands that read tables of other people, and what they say of what was read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include "app/bad_rows.h"
#include "tables/text.h"

namespace rankloop::cli {

struct TableOptions {
  std::string separator = "auto";
  std::string encoding = "auto";
  std::string skip_bad;  // the file for bad rows; empty: they are refused

  char separator_character() const;  // 0: as the header shows
  tables::TextOptions text() const;
};

// Adds --separator and --encoding; the options must live as long as the command.
void add_reading_options(CLI::App& command, TableOptions& options);
// These and --skip-bad.
void add_table_options(CLI::App& command, TableOptions& options);

// The name of a file without what it is packed by: "items.csv" of "items.csv.gz".
std::string_view unpacked_name(std::string_view file);

// "&separator=tab&encoding=latin1&skip_bad=true", what the server is to know of them.
std::string query_of(const TableOptions& options);

// "read as a table with a semicolon between cells, text in latin1, packed by gzip": what is there to tell,
// which may be nothing. An empty separator is not told.
std::string how_it_was_read(std::string_view separator, std::string_view encoding,
                            std::string_view compression);

// The line that says how often the header stood between rows; empty: never.
std::string told_headers(std::int64_t times);

// Says how many rows were bad, the first reasons, and where all of them are.
void tell_bad_rows(const std::vector<app::BadRow>& rows, const std::string& file);

}  // namespace rankloop::cli
