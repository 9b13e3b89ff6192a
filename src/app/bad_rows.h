// Rows that an import passes over when it is asked to: where they stand and why they are bad.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "domain/schema.h"
#include "error/result.h"

namespace rankloop::app {

struct BadRow {
  std::size_t line = 0;  // where it begins, from 1
  std::string reason;    // one line of text
};

inline constexpr std::size_t kMostBadRows = 100'000;
inline constexpr std::size_t kMostUnreadableRows = 100;  // each may cost a look at a megabyte

// What a table of bad rows has before the cells of the rows. Whoever brings it again need not take them out.
inline constexpr std::string_view kBadLine = "line";
inline constexpr std::string_view kBadReason = "reason";

// A table that begins with these two columns, or an object that begins with these two members, is of bad
// rows, unless the domain has fields of these names.
bool begins_as_bad_row(std::string_view first, std::string_view second, const Schema& schema);
bool begins_as_bad_row(const boost::json::object& object, const Schema& schema);

// The faults of a row without the places of the body and the line: "price: should be a number, not "y"; ...".
// `place`: how many parts of each fault's place are those. Cut after 300 bytes.
std::string reason_of(const Error& error, std::size_t place);

// Gathers bad rows within the bounds above. kInvalidArgument: they are too many for this to be the right
// file.
class BadRows {
 public:
  Status add(std::size_t line, std::string reason, bool unreadable);
  const std::vector<BadRow>& rows() const { return rows_; }
  std::vector<BadRow> take() { return std::move(rows_); }

 private:
  std::vector<BadRow> rows_;
  std::size_t unreadable_ = 0;
};

// [{"line": 3, "reason": "price: is required"}]
boost::json::array to_json(const std::vector<BadRow>& rows);

}  // namespace rankloop::app
