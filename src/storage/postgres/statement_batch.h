// What the writes of a wave have to say, sent in one go and answered in one: a statement of its own for some,
// a row of a statement over many for those that are alike.
//
// Used on the writer's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {

class StatementBatch {
 public:
  // Where the answer to a write stands: the position of its statement, among those of its own or among the
  // gathered ones, and the row in what that answers.
  struct Place {
    bool gathered = false;
    std::size_t statement = 0;
    std::int64_t row = 0;
  };

  // `connection` must outlive it, and nothing else is queued there meanwhile.
  explicit StatementBatch(Connection& connection) : connection_(connection) {}

  // Queues a write's own statement.
  template <class... Values>
  void send(std::string_view name, const Values&... values) {
    place_ = {.gathered = false, .statement = own_++, .row = 0};
    connection_.send(name, values...);
  }
  // Adds a row to the statement `name`. What that answers has the number of the row, from 1 on, as its column
  // `n` and is ordered by it.
  template <class... Values>
  void send_row(std::string_view name, const Values&... values) {
    const std::size_t at = gathered(name);
    gathered_[at].rows.add(values...);
    place_ = {.gathered = true, .statement = at, .row = gathered_[at].rows.rows()};
  }
  // The same of a statement that numbers requests.
  template <class... Values>
  void send_numbered_row(std::string_view name, const Values&... values) {
    send_row(name, values...);
    gathered_[place_.statement].numbers = true;
  }
  // Of the write that was queued last.
  const Place& place() const { return place_; }

  // Queues the gathered statements behind the writes' own ones.
  void send_gathered();
  // What came back for the write at `place`; `results` are all that came and must outlive it.
  RowSpan answer(const std::vector<Rows>& results, const Place& place) const;

 private:
  struct Gathered {
    std::string_view name;
    Table rows;
    bool numbers = false;
    std::size_t result = 0;  // of all results, the one that is its answer
  };

  std::size_t gathered(std::string_view name);

  Connection& connection_;
  std::vector<Gathered> gathered_;
  std::size_t own_ = 0;  // statements that are no gathered ones
  Place place_;
};

}  // namespace rankloop::storage::postgres
