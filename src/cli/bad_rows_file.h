// The file that --skip-bad names: bad rows, each with its line and the reason before its cells, as a table
// (or JSON lines) of the same kind as that which they came from, in UTF-8, to be mended and imported again.
#pragma once

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "app/bad_rows.h"
#include "error/result.h"
#include "tables/text.h"

namespace rankloop::cli {

// How the rows were told apart.
struct RowShape {
  char separator = '\0';  // 0: JSON lines
  // What belongs to a bad row are those after it with the same cell in this column, or under this member.
  std::optional<std::size_t> request_column;
  std::string request_member;  // empty: none do
};

class BadRowsFile {
 public:
  // Before the import, so that a file that cannot be written stops it. kInvalidArgument: it is the file that
  // is imported, or cannot be written.
  static Result<BadRowsFile> open(const std::string& file, const std::string& imported);
  // Reads the imported bytes once more and writes the rows that begin at these lines, which are in order.
  Status write(const tables::Bytes& bytes, const tables::TextOptions& text, const RowShape& shape,
               const std::vector<app::BadRow>& rows);

 private:
  BadRowsFile(std::string file, std::ofstream out) : file_(std::move(file)), out_(std::move(out)) {}
  Status write_table(std::unique_ptr<tables::ByteSource> source, const RowShape& shape,
                     const std::vector<app::BadRow>& rows);
  Status write_lines(std::unique_ptr<tables::ByteSource> source, const RowShape& shape,
                     const std::vector<app::BadRow>& rows);

  std::string file_;
  std::ofstream out_;
};

}  // namespace rankloop::cli
