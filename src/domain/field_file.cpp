// Reads the table of one field, with its type and its bounds.
#include "domain/field_file.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "domain/calendar.h"
#include "domain/scalar_value.h"

namespace rankloop {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 12> kTypes = {"int",  "float",  "bool",     "date",
                                                     "time", "string", "int_list", "category",
                                                     "tags", "text",   "vector",   "place"};
constexpr double kLargestExactInt = 9'007'199'254'740'992;  // 2^53: beyond it a double skips whole numbers
constexpr std::size_t kMostValues = 1'000;                  // that a field lists
constexpr std::size_t kLargestVector = 4'096;
constexpr std::size_t kLongestText = 100'000;  // characters of a `text` that says nothing else
constexpr std::size_t kLongestSeparator = 8;

std::optional<FieldType> parse_type(TomlTable& table) {
  const std::string word = table.required_text("type");
  if (word.empty()) return std::nullopt;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (kTypes[i] == word) return static_cast<FieldType>(i);
  }
  table.fault(
      "type",
      "type should be int, float, bool, date, time, string, int_list, category, tags, text, vector or "
      "place, not " +
          quoted(word) + suggestion(word, kTypes));
  return std::nullopt;
}

std::optional<std::chrono::sys_days> day_of(const toml::date& date) {
  const std::chrono::year_month_day day{std::chrono::year{date.year}, std::chrono::month{date.month},
                                        std::chrono::day{date.day}};
  if (!day.ok() || date.year < 1) return std::nullopt;
  return std::chrono::sys_days{day};
}

std::optional<WallTime> moment_of(const toml::date_time& moment) {
  const auto day = day_of(moment.date);
  if (!day) return std::nullopt;
  const auto offset = std::chrono::minutes{moment.offset ? moment.offset->minutes : 0};
  return WallTime{*day} + std::chrono::hours{moment.time.hour} + std::chrono::minutes{moment.time.minute} +
         std::chrono::seconds{moment.time.second} +
         std::chrono::milliseconds{moment.time.nanosecond / 1'000'000} - offset;
}

// TOML's own dates and moments as the texts that the API takes; null for what no field can hold.
json::value json_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return json::string(*text);
  if (const auto whole = node.value_exact<std::int64_t>()) return *whole;
  if (const auto number = node.value_exact<double>()) return *number;
  if (const auto flag = node.value_exact<bool>()) return *flag;
  if (const auto date = node.value_exact<toml::date>()) {
    const auto day = day_of(*date);
    return day ? json::value(to_date_text(*day)) : json::value();
  }
  if (const auto date_time = node.value_exact<toml::date_time>()) {
    const auto moment = moment_of(*date_time);
    return moment ? json::value(to_iso8601(*moment)) : json::value();
  }
  if (const toml::table* members = node.as_table()) {
    json::object object;
    for (const auto& [name, member] : *members)
      object[name.str()] = member.is_table() || member.is_array() ? json::value() : json_of(member);
    return object;
  }
  json::array list;
  if (const toml::array* elements = node.as_array()) {
    for (const toml::node& element : *elements)
      list.push_back(element.is_array() ? json::value() : json_of(element));
    return list;
  }
  return nullptr;
}

class FieldTableReader {
 public:
  FieldTableReader(TomlTable& table, const std::string& name) : table_(table) { field_.name = name; }

  std::optional<Field> read() {
    const auto type = parse_type(table_);
    const auto required = table_.flag("required");
    field_.help = table_.text("help").value_or("");
    const toml::node* preset = table_.node("default");
    if (!type) {
      for (const std::string_view key :
           {"minimum", "maximum", "min_length", "max_length", "values", "size", "separator", "epoch"})
        table_.node(key);
      return std::nullopt;
    }
    field_.type = *type;
    read_bounds();
    read_lengths();
    read_values();
    read_size();
    read_separator();
    read_epoch();
    field_.required = required.value_or(preset == nullptr);
    if (preset != nullptr && field_.required) {
      refuse("default", "a field with a default is not required: leave `required` out");
    } else if (preset != nullptr && good_) {
      read_preset(*preset);
    }
    if (!good_) return std::nullopt;
    return std::move(field_);
  }

 private:
  void refuse(std::string_view key, std::string message) {
    table_.fault(key, std::move(message));
    good_ = false;
  }

  void refuse_key(std::string_view key) {
    if (table_.node(key) != nullptr) {
      refuse(key, std::string{key} + " does not fit a field of type " + std::string{name_of(field_.type)});
    }
  }

  std::optional<double> read_bound(std::string_view key) {
    const toml::node* node = table_.node(key);
    if (node == nullptr) return std::nullopt;
    std::optional<double> bound;
    if (field_.type == FieldType::kDate || field_.type == FieldType::kTime) {
      FaultList none({});
      std::string text;
      Field any;
      any.type = field_.type;
      bound = read_field_value(any, json_of(*node), none, text).number;
      if (none.size() == 0) return bound;
      refuse(key, std::string{key} + (field_.type == FieldType::kDate
                                          ? " of a date should be a date, as 2026-03-01"
                                          : " of a time should be a moment, as 2026-03-01T12:00:00Z"));
      return std::nullopt;
    }
    bound = table_.number(key);
    if (!bound) good_ = false;
    if (bound && field_.type != FieldType::kFloat && field_.type != FieldType::kVector &&
        (*bound != std::trunc(*bound) || std::abs(*bound) > kLargestExactInt)) {
      refuse(key, std::string{key} + " of whole numbers should be a whole number within ±2^53, not " +
                      describe_number(*bound));
    }
    return bound;
  }

