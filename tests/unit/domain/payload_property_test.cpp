// What must hold for every record: its canonical payload reads back as the same record.
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/clock.h"
#include "domain/domain.h"
#include "domain/strict_json.h"
#include "support/checkout.h"

namespace rankloop {
namespace {

namespace json = boost::json;

double any_finite() {
  return *rc::gen::suchThat(
      rc::gen::map(rc::gen::arbitrary<std::pair<double, int>>(),
                   [](const auto& parts) { return std::ldexp(parts.first, parts.second % 200); }),
      [](double x) { return std::isfinite(x); });
}

std::string any_text(std::size_t longest) {
  const auto codes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 0x250));
  std::string text;
  for (const int code : codes) {
    if (text.size() + 2 > longest) break;
    if (code < 0x80)
      text += static_cast<char>(code);
    else
      text.append({static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))});
  }
  return text;
}

json::value any_word(const Field& field) {
  if (!field.values.empty()) return json::string(*rc::gen::elementOf(field.values));
  return json::string("w" + any_text(100));
}

// A value that the field takes.
json::value any_value(const Field& field) {
  switch (field.type) {
    case FieldType::kInt:
      return *rc::gen::inRange<std::int64_t>(static_cast<std::int64_t>(field.minimum.value_or(0)),
                                             2'147'483'647);
    case FieldType::kFloat: {
      const double x = any_finite();
      const double bounded = field.maximum ? std::fmod(x, *field.maximum) : x;
      return field.minimum ? std::abs(bounded) : bounded;
    }
    case FieldType::kBool:
      return *rc::gen::arbitrary<bool>();
    case FieldType::kDate:
    case FieldType::kTime: {
      const WallTime time{
          std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(-62135596800000, 253402300800000)}};
      const std::string text = to_iso8601(time);
      return json::string(field.type == FieldType::kDate ? text.substr(0, 10) : text);
    }
    case FieldType::kString:
    case FieldType::kText:
      return json::string(any_text(field.max_length));
    case FieldType::kCategory:
      return any_word(field);
    case FieldType::kTags: {
      json::array tags;
      for (int i = *rc::gen::inRange(0, 5); i > 0; --i) tags.push_back(any_word(field));
      return tags;
    }
    case FieldType::kVector: {
      json::array numbers;
      for (std::size_t i = 0; i < field.size; ++i) numbers.emplace_back(any_finite());
      return numbers;
    }
    case FieldType::kPlace:
      return json::object{{"lat", std::fmod(any_finite(), 90)}, {"lon", std::fmod(any_finite(), 180)}};
    case FieldType::kIntList:
      break;
  }
  const auto ages = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 131)));
  return json::array(ages.begin(), ages.end());
}

json::object any_input(const Schema& schema) {
  json::object input;
  for (const Field& field : schema.fields()) {
    if (field.required || *rc::gen::arbitrary<bool>()) input[field.name] = any_value(field);
  }
  if (input.contains("people_age")) input["people_num"] = input["people_age"].get_array().size();
  return input;
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) != std::isnan(b[i])) return false;
    if (!std::isnan(a[i]) && a[i] != b[i]) return false;
  }
  return true;
}

void reads_back(const Schema& schema) {
  const json::object input = any_input(schema);
  const auto record = schema.check(input, {});
  RC_ASSERT(record.ok());
  RC_ASSERT(record->unknown_fields == 0U);
  const auto again = schema.read(record->payload);
  RC_ASSERT(again.ok());
  RC_ASSERT(again->payload == record->payload);
  RC_ASSERT(same(again->values.numbers, record->values.numbers));
  const auto patched = schema.patch(record->payload, json::object{}, {});
  RC_ASSERT(patched.ok());
  RC_ASSERT(patched->payload == record->payload);
}

RC_GTEST_PROP(Payload, OfARequestReadsBackAsTheSameRecord, ()) {
  reads_back(default_domain()->requests);
}

RC_GTEST_PROP(Payload, OfAnItemReadsBackAsTheSameRecord, ()) {
  reads_back(default_domain()->items);
}

std::shared_ptr<const Domain> shop() {
  std::ifstream in(in_checkout("domain/shop.toml"));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return read_domain(text, "shop.toml").domain;
}

RC_GTEST_PROP(Payload, OfWordsPlacesAndVectorsReadsBackAsTheSameRecord, ()) {
  static const auto domain = shop();
  RC_ASSERT(domain != nullptr);
  reads_back(domain->requests);
  reads_back(domain->items);
}

RC_GTEST_PROP(Payload, DoesNotDependOnTheInputsOrder, ()) {
  const Schema& schema = default_domain()->requests;
  const json::object input = any_input(schema);
  json::object turned;
  for (auto member = input.end(); member != input.begin();) {
    --member;
    turned.emplace(member->key(), member->value());
  }
  RC_ASSERT(schema.check(input, {})->payload == schema.check(turned, {})->payload);
}

// A damaged input is refused at the field that was damaged, whatever else it holds.
RC_GTEST_PROP(Payload, OfADamagedInputIsRefusedAtItsField, ()) {
  const Schema& schema = default_domain()->requests;
  json::object input = any_input(schema);
  const auto at = *rc::gen::inRange<std::size_t>(0, schema.fields().size());
  const Field& field = schema.fields()[at];
  input[field.name] = json::object{{"not", "expected"}};
  const auto record = schema.check(input, {});
  RC_ASSERT(!record.ok());
  RC_ASSERT(record.error().faults.size() == 1U);
  RC_ASSERT(record.error().faults[0].loc == std::vector<std::string>{field.name});
}

}  // namespace
}  // namespace rankloop
