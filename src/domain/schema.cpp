// Records from JSON: every fault of all fields at once, then the columns.
#include "domain/schema.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>

#include "domain/derivation.h"
#include "domain/schema_plan.h"
#include "domain/strict_json.h"
#include "domain/text_words.h"

namespace rankloop {
namespace {

namespace json = boost::json;

constexpr std::size_t kParseBuffer = 4096;  // on the stack: a payload's tree rarely needs more

std::string_view view(json::string_view text) {
  return {text.data(), text.size()};
}

std::string key_text(std::string_view name) {
  std::string key;
  append_json_string(key, name);
  key += ':';
  return key;
}

json::value moment_text(FieldType type, WallTime now) {
  constexpr std::size_t kDayLength = 10;
  const std::string text = to_iso8601(now);
  return json::string(type == FieldType::kDate ? text.substr(0, kDayLength) : text);
}

void append_json_list(std::string& text, const std::vector<std::string>& words) {
  text += '[';
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += ',';
    append_json_string(text, words[i]);
  }
  text += ']';
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool holds(double left, Comparison op, double right) {
  switch (op) {
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessEqual:
      return left <= right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterEqual:
      return left >= right;
  }
  return false;
}

Comparison mirrored(Comparison op) {
  switch (op) {
    case Comparison::kLess:
      return Comparison::kGreater;
    case Comparison::kLessEqual:
      return Comparison::kGreaterEqual;
    case Comparison::kGreater:
      return Comparison::kLess;
    case Comparison::kGreaterEqual:
      return Comparison::kLessEqual;
    case Comparison::kEqual:
    case Comparison::kNotEqual:
      return op;
  }
  return op;
}

std::string_view symbol(Comparison op) {
  constexpr std::array<std::string_view, 6> kSymbols = {"==", "!=", "<", "<=", ">", ">="};
  return kSymbols[static_cast<std::size_t>(op)];
}

bool has_words(FieldType type) {
  return type == FieldType::kString || type == FieldType::kCategory || type == FieldType::kTags;
}

bool is_list(FieldType type) {
  return type == FieldType::kIntList || type == FieldType::kTags || type == FieldType::kVector;
}

std::vector<std::string> column_names(const Field& field) {
  if (has_words(field.type) || field.type == FieldType::kIntList || field.type == FieldType::kText) return {};
  if (field.type == FieldType::kPlace) return {field.name + ".lat", field.name + ".lon"};
  if (field.type != FieldType::kVector) return {field.name};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < field.size; ++i) names.push_back(field.name + "[" + std::to_string(i) + "]");
  return names;
}

bool is_part_of_field(std::string_view column) {
  return column.find_first_of(".[") != std::string_view::npos;
}

Schema::Schema() : Schema({}, {}, {}) {}

Schema::Schema(std::vector<Field> fields, std::vector<DerivedField> derived, std::vector<Check> checks,
               std::vector<std::string> texts, const ToldNames& told)
    : fields_(std::move(fields)),
      derived_(std::move(derived)),
      checks_(std::move(checks)),
      texts_(std::move(texts)) {
  auto plan = std::make_shared<Plan>();
  const auto add_column = [&](const std::string& name) {
    columns_.push_back(name);
    plan->columns.add(name);
    return columns_.size() - 1;
  };
  const auto column_of = [&](const std::string& name) {
    const auto found = plan->columns.find(name);
    assert(found);
    return found.value_or(0);
  };
  const auto add_word = [&](const std::string& name) {
    words_.push_back(name);
    plan->words.add(name);
    return words_.size() - 1;
  };
  for (const Field& each : fields_) {
    Plan::FieldStep& step = plan->fields.emplace_back();
    step.key = key_text(each.name);
    plan->members.add(each.name);
    if (has_words(each.type)) step.word = add_word(each.name);
    step.text = text(each.name);
    for (const std::string& name : column_names(each)) {
      const std::size_t column = add_column(name);
      if (!step.column) step.column = column;
    }
  }
  for (const DerivedField& each : derived_) {
    Plan::DerivedStep& step = plan->derived.emplace_back();
    step.key = key_text(each.name);
    plan->members.add(each.name);
    if (is_of_list(each.how)) {
      Plan::FieldStep& summarised = plan->fields[plan->members.find(each.of.front()).value_or(0)];
      if (!summarised.kept) summarised.kept = plan->kept++;
      step.kept = *summarised.kept;
    } else {
      step.left = column_of(each.of.front());
      step.right = column_of(each.of.back());
    }
    step.column = makes_words(each.how) ? add_word(each.name) : add_column(each.name);
  }
  for (const std::string& name : told.numbers) add_column(name);
  for (const std::string& name : told.words) add_word(name);
  for (const Check& each : checks_) {
    Plan::CheckStep& step = plan->checks.emplace_back();
    step.left = column_of(each.left);
    if (!each.right.empty()) step.right = column_of(each.right);
  }
  plan_ = std::move(plan);
}

std::optional<std::size_t> Schema::column(std::string_view name) const {
  return plan_->columns.find(name);
}

std::optional<std::size_t> Schema::word(std::string_view name) const {
  return plan_->words.find(name);
}

std::optional<std::size_t> Schema::text(std::string_view name) const {
  const auto found = std::ranges::find(texts_, name);
  return found == texts_.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - texts_.begin()));
}