  void read_bounds() {
    if (has_words(field_.type) || field_.type == FieldType::kText || field_.type == FieldType::kBool ||
        field_.type == FieldType::kPlace) {
      refuse_key("minimum");
      refuse_key("maximum");
      return;
    }
    field_.minimum = read_bound("minimum");
    field_.maximum = read_bound("maximum");
    const bool whole = field_.type == FieldType::kInt || field_.type == FieldType::kIntList;
    const double least = field_.minimum.value_or(whole ? kSmallestInt : -HUGE_VAL);
    const double largest = field_.maximum.value_or(whole ? kLargestInt : HUGE_VAL);
    if (good_ && least > largest) {
      refuse("minimum", "minimum " + describe_bound(field_.type, least) + " is larger than maximum " +
                            describe_bound(field_.type, largest) +
                            (field_.maximum ? "" : ", the largest where none is given"));
    }
  }

  void read_lengths() {
    if (field_.type == FieldType::kText) field_.max_length = kLongestText;
    if (field_.type != FieldType::kString && field_.type != FieldType::kText &&
        field_.type != FieldType::kIntList && field_.type != FieldType::kTags) {
      refuse_key("min_length");
      refuse_key("max_length");
      return;
    }
    field_.min_length = table_.count("min_length").value_or(field_.min_length);
    field_.max_length = table_.count("max_length").value_or(field_.max_length);
    if (field_.min_length > field_.max_length) {
      refuse("min_length", "min_length " + std::to_string(field_.min_length) + " is larger than max_length " +
                               std::to_string(field_.max_length));
    }
  }

  // The words that a category or tags may be.
  void read_values() {
    if (field_.type != FieldType::kCategory && field_.type != FieldType::kTags) return refuse_key("values");
    const bool given = table_.has("values");
    const std::vector<PlacedText> words = table_.texts("values");
    if (given && words.empty()) return refuse("values", "values should list words, as [\"red\", \"green\"]");
    if (words.size() > kMostValues) {
      return refuse("values", "values should list at most " + std::to_string(kMostValues) + " words, not " +
                                  std::to_string(words.size()) + "; leave it out to allow any word");
    }
    FaultList faults({});
    std::string text;
    for (const PlacedText& word : words) {
      std::string_view read;
      const json::value value(json::string(word.text));
      if (auto fault = read_word(Field{}, value, read, text)) {
        refuse("values", "the word " + quoted(word.text) + " " + fault->message);
      } else if (std::find(field_.values.begin(), field_.values.end(), word.text) != field_.values.end()) {
        refuse("values", "the word " + quoted(word.text) + " is listed twice");
      }
      field_.values.push_back(word.text);
    }
  }

  void read_size() {
    if (field_.type != FieldType::kVector) return refuse_key("size");
    const auto size = table_.count("size");
    if (!size && !table_.has("size")) return refuse("size", "size is missing here: how many numbers it has");
    if (!size || *size < 1 || *size > kLargestVector) {
      return refuse("size", "size should be a whole number from 1 to " + std::to_string(kLargestVector));
    }
    field_.size = field_.min_length = field_.max_length = *size;
  }

  void read_separator() {
    if (field_.type != FieldType::kTags) return refuse_key("separator");
    const auto separator = table_.text("separator");
    if (!separator) return;
    if (separator->empty() || separator->size() > kLongestSeparator) {
      return refuse("separator", "separator should have 1 to " + std::to_string(kLongestSeparator) +
                                     " bytes, as \";\", not " + quoted(*separator));
    }
    field_.separator = *separator;
  }

  void read_epoch() {
    if (field_.type != FieldType::kTime) return refuse_key("epoch");
    const auto epoch = table_.text("epoch");
    if (!epoch) return;
    if (*epoch != "seconds" && *epoch != "milliseconds")
      return refuse("epoch", "epoch should be seconds or milliseconds, not " + quoted(*epoch));
    field_.epoch = *epoch == "seconds" ? Epoch::kSeconds : Epoch::kMilliseconds;
  }

  void read_preset(const toml::node& node) {
    const bool of_moments = field_.type == FieldType::kDate || field_.type == FieldType::kTime;
    if (of_moments && node.value_exact<std::string>() == "now") {
      field_.preset_now = true;
      return;
    }
    json::value value = json_of(node);
    FaultList faults({});
    std::string text;
    read_field_value(field_, value, faults, text);
    for (const FieldFault& fault : faults.take()) refuse("default", "the default " + fault.msg);
    field_.preset = std::move(value);
  }

  TomlTable& table_;
  Field field_;
  bool good_ = true;
};

}  // namespace

std::optional<Field> read_field_table(TomlTable& table, const std::string& name) {
  return FieldTableReader(table, name).read();
}

std::string_view name_of(FieldType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

}  // namespace rankloop
