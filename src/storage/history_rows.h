// Rows of what happened as records, and the walk along them; once for every dialect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "error/result.h"
#include "storage/history_reads.h"
#include "storage/packed_ranking.h"
#include "storage/statements.h"

namespace rankloop::storage {

// kDataLoss: what was shown is damaged, or more was shown than was ranked.
inline constexpr auto happening_of = [](const auto& row) -> Result<Happening> {
  Happening happening{.position = row.integer("position"),
                      .at = row.time("at"),
                      .person = row.text("user_key"),
                      .catalog_version = row.optional_integer("catalog_version").value_or(0),
                      .kind = row.text("kind"),
                      .items = {},
                      .request = row.text("payload")};
  if (!happening.is_exposure()) {
    if (!row.is_null("item")) happening.items.push_back(ItemId{row.integer("item")});
    happening.value = row.real("value");
    happening.people = row.real("people");
    return happening;
  }
  const Result<RankedList> list = unpack_ranking(row.bytes("packed"));
  if (!list) return list.error();
  const auto first = static_cast<std::size_t>(row.integer("first_rank")) - 1;
  const auto count = static_cast<std::size_t>(row.integer("count"));
  if (list->items.size() < first + count) {
    return Error{ErrorCode::kDataLoss,
                 "More was shown than was ranked, at the position " + std::to_string(happening.position)};
  }
  for (std::size_t i = first; i < first + count; ++i) happening.items.push_back(list->items[i].item);
  return happening;
};

// `name` is a statement of such rows. What `visit` has to say, and the errors, as history_reads.h has them.
template <class Connection, class Which>
Status stream_happenings(Connection& connection, std::string_view name, const Which& which,
                         HistoryReads::Requests requests,
                         const std::function<bool(const Happening&)>& visit) {
  Status fault;
  const auto take = [&](const auto& row) {
    const Result<Happening> happening = happening_of(row);
    if (!happening) fault = happening.error();
    return happening && visit(*happening);
  };
  connection.stream(name, take, which, requests == HistoryReads::Requests::kTold);
  return fault;
}

// The greatest that anything has in the snapshot; 0: nothing has one.
template <class Connection>
std::int64_t last_position(Connection& connection) {
  return the_row(connection, "last_position", [](const auto& row) { return row.integer("position"); })
      .value();
}

}  // namespace rankloop::storage