const Field* Schema::field(std::string_view name) const {
  const auto found = plan_->members.find(name);
  return found && *found < fields_.size() ? &fields_[*found] : nullptr;
}

// A record on its way: its fields, then what is derived of them, then its checks.
class Schema::Plan::Assembly {
 public:
  Assembly(const Schema& schema, FaultList& faults)
      : schema_(schema), plan_(*schema.plan_), faults_(faults), kept_(plan_.kept) {
    record_.values.words.resize(schema.words_.size());
    record_.values.texts.resize(schema.texts_.size());
    record_.values.numbers.assign(schema.columns_.size(), kAbsent);
    record_.payload.reserve(24 * (schema.fields_.size() + schema.derived_.size()));
    record_.payload += '{';
  }

  void add_field(std::size_t i, const json::value& value) {
    const FieldStep& step = plan_.fields[i];
    begin_member(step.key);
    FieldValue read = read_field_value(schema_.fields_[i], value, faults_, record_.payload);
    std::vector<double>& numbers = record_.values.numbers;
    if (step.column && read.numbers.empty()) numbers[*step.column] = read.number;
    if (step.column) {
      std::copy(read.numbers.begin(), read.numbers.end(),
                numbers.begin() + static_cast<std::ptrdiff_t>(*step.column));
    }
    if (step.word) record_.values.words[*step.word] = read.words;
    if (step.text && read.words) record_.values.texts[*step.text] = words_of_text(read.words->front());
    if (step.kept) kept_[*step.kept] = std::move(read);
  }

  void derive(std::size_t i) {
    const DerivedField& made = schema_.derived_[i];
    if (makes_words(made.how))
      derive_words(made, plan_.derived[i]);
    else
      derive_number(made, plan_.derived[i]);
  }

  void check(std::size_t i) {
    const Check& check = schema_.checks_[i];
    const CheckStep& step = plan_.checks[i];
    const double left = record_.values.numbers[step.left];
    const double right = step.right ? record_.values.numbers[*step.right] : check.constant;
    if (std::isnan(left) || std::isnan(right) || holds(left, check.op, right)) return;
    faults_.add(check.left, check.message, "value_error");
  }

  Record finish() {
    record_.payload += '}';
    return std::move(record_);
  }

 private:
  void begin_member(const std::string& key) {
    if (record_.payload.size() > 1) record_.payload += ',';
    record_.payload += key;
  }

  void derive_words(const DerivedField& made, const DerivedStep& step) {
    Words& into = record_.values.words[step.column];
    into = is_of_list(made.how) ? words_in(kept_[step.kept])
                                : derived_words(made, record_.values.numbers[step.left]);
    if (!made.stored || !into) return;
    begin_member(step.key);
    if (makes_set(made.how))
      append_json_list(record_.payload, *into);
    else
      append_json_string(record_.payload, into->front());
  }

