// Reads the columns of a history as those of events.
#include "infer/event_roles.h"

#include <algorithm>
#include <utility>

#include "infer/column_name.h"

namespace rankloop::infer {
namespace {

bool is_all_flags(const ColumnProfile& column) {
  return column.flags == column.rows;
}

bool says_no(const ColumnProfile& pick) {
  if (is_all_flags(pick)) return pick.yes < pick.rows;
  return pick.summary.least() <= 0;
}

// In any form that can be read without guessing, an offset or none.
bool is_moment_of_event(const ColumnProfile& column) {
  constexpr double kLeast = 1e8;  // seconds since 1970: in 1973
  if (column.filled() == 0) return false;
  if (column.dates + column.moments + column.naive_moments == column.filled()) return true;
  return column.whole == column.filled() && column.summary.least() > kLeast &&
         NameWords(column.name).say(Hint::kTime);
}

bool is_quantity(const ColumnProfile& column) {
  const NameWords name(column.name);
  return column.numbers == column.rows && (name.have("quantity") || name.have("qty"));
}

HistoryRoles::Column first_where(const HistoryRoles& roles, const TableSample& history,
                                 bool (*fits)(const ColumnProfile&)) {
  for (std::size_t i = 0; i < history.columns.size(); ++i) {
    if (roles.role_of(i).empty() && fits(history.columns[i])) return i;
  }
  return std::nullopt;
}

std::vector<std::string> doubts_of(const HistoryRoles& roles, const TableSample& history) {
  std::vector<std::string> doubts = {
      "the log says what was picked and not what else was shown: items that somebody could have picked "
      "instead are drawn by chance"};
  if (!roles.item) doubts.emplace_back("no column of the log holds the items' ids");
  if (!roles.person) doubts.emplace_back("no column of the log says who: tastes cannot be learned");
  if (!roles.moment)
    doubts.emplace_back("no column of the log says when: its rows count as the oldest first");
  if (!roles.pick) return doubts;
  if (roles.pick_kind == "a rating") {
    doubts.emplace_back("ratings from their mean on are picks, and rows with less are left out");
  } else if (says_no(history.columns[*roles.pick])) {
    doubts.emplace_back("rows that say that nothing was picked are left out");
  }
  return doubts;
}

}  // namespace

bool has_lists(const HistoryRoles& roles, const TableSample& history) {
  const bool single_rows = roles.lone && roles.together;  // apart, they may have been sorted by time
  return roles.request && !roles.person_is_request && roles.pick && says_no(history.columns[*roles.pick]) &&
         !single_rows;
}

HistoryRoles as_events(HistoryRoles roles, const TableSample& history) {
  roles.events = true;
  if (std::exchange(roles.person_is_request, false)) roles.request.reset();
  if (!roles.moment) roles.moment = first_where(roles, history, is_moment_of_event);
  if (!roles.pick) {
    roles.pick = first_where(roles, history, is_quantity);
    if (roles.pick) roles.pick_kind = "a count";
  }
  roles.constant.assign(history.columns.size(), false);
  roles.doubts = doubts_of(roles, history);
  return roles;
}

}  // namespace rankloop::infer
