// Reads the members of a JSON body by their declarations and gathers their faults; a body that is no object
// is one. Used by one thread; borrows the body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/declared_inputs.h"
#include "domain/ids.h"
#include "domain/item_keys.h"
#include "error/result.h"

namespace rankloop {

// Of an entry of a list of items that says more than an id.
inline constexpr std::string_view kItemEntryId = "id";

class BodyReader {
 public:
  // Takes such an entry, at its place in the list; the item where there is one.
  using EntryVisitor =
      std::function<void(std::optional<ItemId>, std::size_t at, const boost::json::object& entry)>;

  explicit BodyReader(const boost::json::value& body);

  // These may be absent. A text and a list may be null as well.
  std::string read(const TextInput& input);  // absent: empty
  // Those that there are, as far as is known; of whole numbers all. With `visit` an entry may be an object
  // with its id in "id".
  std::optional<std::vector<ItemId>> read(const ItemsInput& input, const ItemKeys& keys,
                                          const EntryVisitor& visit = nullptr);
  std::optional<std::int64_t> read_if_given(const NumberInput& input);
  std::optional<double> read_if_given(const RealInput& input);  // within its bounds
  std::optional<bool> read_if_given(const FlagInput& input);
  std::optional<std::string_view> read_if_given(const ChoiceInput& input);

  // These must be there; what a fault leaves is of no use.
  double read(const RealInput& input);
  bool read(const FlagInput& input);
  std::string_view read(const ChoiceInput& input);
  ItemName read(const ItemInput& input);
  // Nothing, and no fault: the text is no id, so no task has it.
  std::optional<TaskId> read(const TaskInput& input);

  // Null: the body is no object, or does not have it.
  const boost::json::value* given(std::string_view name) const;
  // The names of the body that are none of these.
  std::vector<std::string> others(std::span<const std::string_view> known) const;
  // At the place `below` the body.
  void fault(std::vector<std::string> below, std::string message, std::string type);

  // What lists of items named that there is not, as far as is known.
  std::vector<std::string> take_unknown_items() { return std::move(unknown_items_); }

  std::size_t faults() const { return faults_.size(); }
  std::vector<FieldFault> take_faults() { return std::move(faults_); }
  Status status() const;  // kInvalidArgument with every fault so far

 private:
  const boost::json::value* required(std::string_view name, std::string_view missing = "Field required");
  std::optional<std::string_view> word(const ChoiceInput& input, const boost::json::value& value);
  std::optional<ItemName> item_at(std::vector<std::string> place, const boost::json::value* value,
                                  ItemIdType type);

  const boost::json::object* object_;  // null: the body is none
  std::vector<FieldFault> faults_;
  std::vector<std::string> unknown_items_;
};

}  // namespace rankloop
