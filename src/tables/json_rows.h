// Lines of JSON objects as rows of a table: a member is a cell under its name.
//
// A text is the cell as it is, null and what is not there an empty one, and anything else its own JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json/object.hpp>

#include "error/result.h"
#include "tables/row_reader.h"
#include "tables/table_rows.h"
#include "tables/text.h"

namespace rankloop::tables {

// Whether a file has lines of JSON: by its name (.jsonl, .ndjson, also packed), else by the first of them.
// Faults as open_text().
Result<bool> holds_json_lines(std::string_view file, const Bytes& bytes, const TextOptions& options);

// The members of the first `rows` lines in the order in which they first come, some thousand at most.
// kInvalidArgument: no line is an object with members, or the bytes cannot be read.
Result<std::vector<std::string>> members_of_lines(const Bytes& bytes, const TextOptions& options,
                                                  std::size_t rows);

// What a member of a line is as a cell; empty where the line is no object, or has no such member.
std::string cell_in(std::string_view line, std::string_view member);

class JsonRows final : public TableRows {
 public:
  // Under a header that is known; other members are left out.
  static Result<JsonRows> open(const Bytes& bytes, const TextOptions& options,
                               std::vector<std::string> header);

  Status read_header(std::span<const std::string_view> known) override;
  bool next() override;
  std::span<const std::string_view> cells() const override { return cells_; }
  std::string why_bad() const override { return why_bad_; }
  bool is_unreadable() const override { return false; }
  void pass_over() override {}
  bool is_header_again() const override { return false; }
  std::size_t line() const override { return reader_.line(); }
  std::uint64_t taken() const override { return reader_.taken(); }
  char separator() const override { return '\0'; }
  const Status& status() const override { return reader_.status(); }

  // The row as it stands there; of a good one.
  const boost::json::object& object() const { return object_; }

 private:
  JsonRows(Text text, std::vector<std::string> header);
  void take_members();

  const Encoding encoding_;
  LineReader reader_;
  std::unordered_map<std::string, std::size_t> columns_;
  boost::json::object object_;
  std::string why_bad_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> cells_;
};

// All lines of a file, whose members are gathered first: it is read twice. Faults as members_of_lines().
Result<std::unique_ptr<TableRows>> json_rows(const Bytes& bytes, const TextOptions& options);

}  // namespace rankloop::tables