  void derive_number(const DerivedField& made, const DerivedStep& step) {
    std::vector<double>& numbers = record_.values.numbers;
    double number = is_of_list(made.how) ? summary_of(made, kept_[step.kept])
                                         : derived_number(made, numbers[step.left], numbers[step.right]);
    if (std::isinf(number)) {
      faults_.add(made.of.front(), "is too large to compute " + made.name + " from it", "value_error");
      number = kAbsent;
    }
    number += 0.0;  // -0.0 becomes 0
    numbers[step.column] = number;
    if (!made.stored || std::isnan(number)) return;
    begin_member(step.key);
    append_json_number(record_.payload, number);
  }

  const Schema& schema_;
  const Plan& plan_;
  FaultList& faults_;
  Record record_;
  std::vector<FieldValue> kept_;
};

Result<Record> Schema::Plan::assemble(const Schema& schema, std::span<const json::value* const> given,
                                      FaultList faults, std::optional<WallTime> now) {
  Assembly assembly(schema, faults);
  json::value moment;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Field& field = schema.fields_[i];
    const json::value* value = given[i];
    if (value != nullptr && value->is_null() && !field.required) value = nullptr;
    if (value == nullptr && field.preset) value = &*field.preset;
    if (value == nullptr && field.preset_now && now) value = &(moment = moment_text(field.type, *now));
    if (value != nullptr)
      assembly.add_field(i, *value);
    else if (field.required)
      faults.add(field.name, "is required", "missing");
  }
  for (std::size_t i = 0; i < schema.derived_.size(); ++i) assembly.derive(i);
  for (std::size_t i = 0; i < schema.checks_.size(); ++i) assembly.check(i);
  if (faults.size() > 0) return invalid_fields(faults.take());
  return assembly.finish();
}

Result<Record> Schema::check(const json::value& input, std::span<const std::string_view> loc,
                             std::span<const std::string_view> ignored, std::optional<WallTime> now) const {
  FaultList faults(loc);
  const json::object* object = input.if_object();
  if (object == nullptr) {
    faults.add({}, "should be a JSON object, not " + describe(input), "dict_type");
    return invalid_fields(faults.take());
  }
  std::vector<const json::value*> given(fields_.size(), nullptr);
  std::size_t unknown = 0;
  for (const json::key_value_pair& member : *object) {
    const std::string_view key = view(member.key());
    if (contains(ignored, key)) continue;
    const auto found = plan_->members.find(key);
    if (!found)
      ++unknown;
    else if (*found < given.size())
      given[*found] = &member.value();
  }
  Result<Record> record = Plan::assemble(*this, given, std::move(faults), now);
  if (record) record->unknown_fields = unknown;
  return record;
}

Result<Record> Schema::read(std::string_view payload) const {
  unsigned char buffer[kParseBuffer];
  json::monotonic_resource memory(buffer, sizeof buffer);
  const Result<json::value> value = parse_strict_json(payload, &memory);
  if (!value) return Error{ErrorCode::kDataLoss, "a stored payload cannot be read", value.error().message};
  Result<Record> record = check(*value, {});
  if (!record) {
    return Error{ErrorCode::kDataLoss, "a stored payload does not fit the domain", record.error().message};
  }
  return record;
}

Result<Record> Schema::patch(std::string_view payload, const json::value& changes,
                             std::span<const std::string_view> loc,
                             std::span<const std::string_view> ignored) const {
  const json::object* changed = changes.if_object();
  if (changed == nullptr) return check(changes, loc, ignored);
  Result<json::value> stored = parse_strict_json(payload);
  if (!stored || !stored->is_object()) {
    return Error{ErrorCode::kDataLoss, "a stored payload cannot be read",
                 stored ? "" : stored.error().message};
  }
  json::object& merged = stored->get_object();
  for (const json::key_value_pair& member : *changed) {
    if (!contains(ignored, view(member.key()))) merged.insert_or_assign(member.key(), member.value());
  }
  return check(*stored, loc);
}

}  // namespace rankloop
