// Tallies feedback by kind and model.
#include "app/watch/told_kinds.h"

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

namespace rankloop::app {

void ToldKinds::add(const storage::ShownRequest& request, ModelId model) {
  struct Last {
    int rank = 0;
    double value = 0;
  };
  std::map<std::string, std::map<ItemId, Last>> told;  // the last word on each item counts
  for (const storage::Feedback& feedback : request.feedback) {
    if (!feedback.evidence) continue;
    auto& items = told[feedback.kind];
    if (feedback.item) items[*feedback.item] = {feedback.rank, feedback.value};
  }
  for (const auto& [kind, items] : told) {
    ToldKind& sum = kinds_[{kind, model.value}];
    sum.kind = kind;
    sum.model = model;
    sum.at_position.resize(positions_);
    ++sum.requests;
    for (const auto& [item, last] : items) {
      ++sum.items;
      sum.value += last.value;
      const auto position = static_cast<std::size_t>(last.rank) - 1;
      if (position < positions_ && !is_pinned(request.ranking.policy, position + 1))
        ++sum.at_position[position];
    }
  }
}

std::vector<ToldKind> ToldKinds::list() const {
  std::vector<ToldKind> list;
  for (const auto& [key, kind] : kinds_) list.push_back(kind);
  return list;
}

boost::json::array to_json(const std::vector<ToldKind>& kinds) {
  boost::json::array array;
  for (const ToldKind& kind : kinds) {
    boost::json::object object;
    object["kind"] = kind.kind;
    object["model_id"] = kind.model.value == 0 ? boost::json::value(nullptr) : kind.model.value;
    object["requests"] = kind.requests;
    object["items"] = kind.items;
    object["value"] = kind.value;
    object["positions"] = boost::json::value_from(kind.at_position);
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace rankloop::app
