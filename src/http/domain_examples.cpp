// Values for examples, field by field.
#include "http/domain_examples.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

#include "domain/field_value.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

constexpr double kUnbounded = 100;  // above the minimum of a number that has no maximum

bool is_whole(const Field& field) {
  return field.type == FieldType::kInt || field.type == FieldType::kIntList;
}

double within(const Field& field, double number) {
  const double least = field.minimum.value_or(is_whole(field) ? kSmallestInt : number);
  const double most = field.maximum.value_or(is_whole(field) ? kLargestInt : number);
  return std::clamp(number, std::min(least, most), most);
}

// A quarter of the way from the minimum to the maximum; people count from the minimum where there is none.
double number_for(const Field& field) {
  if (field.minimum && field.maximum) {
    const double number = *field.minimum + (*field.maximum - *field.minimum) / 4;
    return is_whole(field) ? within(field, std::ceil(number)) : number;
  }
  if (field.minimum) return is_whole(field) ? *field.minimum : *field.minimum + kUnbounded;
  return within(field, 1);
}

json::value number_value(const Field& field, double number) {
  if (is_whole(field)) return static_cast<std::int64_t>(number);
  return number;
}

json::value word_for(const Field& field) {
  return json::value(field.values.empty() ? "word" : field.values.front());
}

json::value tags_for(const Field& field) {
  json::array tags;
  const std::size_t count = std::clamp<std::size_t>(2, field.min_length, field.max_length);
  for (std::size_t i = 0; i < count; ++i) {
    if (field.values.empty())
      tags.emplace_back("word-" + std::to_string(i + 1));
    else if (i < field.values.size())
      tags.emplace_back(field.values[i]);
  }
  return tags;
}

json::value list_for(const Field& field) {
  const std::size_t count = std::clamp<std::size_t>(2, field.min_length, field.max_length);
  json::array list;
  for (std::size_t i = 0; i < count; ++i)
    list.push_back(number_value(field, within(field, number_for(field) + static_cast<double>(i % 2))));
  return list;
}

json::value text_for(const Field& field) {
  std::string text = "text";
  while (text.size() < field.min_length) text += " text";
  return json::value(text.substr(0, field.max_length));
}

json::value value_for(const Field& field) {
  if (field.preset) return *field.preset;
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kFloat:
      return number_value(field, number_for(field));
    case FieldType::kBool:
      return true;
    case FieldType::kDate:
    case FieldType::kTime: {
      const bool day = field.type == FieldType::kDate;
      const json::value preset = day ? "2026-12-01" : "2026-12-01T12:00:00Z";
      const double moment = day ? 20'788 : 20'788.5 * 86'400;  // that one
      const double allowed = within(field, moment);
      return allowed == moment ? preset : json::value(describe_bound(field.type, allowed));
    }
    case FieldType::kString:
    case FieldType::kText:
      return text_for(field);
    case FieldType::kIntList:
    case FieldType::kVector:
      return list_for(field);
    case FieldType::kCategory:
      return word_for(field);
    case FieldType::kTags:
      return tags_for(field);
    case FieldType::kPlace:
      return json::object{{"lat", 52.52}, {"lon", 13.405}};
  }
  return nullptr;
}

// The columns of `input`, whatever conditions it breaks.
std::optional<Record> read_free(const Schema& schema, const json::object& input) {
  const Schema free{{schema.fields().begin(), schema.fields().end()},
                    {schema.derived().begin(), schema.derived().end()},
                    {}};
  Result<Record> record = free.check(input, {});
  if (!record) return std::nullopt;
  return *std::move(record);
}

// Gives a numeric field the number nearest to `bound` for which `number <op> bound` holds.
void move_to(json::object& input, const Field& field, Comparison op, double bound) {
  double number = bound;
  if (op == Comparison::kLess) number = is_whole(field) ? std::ceil(bound) - 1 : bound - 1;
  if (op == Comparison::kGreater || op == Comparison::kNotEqual)
    number = is_whole(field) ? std::floor(bound) + 1 : bound + 1;
  if (op == Comparison::kLessEqual && is_whole(field)) number = std::floor(bound);
  if (op == Comparison::kGreaterEqual) number = std::ceil(bound);
  number = within(field, number);
  if (field.type == FieldType::kBool) {
    input[field.name] = number != 0;
  } else if (field.type == FieldType::kInt || field.type == FieldType::kFloat) {
    input[field.name] = number_value(field, number);
  }
}

// Moves what breaks a condition: its left side where that is a field, else its right side.
void keep_checks(const Schema& schema, json::object& input) {
  const auto record = read_free(schema, input);
  if (!record) return;
  for (const Check& check : schema.checks()) {
    const auto left = schema.column(check.left);
    const auto right = check.right.empty() ? std::nullopt : schema.column(check.right);
    if (!left || (!check.right.empty() && !right)) continue;
    const double bound = right ? record->values.numbers[*right] : check.constant;
    if (holds(record->values.numbers[*left], check.op, bound)) continue;
    if (const Field* field = schema.field(check.left)) {
      move_to(input, *field, check.op, bound);
    } else if (const Field* other = right ? schema.field(check.right) : nullptr) {
      move_to(input, *other, mirrored(check.op), record->values.numbers[*left]);
    }
  }
}

// Gives a field the words of the item that a rule compares it with.
void take_words(json::object& input, const Field& field, const Words& words) {
  if (!words || words->empty()) return;
  if (field.type == FieldType::kTags)
    input[field.name] = json::value_from(*words);
  else
    input[field.name] = words->front();
}

// Lets the rules pass the item, where they compare it with a field of the request.
void keep_rules(const Domain& domain, const json::object& item, json::object& input) {
  const auto offered = read_free(domain.candidates, item);
  const auto asked = read_free(domain.requests, input);
  if (!offered || !asked) return;
  for (const Rule& rule : domain.rules) {
    const RuleCondition& must = rule.must;
    if (must.left.side != Side::kItem || must.right.side != Side::kRequest) continue;
    const Field* field = domain.requests.field(must.right.name);
    if (field == nullptr) continue;
    if (must.of_words) {
      take_words(input, *field, offered->values.words[must.left.column]);
      continue;
    }
    const double value = offered->values.numbers[must.left.column];
    if (std::isnan(value) || holds(value, must.op, asked->values.numbers[must.right.column])) continue;
    move_to(input, *field, mirrored(must.op), value);
  }
}

json::object made_up(const Schema& schema) {
  json::object made;
  for (const Field& field : schema.fields()) {
    if (field.required || field.preset) made[field.name] = value_for(field);
  }
  return made;
}

// Conditions may lean on each other, so they are looked at more than once.
std::optional<json::object> checked(const Schema& schema, json::object input) {
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    if (schema.check(input, {})) return input;
    keep_checks(schema, input);
  }
  return std::nullopt;
}

}  // namespace

std::optional<json::object> item_example(const Domain& domain, const ExampleItem& existing) {
  json::object item;
  for (const Field& field : domain.items.fields()) {
    const json::value* value = existing.fields.if_contains(field.name);
    if (value != nullptr && (field.required || field.preset)) item[field.name] = *value;
  }
  if (!existing.fields.empty() && domain.items.check(item, {})) return item;
  return checked(domain.items, made_up(domain.items));
}

std::optional<json::object> request_example(const Domain& domain, const ExampleItem& existing) {
  json::object input = made_up(domain.requests);
  if (const auto item = item_example(domain, existing)) keep_rules(domain, *item, input);
  return checked(domain.requests, std::move(input));
}

}  // namespace rankloop::http
