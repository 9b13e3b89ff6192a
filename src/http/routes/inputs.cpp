// Readers of paths, queries and bodies, and the faults that they find.
#include "http/routes/inputs.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "domain/field_value.h"
#include "domain/strict_json.h"
#include "domain/units.h"

namespace rankloop::http {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A query has no types, but whole numbers as in a body: 3 and 3.0.
std::string_view without_zeros(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return text;
  return text.find_first_not_of('0', point + 1) == std::string_view::npos ? text.substr(0, point) : text;
}

// Digits, perhaps a point and more digits, perhaps a unit: however long it is.
bool is_duration(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  const auto take_digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of(kDigits), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  if (!take_digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits()) return false;
  }
  constexpr std::array<std::string_view, 6> kUnits = {"", "ms", "s", "m", "h", "d"};
  return std::find(kUnits.begin(), kUnits.end(), text) != kUnits.end();
}

}  // namespace

void QueryReader::fault(std::string_view name, std::string message, std::string type) {
  faults_.push_back({{"query", std::string{name}}, std::move(message), std::move(type)});
}

std::int64_t QueryReader::read(const NumberInput& input) {
  return read_if_given(input).value_or(input.preset.value_or(input.minimum));
}

std::optional<std::int64_t> QueryReader::read_if_given(const NumberInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text) return std::nullopt;
  const std::optional<std::int64_t> value = whole_number(without_zeros(*text));
  if (value && *value >= input.minimum && *value <= input.maximum) return value;
  fault(input.name,
        "'" + std::string{*text} + "' is not a whole number from " + std::to_string(input.minimum) + " to " +
            std::to_string(input.maximum),
        "int_parsing");
  return std::nullopt;
}

std::optional<double> QueryReader::read_if_given(const RealInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  const bool within =
      value >= input.minimum && (input.below ? value < input.maximum : value <= input.maximum);
  if (whole && within) return value;
  fault(input.name,
        "'" + std::string{*text} + "' is not a number from " + describe_number(input.minimum) +
            (input.below ? " to below " : " to ") + describe_number(input.maximum),
        "float_parsing");
  return std::nullopt;
}

bool QueryReader::read(const FlagInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text || *text == "false" || *text == "0") return false;
  if (*text == "true" || *text == "1") return true;
  fault(input.name, "'" + std::string{*text} + "' is neither true nor false", "bool_parsing");
  return false;
}

std::optional<std::string_view> QueryReader::read(const ChoiceInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text) return input.preset;
  if (std::ranges::find(input.words, *text) != input.words.end()) return text;
  fault(input.name, refusal_of(input, "'" + std::string{*text} + "'"), std::string{type_of_refusal(input)});
  return std::nullopt;
}

std::string QueryReader::read(const TextInput& input) {
  std::string text{request_.parameter(input.name).value_or(input.preset.value_or(""))};
  if (auto wrong = fault_of(input, text))
    fault(input.name, std::move(wrong->message), std::string{wrong->type});
  return text;
}

std::optional<TaskId> QueryReader::read(const TaskInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text) return std::nullopt;
  std::optional<TaskId> task = TaskId::parse(*text);
  if (!task) fault(input.name, "Input should be the id of a task", "uuid_parsing");
  return task;
}

std::optional<std::chrono::milliseconds> QueryReader::read(const DurationInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text) return std::nullopt;
  if (!is_duration(*text)) {
    fault(input.name, "'" + std::string{*text} + "' is no duration such as 500ms or 30s", "duration_parsing");
    return std::nullopt;
  }
  return std::min(parse_duration(*text).value_or(input.most), input.most);
}

std::optional<TaskId> QueryReader::required(const TaskInput& input) {
  const std::optional<std::string_view> text = request_.parameter(input.name);
  if (!text) fault(input.name, "Field required", "missing");
  return text ? TaskId::parse(*text) : std::nullopt;
}

Status QueryReader::status() const {
  if (faults_.empty()) return {};
  return invalid_fields(faults_);
}

Result<TaskId> task_in_path(const Request& request) {
  const std::optional<TaskId> id = TaskId::parse(request.path_values.front());
  if (!id) return Error{ErrorCode::kNotFound, "Task not found"};
  return *id;
}

Result<std::int64_t> number_in_path(const Request& request, std::string_view what) {
  const std::optional<std::int64_t> id = whole_number(request.path_values.back());
  if (!id) return Error{ErrorCode::kNotFound, std::string{what}};
  return *id;
}

Result<ItemName> item_in_path(const Request& request, ItemIdType type, std::string_view what) {
  if (type == ItemIdType::kText) {
    const std::string& key = request.path_values.back();
    return is_item_key(key) ? Result<ItemName>(ItemName{key})
                            : Error{ErrorCode::kNotFound, std::string{what}};
  }
  const Result<std::int64_t> number = number_in_path(request, what);
  return number ? Result<ItemName>(ItemId{*number}) : number.error();
}

Result<boost::json::value> json_body(const Request& request) {
  return json_of(request.body);
}

Result<boost::json::value> json_of(std::string_view text) {
  Result<boost::json::value> body = parse_strict_json(text);
  if (body) return body;
  Error error = body.error();
  for (FieldFault& fault : error.faults) {
    if (fault.loc.empty() || fault.loc.front() != "body") fault.loc.insert(fault.loc.begin(), "body");
  }
  return error;
}

// Whoever misspells a field is told by a header; names that a header cannot carry are left out of it.
void tell_ignored(Response& response, std::span<const std::string> names) {
  constexpr std::size_t kMost = 20;
  std::string told;
  for (const std::string& name : names.first(std::min(names.size(), kMost))) {
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '-';
    };
    if (!name.empty() && std::all_of(name.begin(), name.end(), plain))
      told += (told.empty() ? "" : ", ") + name;
  }
  if (!told.empty()) response.headers.emplace_back("X-Ignored-Fields", std::move(told));
}

void tell_left_out(Response& response, app::ItemNames& names, std::span<const LeftOut> left_out) {
  constexpr std::size_t kMost = 50;
  std::string told;
  std::size_t untold = left_out.size();
  for (const LeftOut& one : left_out.first(std::min(left_out.size(), kMost))) {
    const std::string name = one.text.empty() ? names.in_words(one.item) : in_words(ItemName{one.text});
    if (!std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; })) continue;  // of a header
    told += (told.empty() ? "" : ", ") + name + " ";
    told += name_of(one.reason);
    --untold;
  }
  if (untold > 0) told += (told.empty() ? "" : ", ") + std::to_string(untold) + " more";
  if (!told.empty()) response.headers.emplace_back("X-Left-Out", std::move(told));
}

}  // namespace rankloop::http
