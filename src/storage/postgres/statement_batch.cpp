// Gathers rows under statements, sends them, and finds the answer of each.
#include "storage/postgres/statement_batch.h"

#include <algorithm>
#include <ranges>

namespace rankloop::storage::postgres {
namespace {

RowSpan rows_under(const Rows& rows, std::int64_t number) {
  const auto places = std::views::iota(0, rows.size());
  const auto found =
      std::ranges::equal_range(places, number, {}, [&](int row) { return rows[row].integer("n"); });
  return {rows, found.empty() ? 0 : found.front(), static_cast<int>(found.size())};
}

}  // namespace

// The place of the gathered statement of this name, which is there from now on.
std::size_t StatementBatch::gathered(std::string_view name) {
  const auto found = std::ranges::find(gathered_, name, &Gathered::name);
  const auto place = static_cast<std::size_t>(found - gathered_.begin());
  if (found == gathered_.end()) gathered_.push_back({.name = name, .rows = {}});
  return place;
}

// What numbers requests comes last: everyone else waits for its lock.
void StatementBatch::send_gathered() {
  std::size_t sent = own_;
  for (const bool numbers : {false, true}) {
    for (Gathered& one : gathered_) {
      if (one.numbers != numbers) continue;
      if (numbers) {
        connection_.send("lock_numbers");
        ++sent;
      }
      connection_.send(one.name, one.rows);
      one.result = sent++;
    }
  }
}

RowSpan StatementBatch::answer(const std::vector<Rows>& results, const Place& place) const {
  if (place.gathered) return rows_under(results[gathered_[place.statement].result], place.row);
  const Rows& rows = results[place.statement];
  return {rows, 0, rows.size()};
}

}  // namespace rankloop::storage::postgres
