// From tables to a domain file: what the columns of items, of a history and of requests are, and the text of
// a commented domain file that takes them.
//
// Reads a sample of each table, several times. Memory is bounded by the sample's columns, not by its cells;
// it holds no lock and keeps nothing. Safe from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "error/result.h"
#include "tables/byte_source.h"
#include "tables/text.h"

namespace rankloop::infer {

inline constexpr std::size_t kSampleRows = 20'000;

struct SourceTable {
  std::string file;  // its name, for messages and for the names of things
  tables::Bytes bytes;
};

// What somebody who knows the table says of a column of items; what is not said is inferred.
struct Correction {
  std::string column;           // as the header has it
  std::string type;             // of the field, as a domain file names it; empty: not said
  std::string name;             // of the field, where it is another than the column's; empty: not said
  std::optional<bool> ignored;  // it is no field
  std::optional<bool> required;
  std::optional<bool> closed;  // of words: only those that were seen are allowed
  std::optional<bool> feature;
};

struct Options {
  std::string name;                  // of the domain; empty: as the file of items is called
  std::size_t sample = kSampleRows;  // rows of each table
  tables::TextOptions text;
  char separator = '\0';  // 0: as the header shows
  std::optional<std::string>
      id_column{};      // the items' id; empty: rows are numbered; none: the one that looks so
  bool events = false;  // a history without lists is one of events, see event_roles.h
  bool part = false;    // more rows follow elsewhere
  bool lines = false;   // the items are lines of JSON, whatever the file is called
  std::vector<Correction> corrections{};
};

struct Sources {
  SourceTable items;                    // or lines of JSON
  std::optional<SourceTable> history;   // a row for each item that was shown
  std::optional<SourceTable> requests;  // a row for each request
};

// What was read of a table.
struct TableFacts {
  std::size_t rows = 0;      // good ones of the sample
  std::size_t bad_rows = 0;  // no UTF-8, another number of cells than the header, or no JSON object
  std::size_t first_bad_line = 0;
  bool whole_file = true;  // nothing follows the sample
  char separator = ',';    // 0: lines of JSON
  tables::Encoding encoding = tables::Encoding::kUtf8;
};

// One column, as people and machines are told of it.
struct ColumnReport {
  std::string table;   // "items", "history", "requests"
  std::string column;  // as the header has it
  std::string role;    // "field", "id", "request", "person", "moment", "item", "pick", "position", "ignored"
  std::string field;   // of the domain; empty: none
  std::string type;    // of the field; empty: none
  std::string seen;
  bool feature = false;  // itself
  bool required = false;
  std::vector<std::string> values;  // of a closed set of words
  std::vector<std::string> doubts;
};

// How the history's columns are told to the import; empty: there is none.
struct HistoryColumnNames {
  std::string request;
  std::string person;
  std::string moment;
  std::string item;
  std::string pick;
  bool number_rows = false;  // items and history are one table: its rows are the items
  bool importable = false;   // request, item and pick are known, and a request's rows stand together
  bool events = false;       // rows say what was picked, and nothing of what was not
  bool rated = false;        // the picks of events are ratings
};

struct Inferred {
  std::string name;       // of the domain
  std::string text;       // of the file
  std::string id_column;  // of the items; empty: they are numbered
  std::vector<ColumnReport> columns;
  std::vector<std::string> doubts;  // of the whole
  TableFacts items;
  std::optional<TableFacts> history;
  std::optional<TableFacts> requests;
  HistoryColumnNames history_columns;
};

// kInvalidArgument: a file is no table with a header and rows, or a correction names what is not there; the
// message says which. kInternal: the file that
// was made is no good domain file.
Result<Inferred> infer_domain(const Sources& sources, const Options& options);

}  // namespace rankloop::infer
