// The readers of a body's members.
#include "domain/body_reader.h"

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>

#include "domain/field_value.h"

namespace rankloop {
namespace {

constexpr std::size_t kLongestShown = 40;  // bytes of a word that a message repeats

const char kNoText[] = "Input should be a valid string";
const char kNoFlag[] = "Input should be a valid boolean";

std::optional<std::int64_t> whole_number(const boost::json::value& value) {
  if (!value.is_number()) return std::nullopt;
  boost::system::error_code fault;
  const auto number = value.to_number<std::int64_t>(fault);
  return fault ? std::nullopt : std::optional(number);
}

}  // namespace

BodyReader::BodyReader(const boost::json::value& body) : object_(body.if_object()) {
  if (object_ == nullptr) fault({}, "Input should be a valid dictionary", "dict_type");
}

void BodyReader::fault(std::vector<std::string> below, std::string message, std::string type) {
  below.insert(below.begin(), "body");
  faults_.push_back({std::move(below), std::move(message), std::move(type)});
}

const boost::json::value* BodyReader::given(std::string_view name) const {
  return object_ == nullptr ? nullptr : object_->if_contains(name);
}

const boost::json::value* BodyReader::required(std::string_view name, std::string_view missing) {
  const boost::json::value* value = given(name);
  if (value == nullptr && object_ != nullptr) fault({std::string{name}}, std::string{missing}, "missing");
  return value;
}

std::string BodyReader::read(const TextInput& input) {
  const boost::json::value* value = given(input.name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) {
    fault({std::string{input.name}}, kNoText, "string_type");
    return {};
  }
  const std::string_view text = value->get_string();
  if (auto wrong = fault_of(input, text)) {
    fault({std::string{input.name}}, std::move(wrong->message), std::string{wrong->type});
  }
  return std::string{text};
}

// The name of an item; null: an entry without one.
std::optional<ItemName> BodyReader::item_at(std::vector<std::string> place, const boost::json::value* value,
                                            ItemIdType type) {
  auto item = value == nullptr ? std::nullopt : item_name_of(*value, type);
  if (item && (type == ItemIdType::kText || is_item_number(item->number))) return item;
  if (value == nullptr)
    fault(std::move(place), "Field required", "missing");
  else
    fault(std::move(place),
          "Input should be an item's id, " + std::string{allowed_item_id(type)} + ", not " + describe(*value),
          std::string{type_of_no_id(type)});
  return std::nullopt;
}

std::optional<std::vector<ItemId>> BodyReader::read(const ItemsInput& input, const ItemKeys& keys,
                                                    const EntryVisitor& visit) {
  const boost::json::value* value = given(input.name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::string name{input.name};
  if (!value->is_array()) {
    fault({name}, "Input should be a valid list", "list_type");
    return std::nullopt;
  }
  const boost::json::array& given = value->get_array();
  if (given.size() > input.most) {
    fault({name},
          name + " has " + std::to_string(given.size()) + " ids; allowed are up to " +
              std::to_string(input.most),
          "too_long");
    return std::nullopt;
  }
  std::vector<ItemId> ids;
  ids.reserve(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const boost::json::object* entry = visit ? given[i].if_object() : nullptr;
    std::vector<std::string> place = {name, std::to_string(i)};
    if (entry != nullptr) place.emplace_back(kItemEntryId);
    const auto item = item_at(std::move(place),
                              entry != nullptr ? entry->if_contains(kItemEntryId) : &given[i], keys.type());
    const auto known = item ? keys.find(*item) : std::nullopt;
    if (known) ids.push_back(*known);
    if (item && !known) unknown_items_.push_back(item->key);
    if (item && entry != nullptr) visit(known, i, *entry);
  }
  return ids;
}

std::optional<std::int64_t> BodyReader::read_if_given(const NumberInput& input) {
  const boost::json::value* value = given(input.name);
  if (value == nullptr) return std::nullopt;
  const auto number = whole_number(*value);
  if (number && *number >= input.minimum && *number <= input.maximum) return number;
  const bool too_large =
      value->is_number() && value->to_number<double>() > static_cast<double>(input.maximum);
  fault({std::string{input.name}},
        "Input should be a whole number of " + std::string{input.unit} + ", " +
            (too_large ? std::to_string(input.maximum) + " or less"
                       : std::to_string(input.minimum) + " or more"),
        too_large ? "less_than_equal" : "greater_than_equal");
  return std::nullopt;
}

std::optional<bool> BodyReader::read_if_given(const FlagInput& input) {
  return given(input.name) == nullptr ? std::nullopt : std::optional(read(input));
}

std::optional<std::string_view> BodyReader::read_if_given(const ChoiceInput& input) {
  const boost::json::value* value = given(input.name);
  return value == nullptr ? std::nullopt : word(input, *value);
}

double BodyReader::read(const RealInput& input) {
  const boost::json::value* value = required(input.name, input.missing);
  if (value == nullptr) return 0;
  if (!value->is_number()) {
    fault({std::string{input.name}}, "Input should be a valid number", "float_type");
    return 0;
  }
  const auto number = value->to_number<double>();
  if (!input.unit.empty() && !(number >= input.minimum && number <= input.maximum)) {
    fault({std::string{input.name}},
          "should be from " + describe_number(input.minimum) + " to " + describe_number(input.maximum) + " " +
              std::string{input.unit},
          "range");
  }
  return number;
}

std::optional<double> BodyReader::read_if_given(const RealInput& input) {
  const boost::json::value* value = given(input.name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    fault({std::string{input.name}}, "Input should be a valid number", "float_type");
    return std::nullopt;
  }
  const auto number = value->to_number<double>();
  const bool fits = input.below ? number < input.maximum : number <= input.maximum;
  if (number >= input.minimum && fits) return number;
  fault({std::string{input.name}},
        "should be from " + describe_number(input.minimum) + (input.below ? " to below " : " to ") +
            describe_number(input.maximum),
        "range");
  return std::nullopt;
}

bool BodyReader::read(const FlagInput& input) {
  const boost::json::value* value = required(input.name);
  if (value != nullptr && value->is_bool()) return value->get_bool();
  if (value != nullptr) fault({std::string{input.name}}, kNoFlag, "bool_type");
  return false;
}

std::string_view BodyReader::read(const ChoiceInput& input) {
  const boost::json::value* value = required(input.name);
  return value == nullptr ? std::string_view{} : word(input, *value).value_or("");
}

std::optional<std::string_view> BodyReader::word(const ChoiceInput& input, const boost::json::value& value) {
  const std::string name{input.name};
  const bool repeats = input.preset || (input.refusal && input.refusal->quotes);
  if (!value.is_string()) {
    // What is no text cannot be repeated as a word.
    if (repeats) {
      fault({name}, kNoText, "string_type");
    } else {
      fault({name}, refusal_of(input, {}), std::string{type_of_refusal(input)});
    }
    return std::nullopt;
  }
  const std::string_view text = value.get_string();
  if (std::ranges::find(input.words, text) != input.words.end()) return text;
  const std::string shown = text.size() <= kLongestShown ? "'" + std::string{text} + "'" : "another text";
  fault({name}, refusal_of(input, shown), std::string{type_of_refusal(input)});
  return std::nullopt;
}

ItemName BodyReader::read(const ItemInput& input) {
  const boost::json::value* value = required(input.name);
  if (value == nullptr) return {};
  if (auto name = item_name_of(*value, input.type)) return *std::move(name);
  if (input.type == ItemIdType::kNumber) {
    fault({std::string{input.name}}, "Input should be a valid integer", "int_type");
    return {};
  }
  if (input.instead && whole_number(*value) == input.instead) return ItemId{*input.instead};
  const std::string or_instead = input.instead ? ", or " + std::to_string(*input.instead) : "";
  fault({std::string{input.name}},
        "Input should be " + std::string{allowed_item_id(input.type)} + or_instead + ", not " +
            describe(*value),
        "string_type");
  return {};
}

std::optional<TaskId> BodyReader::read(const TaskInput& input) {
  const boost::json::value* value = required(input.name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return TaskId::parse(value->get_string());
  fault({std::string{input.name}}, kNoText, "string_type");
  return std::nullopt;
}

std::vector<std::string> BodyReader::others(std::span<const std::string_view> known) const {
  std::vector<std::string> names;
  if (object_ == nullptr) return names;
  for (const boost::json::key_value_pair& member : *object_) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (std::ranges::find(known, name) == known.end()) names.emplace_back(name);
  }
  return names;
}

Status BodyReader::status() const {
  if (faults_.empty()) return {};
  return invalid_fields(faults_);
}

}  // namespace rankloop
