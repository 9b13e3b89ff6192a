// What was told of the requests that were shown, by kind of feedback and model: not only picks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "domain/ids.h"
#include "storage/records.h"

namespace rankloop::app {

// Of one kind and the lists of one model. What was told of an item again counts once, by its last value.
struct ToldKind {
  std::string kind;
  ModelId model;                          // 0: a random order before the first model
  std::int64_t requests = 0;              // of which it was told
  std::int64_t items = 0;                 // of them together; of "none" there are none
  double value = 0;                       // the sum of what came with it
  std::vector<std::int64_t> at_position;  // items by position, from the first, as far as is asked
};

// Adds up requests one after another.
class ToldKinds {
 public:
  explicit ToldKinds(std::size_t positions) : positions_(positions) {}

  void add(const storage::ShownRequest& request, ModelId model);
  std::vector<ToldKind> list() const;  // by kind, then by model

 private:
  const std::size_t positions_;
  std::map<std::pair<std::string, std::int64_t>, ToldKind> kinds_;
};

// [{"kind":"buy","model_id":3,"requests":12,"items":14,"value":190.5,"positions":[5,...]}, ...]
boost::json::array to_json(const std::vector<ToldKind>& kinds);

}  // namespace rankloop::app
