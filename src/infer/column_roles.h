// Which columns are more than fields: the items' id, and in a history the request, the person, the moment,
// the item, the pick and the position.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "infer/table_sample.h"

namespace rankloop::infer {

struct IdColumn {
  std::optional<std::size_t> column;  // each of its cells once
  bool texts = false;                 // they are not all whole numbers from 1 on
};
// `noun`: what an item is called.
IdColumn id_of_items(const TableSample& items, std::string_view noun);
// The column that somebody names. kInvalidArgument: there is none, or its cells cannot be ids.
Result<IdColumn> id_named(const TableSample& items, const std::string& name);

struct HistoryRoles {
  using Column = std::optional<std::size_t>;
  Column request;
  Column person;
  Column moment;
  Column item;
  Column pick;
  Column position;
  std::string pick_kind;           // "a flag", "a count", "a rating"
  bool person_is_request = false;  // what a person saw counts as one request
  bool together = true;            // the rows of a request stand one behind another
  std::vector<bool> constant;      // of each column: the same in all rows of a request
  bool lone = false;               // every request has one row
  bool events = false;             // rows say what was picked, and nothing of what was not
  std::vector<std::string> doubts;

  std::string_view role_of(std::size_t column) const;  // empty: none of these
};
// `ids` is the column of the items' ids, if any.
Result<HistoryRoles> roles_of_history(const SourceTable& table, const Options& options,
                                      const TableSample& history, const TableSample& items,
                                      const IdColumn& ids, std::string_view noun);

// Whether a column of a table of requests names the request or who asks.
bool names_request_or_person(const ColumnProfile& column);

}  // namespace rankloop::infer
