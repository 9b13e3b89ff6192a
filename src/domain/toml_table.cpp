// Takes keys out of a table and notes the faults.
#include "domain/toml_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "domain/closest_name.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop {
namespace {

constexpr std::size_t kShownBytes = 80;

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time of day";
    case toml::node_type::date_time:
      return "a moment";
    case toml::node_type::none:
      break;
  }
  return "nothing";
}

std::string should_be(std::string_view key, std::string_view what, const toml::node& node) {
  std::string message = std::string{key} + " should be ";
  message += what;
  message += ", not ";
  message += kind_of(node);
  return message;
}

}  // namespace

void FileFaults::add(FilePlace at, std::string message) {
  faults_.push_back({static_cast<int>(at.line), static_cast<int>(at.column), std::move(message)});
}

std::vector<DomainFault> FileFaults::in_file_order() && {
  std::stable_sort(faults_.begin(), faults_.end(), [](const DomainFault& a, const DomainFault& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::move(faults_);
}

FilePlace TomlTable::at(std::string_view key) const {
  const toml::node* found = table_->get(key);
  return found != nullptr ? found->source().begin : at_;
}

const toml::node* TomlTable::node(std::string_view key) {
  known_.push_back(key);
  return table_->get(key);
}

std::optional<std::string> TomlTable::text(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  const auto text = found->value_exact<std::string>();
  if (!text) fault(key, should_be(key, "a text", *found));
  return text;
}

std::optional<double> TomlTable::number(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  if (const auto whole = found->value_exact<std::int64_t>()) return static_cast<double>(*whole);
  const auto number = found->value_exact<double>();
  if (number && std::isfinite(*number)) return number;
  fault(key, number ? std::string{key} + " should be a finite number" : should_be(key, "a number", *found));
  return std::nullopt;
}

std::optional<std::size_t> TomlTable::count(std::string_view key) {
  constexpr std::int64_t kMost = 1 << 20;
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  const auto whole = found->value_exact<std::int64_t>();
  if (whole && *whole >= 0 && *whole <= kMost) return static_cast<std::size_t>(*whole);
  fault(key, std::string{key} + " should be a whole number from 0 to " + std::to_string(kMost));
  return std::nullopt;
}

std::optional<bool> TomlTable::flag(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  const auto flag = found->value_exact<bool>();
  if (!flag) fault(key, should_be(key, "true or false", *found));
  return flag;
}

std::vector<PlacedText> TomlTable::texts(std::string_view key) {
  std::vector<PlacedText> texts;
  const toml::node* found = node(key);
  if (found == nullptr) return texts;
  const auto take = [&](const toml::node& element) {
    if (const auto text = element.value_exact<std::string>())
      texts.push_back({*text, element.source().begin});
    else
      faults_->add(element.source().begin, should_be(key, "a text or a list of texts", element));
  };
  if (const toml::array* list = found->as_array()) {
    for (const toml::node& element : *list) take(element);
  } else {
    take(*found);
  }
  return texts;
}

std::vector<double> TomlTable::numbers(std::string_view key) {
  const toml::node* found = node(key);
  const toml::array* list = found == nullptr ? nullptr : found->as_array();
  std::vector<double> numbers;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto number = (*list)[i].value<double>();
    if (!number || !std::isfinite(*number) || (*list)[i].is_boolean()) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  std::vector<TomlTable> tables;
  const toml::node* found = node(key);
  if (found == nullptr) return tables;
  const toml::array* list = found->as_array();
  if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
    fault(key, std::string{key} + " should be written as [[...]] tables, one for each");
    return tables;
  }
  for (const toml::node& element : *list) {
    if (tables.size() == kMostTables) {
      faults_->add(element.source().begin, "more than " + std::to_string(kMostTables) + " of [[" +
                                               std::string{key} + "]]; this is one too many");
      break;
    }
    tables.emplace_back(*element.as_table(), element.source().begin, *faults_);
  }
  return tables;
}

std::string TomlTable::required_text(std::string_view key) {
  if (table_->get(key) == nullptr) {
    known_.push_back(key);
    if (!absent_) faults_->add(at_, std::string{key} + " is missing here");
    return {};
  }
  return text(key).value_or("");
}

TomlTable TomlTable::required_table(std::string_view key) {
  static const toml::table kNone;
  const toml::node* found = node(key);
  if (found == nullptr) {
    faults_->add(at_, "the table [" + std::string{key} + "] is missing");
  } else if (const toml::table* table = found->as_table()) {
    return TomlTable(*table, found->source().begin, *faults_);
  } else {
    fault(key, should_be(key, "a table", *found));
  }
  TomlTable none(kNone, at(key), *faults_);
  none.absent_ = true;
  return none;
}

void TomlTable::finish() {
  for (const auto& [key, value] : *table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    faults_->add(key.source().begin, "unknown key " + quoted(name) + suggestion(name, known_));
  }
}

std::string quoted(std::string_view name) {
  std::string text;
  append_json_string(text, utf8_prefix(name, kShownBytes));
  return text;
}

std::string suggestion(std::string_view wanted, std::span<const std::string_view> known) {
  if (wanted.size() > kShownBytes) return {};
  const auto closest = closest_name(wanted, known);
  return closest ? ", did you mean " + quoted(*closest) + "?" : "";
}

}  // namespace rankloop
