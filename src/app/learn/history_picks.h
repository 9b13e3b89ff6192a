// What imported history says came of its items: the entries of "picked" in a line. An entry is an item's id;
// of a pick {"item": id, "weight": people, "gain": worth}; or of another of the domain's kinds of feedback
// {"item": id, "kind": "buy", "value": 19.9, "weight": people}.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "app/learn/history_line.h"
#include "domain/item_keys.h"
#include "storage/records.h"

namespace rankloop::app {

// Of one line. Borrows all that it is given.
class HistoryPicks {
 public:
  using Fault = std::function<void(std::string message, std::string type)>;
  // The item of this name, and the rank at which it was shown; 0: it was not.
  using RankOf = std::function<std::pair<ItemId, int>(const ItemName&)>;

  HistoryPicks(const HistoryContext& context, WallTime at, RankOf rank_of, Fault fault)
      : context_(context), at_(at), rank_of_(std::move(rank_of)), fault_(std::move(fault)) {}

  // Appends what the entry says; false, with a fault, when the rest of the list is of no interest.
  bool read(const boost::json::value& entry, std::vector<storage::Feedback>& feedback);

 private:
  bool no_pick(const boost::json::value& entry);  // false, with the fault
  bool read_kind(const boost::json::object& entry, storage::Feedback& feedback);
  bool read_pick(const boost::json::value& entry, storage::Feedback& feedback);
  bool read_people(const boost::json::value& entry, storage::Feedback& feedback);
  bool knows_all(const boost::json::object& entry, bool of_kind);

  const HistoryContext& context_;
  const WallTime at_;
  const RankOf rank_of_;
  const Fault fault_;
  std::set<std::pair<ItemId, std::string>> told_;  // with its kind
};

}  // namespace rankloop::app
